import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { checkLevel } from './errors.js';
import { summaryOf } from './numbers.js';
import type { Interval, Moments } from './types.js';

/**
 * Do two means differ, whatever their variances?
 * @param first observations, or their count, sum and sum of squares
 * @returns t and `difference` = first − second; `p` two-sided; `pOneSided` is small when second > first
 * @throws {StatisticsError} `TOO_FEW` below two observations; `BAD_SHAPE`, `BAD_RANGE`
 * Source: Welch (1947), doi:10.1093/biomet/34.1-2.28
 */
export const welchTest = (
  first: readonly number[] | Moments,
  second: readonly number[] | Moments,
  level = 0.95,
): { t: number; df: number; p: number; pOneSided: number; difference: Interval } => {
  checkLevel(level);
  const a = summaryOf(first);
  const b = summaryOf(second);
  const va = a.variance / a.n;
  const vb = b.variance / b.n;
  const se = Math.sqrt(va + vb);
  const value = a.mean - b.mean;
  // without any spread the test is settled: equal, or different beyond doubt
  const df = se > 0 ? (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1)) : a.n + b.n - 2;
  const t = se > 0 ? value / se : value === 0 ? 0 : Math.sign(value) * Infinity;
  const half = se > 0 ? tQuantile((1 + level) / 2, df) * se : 0;
  return {
    t,
    df,
    p: 2 * tCdf(-Math.abs(t), df),
    pOneSided: tCdf(t, df),
    difference: { value, lo: value - half, hi: value + half },
  };
};
