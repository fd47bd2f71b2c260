import { centredAverage, classicalSeasons, type Seasonality } from './classical-seasons.js';
import { checkEnough, checkNumbers, checkWhole, StatisticsError } from './errors.js';
import { gaussian } from './forecast-shape.js';
import { nelderMead } from './nelder-mead.js';
import { varianceOf } from './numbers.js';
import type { Forecast } from './types.js';

interface State {
  level: number;
  trend: number;
  seasons: number[];
}

/** Level and trend from a line through the classical trend of the first two periods, seasons from the same stretch. */
const startOf = (y: readonly number[], period: number, kind: Seasonality): State => {
  const begin = y.slice(0, 2 * period);
  const known = centredAverage(begin, period).filter((value) => !Number.isNaN(value));
  const middle = (known.length + 1) / 2;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  let xy = 0;
  let xx = 0;
  for (const [i, value] of known.entries()) {
    xy += (i + 1 - middle) * (value - mean);
    xx += (i + 1 - middle) ** 2;
  }
  const trend = xx > 0 ? xy / xx : 0;
  return { level: mean - trend * middle, trend, seasons: classicalSeasons(begin, period, kind) };
};

/** One pass over the series; errors from the second period on. */
const filter = (
  y: readonly number[],
  period: number,
  kind: Seasonality,
  start: State,
  [alpha, beta, gamma]: readonly [number, number, number],
): State & { errors: number[] } => {
  let { level, trend } = start;
  const seasons = [...start.seasons];
  const errors: number[] = [];
  for (let t = period; t < y.length; t++) {
    const value = y[t]!;
    const phase = t % period;
    const season = seasons[phase]!;
    const ahead = level + trend;
    errors.push(value - (kind === 'additive' ? ahead + season : ahead * season));
    const before = level;
    level = alpha * (kind === 'additive' ? value - season : value / season) + (1 - alpha) * ahead;
    trend = beta * (level - before) + (1 - beta) * trend;
    seasons[phase] = gamma * (kind === 'additive' ? value - level : value / level) + (1 - gamma) * season;
  }
  return { level, trend, seasons, errors };
};

const sumOfSquares = (errors: readonly number[]): number =>
  errors.reduce((sum, error) => sum + error * error, 0);

/** Onto 0…1, both ends reachable: a logistic curve would never arrive at 1. */
const unit = (u: number): number => Math.sin((Math.PI * u) / 2) ** 2;
const inverseUnit = (p: number): number => (2 / Math.PI) * Math.asin(Math.sqrt(p));

/**
 * Forecast by exponential smoothing of level, trend and season.
 * @param y equally spaced, more than two periods; positive for `multiplicative`
 * @returns also the smoothing parameters and the sum of squared errors from the second period on
 * @throws {StatisticsError} `TOO_FEW`, `BAD_SHAPE`, `NOT_CONVERGED`; `BAD_RANGE`, also for a multiplicative season of
 *         values ≤ 0
 * Source: Winters (1960), doi:10.1287/mnsc.6.3.324; start values and variances as R `HoltWinters`
 */
export const holtWinters = (
  y: readonly number[],
  { period, horizon, kind }: { period: number; horizon: number; kind: Seasonality },
): Forecast & { alpha: number; beta: number; gamma: number; sse: number } => {
  checkWhole(period, 2, 'period');
  checkWhole(horizon, 1, 'horizon');
  checkNumbers(y, 'y');
  checkEnough(y.length, 2 * period + 1, 'values');
  if (kind === 'multiplicative' && y.some((value) => value <= 0))
    throw new StatisticsError('BAD_RANGE', 'a multiplicative season needs positive values');
  const start = startOf(y, period, kind);
  const lossOf = (at: number[]): number => {
    const [alpha, beta, gamma] = at.map(unit) as [number, number, number];
    return sumOfSquares(filter(y, period, kind, start, [alpha, beta, gamma]).errors);
  };
  // from R's start and from slower and quicker ones: the surface has several valleys
  const starts = [
    [0.3, 0.1, 0.1],
    [0.5, 0.01, 0.5],
    [0.2, 0.03, 0.8],
    [0.8, 0.05, 0.2],
  ];
  const best = starts
    .map((from) => nelderMead(lossOf, from.map(inverseUnit), { step: 0.15, tolerance: 1e-12 }))
    .reduce((p, q) => (q.value < p.value ? q : p));
  const [alpha, beta, gamma] = best.at.map(unit) as [number, number, number];
  const { level, trend, seasons, errors } = filter(y, period, kind, start, [alpha, beta, gamma]);
  const ahead = (h: number): number => seasons[(y.length + h) % period]!;
  const psi = (j: number): number =>
    j === 0 ? 1 : alpha * (1 + j * beta) + (j % period === 0 ? gamma * (1 - alpha) : 0);
  const variance = errors.length > 1 ? varianceOf(errors) : 0;
  const mean = Array.from({ length: horizon }, (_, h) => {
    const line = level + (h + 1) * trend;
    return kind === 'additive' ? line + ahead(h) : line * ahead(h);
  });
  const se = mean.map((_, h) => {
    let sum = 0;
    for (let j = 0; j <= h; j++)
      sum +=
        (psi(j) *
          (kind === 'additive' ? 1 : ahead(h) / seasons[(y.length + h - j + period * j) % period]!)) **
        2;
    return Math.sqrt(variance * sum);
  });
  return { ...gaussian(mean, se, `holt-winters-${kind}`), alpha, beta, gamma, sse: best.value };
};
