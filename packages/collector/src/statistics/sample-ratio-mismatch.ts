import chiSquareCdf from '@stdlib/stats-base-dists-chisquare-cdf';
import { checkEnough, checkNumbers, checkSameLength, StatisticsError } from './errors.js';
import { sumOf } from './numbers.js';

const WARN = 0.01;
const BLOCK = 0.001;

/**
 * Was the traffic split as planned? Pearson's χ² of the exposures against their weights.
 * @param counts exposed visitors per arm   @param weights planned shares, on any common scale
 * @returns `warn` below p = .01, `block` below .001
 * @throws {StatisticsError} `TOO_FEW` below two arms; `BAD_SHAPE`; `BAD_COUNTS`; `BAD_RANGE` for a weight ≤ 0
 * Source: Fabijan et al. (2019), doi:10.1145/3292500.3330722
 */
export const sampleRatioMismatch = (
  counts: readonly number[],
  weights: readonly number[],
): { chi2: number; df: number; p: number; verdict: 'ok' | 'warn' | 'block' } => {
  checkSameLength(counts, weights, 'counts and weights');
  checkEnough(counts.length, 2, 'arms');
  checkNumbers(counts, 'counts');
  checkNumbers(weights, 'weights');
  if (counts.some((count) => count < 0))
    throw new StatisticsError('BAD_COUNTS', 'counts must not be negative');
  if (weights.some((weight) => weight <= 0))
    throw new StatisticsError('BAD_RANGE', 'weights must be positive');
  const total = sumOf(counts);
  const scale = total / sumOf(weights);
  const chi2 =
    total > 0
      ? counts.reduce((sum, count, i) => sum + (count - weights[i]! * scale) ** 2 / (weights[i]! * scale), 0)
      : 0;
  const df = counts.length - 1;
  const p = Math.max(0, 1 - chiSquareCdf(chi2, df));
  return { chi2, df, p, verdict: p < BLOCK ? 'block' : p < WARN ? 'warn' : 'ok' };
};
