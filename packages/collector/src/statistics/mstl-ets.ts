import { autoEts, stlEts } from './augurs.js';
import { StatisticsError } from './errors.js';
import { checkSeries, exponential } from './forecast-shape.js';
import type { Forecast } from './types.js';

/**
 * Forecast of a seasonal series: season by STL, the rest by the best exponential smoothing.
 * @param y equally spaced, at least 24   @param period without two whole periods, or with period 1, there is no season
 * @param log works on ln y: for seasons that grow with the level
 * @throws {StatisticsError} `TOO_FEW`, `BAD_SHAPE`, `NOT_CONVERGED`; `BAD_RANGE`, also for ln of a value ≤ 0
 * Source: Bandara, Hyndman & Bergmeir (2021), arXiv:2107.13462; Hyndman et al. (2008), Forecasting with
 * Exponential Smoothing; engine: augurs
 */
export const mstlEts = (
  y: readonly number[],
  { period, horizon, log = false }: { period: number; horizon: number; log?: boolean },
): Forecast => {
  checkSeries(y, { period, horizon });
  const forecast = (values: readonly number[]): Forecast =>
    period > 1 && values.length > 2 * period ? stlEts(values, period, horizon) : autoEts(values, horizon);
  if (!log) return forecast(y);
  if (y.some((value) => value <= 0)) throw new StatisticsError('BAD_RANGE', 'logs need positive values');
  return exponential(forecast(y.map(Math.log)));
};
