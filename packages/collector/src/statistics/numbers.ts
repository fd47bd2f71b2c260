import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { checkCounts, checkEnough, checkNumbers, StatisticsError } from './errors.js';
import type { Arm, Moments } from './types.js';

/** Φ(z) */
export const phi = (z: number): number => normalCdf(z, 0, 1);
/** Φ⁻¹(p) */
export const probit = (p: number): number => normalQuantile(p, 0, 1);

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
export const meanOf = (values: readonly number[]): number => sumOf(values) / values.length;

/** Sample variance (n − 1), two passes. */
export const varianceOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
};

/** Type-7 quantile of sorted values, as R and NumPy have it by default. */
export const quantileOf = (sorted: readonly number[], p: number): number => {
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (at - below) * (high - low);
};

export const ascending = (values: readonly number[]): number[] => [...values].sort((p, q) => p - q);

export const medianOf = (values: readonly number[]): number => quantileOf(ascending(values), 0.5);

/** Pearson's correlation; 0 when either side does not vary. */
export const correlationOf = (x: readonly number[], y: readonly number[]): number => {
  const mx = meanOf(x);
  const my = meanOf(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - mx;
    const dy = y[i]! - my;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
};

/**
 * Mean and sample variance of observations or of their sums.
 * @throws {StatisticsError} `TOO_FEW` below two; `BAD_SHAPE` for NaN; `BAD_COUNTS` for sums no sample can have
 */
export const summaryOf = (
  sample: readonly number[] | Moments,
): { n: number; mean: number; variance: number } => {
  if ('sum' in sample) {
    const { n, sum, squares } = sample;
    checkNumbers([n, sum, squares], 'moments');
    checkEnough(n, 2, 'observations');
    const centred = squares - (sum * sum) / n;
    if (centred < -1e-9 * Math.max(1, squares)) {
      throw new StatisticsError('BAD_COUNTS', 'the sum of squares is below sum² / n');
    }
    return { n, mean: sum / n, variance: Math.max(0, centred) / (n - 1) };
  }
  checkNumbers(sample, 'sample');
  checkEnough(sample.length, 2, 'observations');
  return { n: sample.length, mean: meanOf(sample), variance: varianceOf(sample) };
};

/** Observed share of an arm. @throws {StatisticsError} `BAD_COUNTS`, also without a trial */
export const shareOf = (arm: Arm): number => {
  checkCounts(arm.successes, arm.trials);
  if (arm.trials === 0) throw new StatisticsError('BAD_COUNTS', 'a share needs at least one trial');
  return arm.successes / arm.trials;
};
