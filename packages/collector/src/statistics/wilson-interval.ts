import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { checkCounts, checkLevel, StatisticsError } from './errors.js';
import type { Interval } from './types.js';

/**
 * Wilson score interval of a proportion: what the SQL views use, because SQL has no beta quantile.
 * @returns observed share and bounds, each in 0…1
 * @throws {StatisticsError} `BAD_COUNTS`, also without a trial; `BAD_RANGE`
 * Source: Wilson (1927), doi:10.1080/01621459.1927.10502953
 */
export const wilsonInterval = (successes: number, trials: number, level = 0.95): Interval => {
  checkCounts(successes, trials);
  checkLevel(level);
  if (trials === 0) throw new StatisticsError('BAD_COUNTS', 'a proportion needs at least one trial');
  const z = normalQuantile((1 + level) / 2, 0, 1);
  const z2 = z * z;
  const centre = successes + z2 / 2;
  const half = z * Math.sqrt((successes * (trials - successes)) / trials + z2 / 4);
  return {
    value: successes / trials,
    lo: Math.max(0, (centre - half) / (trials + z2)),
    hi: Math.min(1, (centre + half) / (trials + z2)),
  };
};
