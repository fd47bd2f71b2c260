import quantile from '@stdlib/stats-base-dists-beta-quantile';
import { checkCounts, checkLevel, StatisticsError } from './errors.js';
import type { Interval } from './types.js';

/**
 * Equal-tailed interval of a Beta(successes + a, failures + b) posterior; the default prior is Jeffreys'.
 * @param successes visitors who converted   @param trials visitors, ≥ successes
 * @returns posterior mean and bounds, each in 0…1
 * @throws {StatisticsError} `BAD_COUNTS`, `BAD_RANGE`
 * Source: Brown, Cai & DasGupta (2001), doi:10.1214/ss/1009213286
 */
export const betaInterval = (
  successes: number,
  trials: number,
  { a = 0.5, b = 0.5, level = 0.95 }: { a?: number; b?: number; level?: number } = {},
): Interval => {
  checkCounts(successes, trials);
  checkLevel(level);
  if (!(a > 0 && b > 0)) throw new StatisticsError('BAD_RANGE', 'a and b must be positive');
  const alpha = successes + a;
  const beta = trials - successes + b;
  const tail = (1 - level) / 2;
  return {
    value: alpha / (alpha + beta),
    lo: quantile(tail, alpha, beta),
    hi: quantile(1 - tail, alpha, beta),
  };
};
