import { meanOf } from './numbers.js';

export type Seasonality = 'additive' | 'multiplicative';

/** Centred moving average over one period; NaN where it does not reach. */
export const centredAverage = (y: readonly number[], period: number): number[] => {
  const half = Math.floor(period / 2);
  const edge = period % 2 === 0 ? 0.5 : 1;
  return y.map((_, i) => {
    if (i < half || i + half >= y.length) return NaN;
    let sum = 0;
    for (let j = -half; j <= half; j++) sum += (Math.abs(j) === half ? edge : 1) * y[i + j]!;
    return sum / period;
  });
};

/**
 * One value per phase of the period, phase 0 first: differences that add up to 0, or factors with mean 1.
 * Source: Kendall & Stuart (1983); R `decompose`
 */
export const classicalSeasons = (y: readonly number[], period: number, kind: Seasonality): number[] => {
  const trend = centredAverage(y, period);
  const phases = Array.from({ length: period }, (_, phase) => {
    const own: number[] = [];
    for (let i = phase; i < y.length; i += period) {
      if (!Number.isNaN(trend[i]!)) own.push(kind === 'additive' ? y[i]! - trend[i]! : y[i]! / trend[i]!);
    }
    return meanOf(own);
  });
  const mean = meanOf(phases);
  return phases.map((value) => (kind === 'additive' ? value - mean : value / mean));
};

/** |r_m| beyond its 90 % limit under no season: worth taking a season out. Source: Assimakopoulos & Nikolopoulos (2000). */
export const isSeasonal = (y: readonly number[], period: number): boolean => {
  if (period < 2 || y.length <= 2 * period) return false;
  const mean = meanOf(y);
  const total = y.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (total === 0) return false;
  const autocorrelation = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < y.length; i++) sum += (y[i]! - mean) * (y[i - lag]! - mean);
    return sum / total;
  };
  let squares = 0;
  for (let lag = 1; lag < period; lag++) squares += autocorrelation(lag) ** 2;
  return Math.abs(autocorrelation(period)) > 1.645 * Math.sqrt((1 + 2 * squares) / y.length);
};
