import { checkLevel, checkPositive, StatisticsError } from './errors.js';
import { probit } from './numbers.js';

/** What `minimumSample` rounds up: visitors per arm for rates `base` and `raised`. */
export const exactSample = (
  base: number,
  raised: number,
  { alpha, power }: { alpha: number; power: number },
): number => {
  const mean = (base + raised) / 2;
  const spread =
    probit(1 - alpha / 2) * Math.sqrt(2 * mean * (1 - mean)) +
    probit(power) * Math.sqrt(base * (1 - base) + raised * (1 - raised));
  return (spread / (base - raised)) ** 2;
};

/**
 * Visitors per arm that a two-sided test of two rates needs, and how long they take to come.
 * @param base rate of the control, 0…1   @param relativeEffect smallest effect worth having: .3 is +30 %
 * @param perDay visitors a day in both arms together
 * @returns whole visitors and whole days, rounded up; `days` null without `perDay`
 * @throws {StatisticsError} `BAD_RANGE`, also when the effect leads out of 0…1
 * Source: Fleiss, Levin & Paik (2003), eq. 4.14; R `power.prop.test`
 */
export const minimumSample = ({
  base,
  relativeEffect,
  alpha = 0.05,
  power = 0.8,
  perDay,
}: {
  base: number;
  relativeEffect: number;
  alpha?: number | undefined;
  power?: number | undefined;
  perDay?: number | undefined;
}): { perArm: number; days: number | null } => {
  checkLevel(base, 'base');
  checkLevel(alpha, 'alpha');
  checkLevel(power, 'power');
  if (perDay !== undefined) checkPositive(perDay, 'perDay');
  const raised = base * (1 + relativeEffect);
  if (!(raised > 0 && raised < 1) || relativeEffect === 0) {
    throw new StatisticsError('BAD_RANGE', `relativeEffect must lead to another rate in 0…1, got ${raised}`);
  }
  const perArm = Math.ceil(exactSample(base, raised, { alpha, power }));
  return { perArm, days: perDay === undefined ? null : Math.ceil((2 * perArm) / perDay) };
};
