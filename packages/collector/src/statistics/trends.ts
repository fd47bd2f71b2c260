import { checkEnough, checkLevel, checkNumbers } from './errors.js';
import { ascending, phi, probit, quantileOf } from './numbers.js';
import type { Interval } from './types.js';

/** Variance of Kendall's S for n points, corrected for equal values. */
const kendallVariance = (y: readonly number[]): number => {
  const n = y.length;
  const times = new Map<number, number>();
  for (const value of y) times.set(value, (times.get(value) ?? 0) + 1);
  let ties = 0;
  for (const t of times.values()) ties += t * (t - 1) * (2 * t + 5);
  return (n * (n - 1) * (2 * n + 5) - ties) / 18;
};

/**
 * Slope per step that no outlier can bend: the median of the slopes of all pairs.
 * @param y equally spaced values, at least three
 * @throws {StatisticsError} `TOO_FEW`, `BAD_SHAPE`, `BAD_RANGE`
 * Source: Sen (1968), doi:10.1080/01621459.1968.10480934; interval as SciPy's `theilslopes`
 */
export const theilSen = (y: readonly number[], level = 0.95): Interval => {
  checkLevel(level);
  checkNumbers(y, 'y');
  checkEnough(y.length, 3, 'values');
  const slopes: number[] = [];
  for (let i = 0; i < y.length; i++) {
    for (let j = i + 1; j < y.length; j++) slopes.push((y[j]! - y[i]!) / (j - i));
  }
  const sorted = ascending(slopes);
  const reach = probit((1 + level) / 2) * Math.sqrt(kendallVariance(y));
  const last = sorted.length - 1;
  const below = Math.max(0, Math.round((sorted.length - reach) / 2) - 1);
  const above = Math.min(last, Math.round((sorted.length + reach) / 2));
  return { value: quantileOf(sorted, 0.5), lo: sorted[below]!, hi: sorted[above]! };
};

/**
 * Is there a monotone trend?
 * @param y equally spaced values, at least three
 * @returns Kendall's S, its z with continuity correction, p two-sided
 * @throws {StatisticsError} `TOO_FEW`, `BAD_SHAPE`
 * Source: Mann (1945), doi:10.2307/1907187; Kendall (1975), tie correction
 */
export const mannKendall = (y: readonly number[]): { s: number; z: number; p: number } => {
  checkNumbers(y, 'y');
  checkEnough(y.length, 3, 'values');
  let s = 0;
  for (let i = 0; i < y.length; i++) {
    for (let j = i + 1; j < y.length; j++) s += Math.sign(y[j]! - y[i]!);
  }
  const variance = kendallVariance(y);
  const z = variance > 0 ? (s - Math.sign(s)) / Math.sqrt(variance) : 0;
  return { s, z, p: 2 * phi(-Math.abs(z)) };
};
