import negativeBinomial from '@stdlib/stats-base-dists-negative-binomial-quantile';
import poisson from '@stdlib/stats-base-dists-poisson-quantile';
import { checkLevel, checkNumbers, StatisticsError } from './errors.js';

/**
 * Band in which the next count is expected: negative binomial by moments, Poisson when the variance does not exceed
 * the mean.
 * @param history earlier counts of the same window, at least two   @param level each bound is passed with probability 1 − level:
 * the rule that alarms asks about one side at a time
 * @returns counts; `size` is Infinity for Poisson
 * @throws {StatisticsError} `TOO_FEW`, `BAD_COUNTS`, `BAD_SHAPE`, `BAD_RANGE`
 */
export const negativeBinomialBand = (
  history: readonly number[],
  level = 0.999,
): { lo: number; hi: number; mean: number; size: number } => {
  checkLevel(level);
  if (history.length < 2) throw new StatisticsError('TOO_FEW', 'a band needs two earlier counts');
  checkNumbers(history, 'history');
  if (history.some((count) => count < 0))
    throw new StatisticsError('BAD_COUNTS', 'counts must not be negative');
  const mean = history.reduce((sum, count) => sum + count, 0) / history.length;
  const variance = history.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (history.length - 1);
  const tail = 1 - level;
  if (mean === 0) return { lo: 0, hi: 0, mean, size: Infinity };
  if (variance <= mean) return { lo: poisson(tail, mean), hi: poisson(1 - tail, mean), mean, size: Infinity };
  const size = (mean * mean) / (variance - mean);
  const p = size / (size + mean);
  return { lo: negativeBinomial(tail, size, p), hi: negativeBinomial(1 - tail, size, p), mean, size };
};
