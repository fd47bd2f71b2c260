import { classicalSeasons, isSeasonal, type Seasonality } from './classical-seasons.js';
import { StatisticsError } from './errors.js';
import { checkSeries, exponential, gaussian, plus, times } from './forecast-shape.js';
import { meanOf } from './numbers.js';
import type { Forecast } from './types.js';

/** Sum of squared one-step errors at α, with the start level that makes it least: the errors are linear in it. */
const smoothing = (y: readonly number[], alpha: number): { sse: number; level: number } => {
  let fromData = 0;
  let fromStart = 1;
  let ee = 0;
  let es = 0;
  let ss = 0;
  for (const value of y) {
    const error = value - fromData;
    ee += error * error;
    es += error * fromStart;
    ss += fromStart * fromStart;
    fromData += alpha * error;
    fromStart *= 1 - alpha;
  }
  const start = es / ss;
  return { sse: Math.max(0, ee - es * start), level: fromData + fromStart * start };
};

/** α in [0.0001, 0.9999] by a grid, then by golden section around its best cell. */
const bestAlpha = (y: readonly number[]): number => {
  const sse = (alpha: number): number => smoothing(y, alpha).sse;
  const clamp = (alpha: number): number => Math.min(0.9999, Math.max(0.0001, alpha));
  let best = 0;
  for (let i = 1; i <= 40; i++) if (sse(clamp(i / 40)) < sse(clamp(best / 40))) best = i;
  let low = clamp((best - 1) / 40);
  let high = clamp((best + 1) / 40);
  const golden = (Math.sqrt(5) - 1) / 2;
  while (high - low > 1e-6) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (sse(left) <= sse(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
};

const slopeOf = (y: readonly number[]): number => {
  const middle = (y.length - 1) / 2;
  const mean = meanOf(y);
  let xy = 0;
  let xx = 0;
  for (const [i, value] of y.entries()) {
    xy += (i - middle) * (value - mean);
    xx += (i - middle) ** 2;
  }
  return xy / xx;
};

/** Simple exponential smoothing with half the slope of the whole series as drift. */
const withoutSeason = (y: readonly number[], horizon: number): Forecast => {
  const n = y.length;
  const alpha = bestAlpha(y);
  const { sse, level } = smoothing(y, alpha);
  const drift = slopeOf(y) / 2;
  const sigma = Math.sqrt(sse / (n - 2));
  const reached = (1 - (1 - alpha) ** n) / alpha;
  return gaussian(
    Array.from({ length: horizon }, (_, h) => level + drift * (h + reached)),
    Array.from({ length: horizon }, (_, h) => sigma * Math.sqrt(1 + h * alpha * alpha)),
    'theta',
  );
};

/** Season out, forecast, season in again; no season when it is not significant or cannot be a factor. */
export const deseasonalised = (
  y: readonly number[],
  { period, horizon }: { period: number; horizon: number },
  kind: Seasonality,
  forecaster: (y: readonly number[], horizon: number) => Forecast,
): Forecast => {
  if (!isSeasonal(y, period)) return forecaster(y, horizon);
  const seasons = classicalSeasons(y, period, kind);
  const ahead = Array.from({ length: horizon }, (_, h) => seasons[(y.length + h) % period]!);
  if (kind === 'additive') {
    return plus(
      forecaster(
        y.map((value, i) => value - seasons[i % period]!),
        horizon,
      ),
      ahead,
    );
  }
  if (seasons.some((factor) => !(factor > 1e-4))) return forecaster(y, horizon);
  return times(
    forecaster(
      y.map((value, i) => value / seasons[i % period]!),
      horizon,
    ),
    ahead,
  );
};

/**
 * Forecast by the Theta method: hard to beat on short business series.
 * @param y equally spaced, at least 24   @param period 12 for months, 1 for none   @param log works on ln y
 * @returns per step: forecast, standard error, 80 and 95 % bounds
 * @throws {StatisticsError} `TOO_FEW`, `BAD_SHAPE`; `BAD_RANGE`, also for ln of a value ≤ 0
 * Source: Assimakopoulos & Nikolopoulos (2000), doi:10.1016/S0169-2070(00)00066-2; as SES with drift: Hyndman &
 * Billah (2003), doi:10.1016/S0169-2070(01)00143-1
 */
export const theta = (
  y: readonly number[],
  { period, horizon, log = false }: { period: number; horizon: number; log?: boolean },
): Forecast => {
  checkSeries(y, { period, horizon });
  if (log) {
    if (y.some((value) => value <= 0)) throw new StatisticsError('BAD_RANGE', 'logs need positive values');
    return exponential(deseasonalised(y.map(Math.log), { period, horizon }, 'additive', withoutSeason));
  }
  const kind = y.every((value) => value > 0) ? 'multiplicative' : 'additive';
  return deseasonalised(y, { period, horizon }, kind, withoutSeason);
};
