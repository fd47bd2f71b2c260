import { bgNbdExpected, type BgNbd } from './bg-nbd.js';
import type { Customer } from './customers.js';
import { checkPositive, checkWhole, StatisticsError } from './errors.js';
import { gammaGammaExpected, type GammaGamma } from './gamma-gamma.js';

/**
 * Discounted value of a customer's future purchases over `steps` steps.
 * @param unitsPerStep units of the fit in one step. Required: 12 steps are a year only if it is 4.345 weeks; a
 *        well-known quick start took 30 and so valued six years
 * @param discountPerStep .01 is 1 % a step
 * @throws {StatisticsError} `UNIT_MISMATCH`, `BAD_SHAPE`, `BAD_RANGE`
 * Source: Fader, Hardie & Lee (2005), doi:10.1509/jmkr.2005.42.4.415
 */
export const customerLifetimeValue = ({
  purchases,
  spend,
  customer,
  steps,
  unitsPerStep,
  discountPerStep,
}: {
  purchases: BgNbd;
  spend: GammaGamma;
  customer: Customer;
  steps: number;
  unitsPerStep: number;
  discountPerStep: number;
}): number => {
  checkWhole(steps, 1, 'steps');
  checkPositive(unitsPerStep, 'unitsPerStep');
  if (!(discountPerStep > -1 && Number.isFinite(discountPerStep)))
    throw new StatisticsError('BAD_RANGE', `discountPerStep must exceed −1, got ${discountPerStep}`);
  const value = gammaGammaExpected(spend, customer);
  let sum = 0;
  let before = 0;
  for (let step = 1; step <= steps; step++) {
    const until = bgNbdExpected(purchases, step * unitsPerStep, customer);
    sum += (value * (until - before)) / (1 + discountPerStep) ** step;
    before = until;
  }
  return sum;
};
