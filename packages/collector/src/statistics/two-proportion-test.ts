import { checkLevel } from './errors.js';
import { phi, probit, shareOf } from './numbers.js';
import type { Arm, Interval } from './types.js';

const twoSided = (z: number): number => 2 * phi(-Math.abs(z));
/** 0/0 is no difference, not an error: two arms without a single success are equal. */
const ratio = (difference: number, se: number): number =>
  difference === 0 ? 0 : se > 0 ? difference / se : Math.sign(difference) * Infinity;

/**
 * Do two rates differ? Wald's z with the pooled and with the unpooled variance.
 * @returns `difference` = first − second with its unpooled interval; p two-sided
 * @throws {StatisticsError} `BAD_COUNTS`, also for an arm without trials; `BAD_RANGE`
 * Source: Fleiss, Levin & Paik (2003), ch. 3; R `prop.test(correct = FALSE)` has z² = zPooled²
 */
export const twoProportionTest = (
  first: Arm,
  second: Arm,
  level = 0.95,
): {
  difference: Interval;
  zPooled: number;
  pPooled: number;
  zUnpooled: number;
  pUnpooled: number;
} => {
  checkLevel(level);
  const p1 = shareOf(first);
  const p2 = shareOf(second);
  const value = p1 - p2;
  const pooled = (first.successes + second.successes) / (first.trials + second.trials);
  const sePooled = Math.sqrt(pooled * (1 - pooled) * (1 / first.trials + 1 / second.trials));
  const se = Math.sqrt((p1 * (1 - p1)) / first.trials + (p2 * (1 - p2)) / second.trials);
  const half = probit((1 + level) / 2) * se;
  const zPooled = ratio(value, sePooled);
  const zUnpooled = ratio(value, se);
  return {
    difference: { value, lo: value - half, hi: value + half },
    zPooled,
    pPooled: twoSided(zPooled),
    zUnpooled,
    pUnpooled: twoSided(zUnpooled),
  };
};
