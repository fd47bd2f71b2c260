import { autoEts } from './augurs.js';
import { StatisticsError } from './errors.js';
import { checkSeries, gaussian } from './forecast-shape.js';
import { mstlEts } from './mstl-ets.js';
import { deseasonalised, theta } from './theta.js';
import type { Forecast } from './types.js';

interface Member {
  weight: number;
  forecast: () => Forecast;
}

const attempt = ({ weight, forecast }: Member): { weight: number; forecast: Forecast }[] => {
  try {
    return [{ weight, forecast: forecast() }];
  } catch (error) {
    if (error instanceof StatisticsError) return [];
    throw error;
  }
};

/**
 * Mean of four forecasts that fail differently: Theta, Theta on logs, MSTL + ETS on logs, ETS on deseasonalised data,
 * weighted 2 : 2 : 1 : 1. A member that cannot be fitted drops out.
 * @param y equally spaced, at least 24
 * @returns bounds from the members' mean standard error, never below 0 for a series that never was
 * @throws {StatisticsError} `TOO_FEW`, `BAD_SHAPE`, `BAD_RANGE`; `NOT_CONVERGED` when no member can be fitted
 * Source: Bates & Granger (1969), doi:10.1057/jors.1969.103; Makridakis, Spiliotis & Assimakopoulos (2020),
 * doi:10.1016/j.ijforecast.2019.04.014 for combinations
 */
export const forecastEnsemble = (
  y: readonly number[],
  { period, horizon }: { period: number; horizon: number },
): Forecast => {
  const options = { period, horizon };
  checkSeries(y, options);
  const kind = y.every((value) => value > 0) ? 'multiplicative' : 'additive';
  const members = [
    { weight: 2, forecast: () => theta(y, options) },
    { weight: 2, forecast: () => theta(y, { ...options, log: true }) },
    { weight: 1, forecast: () => mstlEts(y, { ...options, log: true }) },
    { weight: 1, forecast: () => deseasonalised(y, options, kind, autoEts) },
  ].flatMap(attempt);
  const total = members.reduce((sum, member) => sum + member.weight, 0);
  if (total === 0) throw new StatisticsError('NOT_CONVERGED', 'no member could be fitted');
  const steps = Array.from({ length: horizon }, (_, h) => h);
  const mixed = (of: (forecast: Forecast, h: number) => number): number[] =>
    steps.map((h) => members.reduce((sum, m) => sum + (m.weight / total) * of(m.forecast, h), 0));
  const mean = mixed((forecast, h) => forecast.mean[h]!);
  const se = mixed((forecast, h) => forecast.se[h]!);
  const whole = gaussian(mean, se, 'ensemble');
  if (y.some((value) => value < 0)) return whole;
  const floor = (values: number[]): number[] => values.map((value) => Math.max(0, value));
  return { ...whole, mean: floor(mean), lo80: floor(whole.lo80), lo95: floor(whole.lo95) };
};
