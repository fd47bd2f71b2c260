import gammaQuantile from '@stdlib/stats-base-dists-gamma-quantile';
import { checkLevel, checkNumbers, StatisticsError } from './errors.js';
import type { Interval } from './types.js';

/**
 * How much more often two options are chosen together than by chance; small counts are pulled towards 1.
 * @param n baskets with both   @param nX, nY baskets with each   @param baskets all
 * @returns posterior mean and interval of n / E, E = nX·nY / baskets; `raw` = n / E
 * @throws {StatisticsError} `BAD_COUNTS` unless n ≤ nX, nY ≤ baskets; `BAD_SHAPE`, `BAD_RANGE`
 * Source: Norén, Hopstadius & Bate (2013), doi:10.1177/0962280211403604 (Gamma(n + ½, E + ½))
 */
export const associationLift = ({
  n,
  nX,
  nY,
  baskets,
  level = 0.95,
}: {
  n: number;
  nX: number;
  nY: number;
  baskets: number;
  level?: number;
}): Interval & { raw: number } => {
  checkLevel(level);
  checkNumbers([n, nX, nY, baskets], 'counts');
  if (!(n >= 0 && n <= Math.min(nX, nY) && Math.max(nX, nY) <= baskets && nX > 0 && nY > 0)) {
    throw new StatisticsError(
      'BAD_COUNTS',
      `expected n ≤ nX, nY ≤ baskets, got ${n}, ${nX}, ${nY}, ${baskets}`,
    );
  }
  const expected = (nX * nY) / baskets;
  const shape = n + 0.5;
  const rate = expected + 0.5;
  const tail = (1 - level) / 2;
  return {
    value: shape / rate,
    lo: gammaQuantile(tail, shape, rate),
    hi: gammaQuantile(1 - tail, shape, rate),
    raw: n / expected,
  };
};
