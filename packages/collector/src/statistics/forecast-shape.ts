import { checkEnough, checkNumbers, checkWhole } from './errors.js';
import { probit } from './numbers.js';
import type { Forecast } from './types.js';

export const Z80 = probit(0.9);
export const Z95 = probit(0.975);
/** Below two years of months no method tells season from noise. */
const FEWEST = 24;

/** Gaussian bands around a mean. */
export const gaussian = (mean: number[], se: number[], model: string): Forecast => ({
  mean,
  se,
  lo80: mean.map((value, i) => value - Z80 * se[i]!),
  hi80: mean.map((value, i) => value + Z80 * se[i]!),
  lo95: mean.map((value, i) => value - Z95 * se[i]!),
  hi95: mean.map((value, i) => value + Z95 * se[i]!),
  model,
});

/** Back from logs: medians become the forecast, bounds stay bounds. */
export const exponential = (logs: Forecast): Forecast => {
  const mean = logs.mean.map(Math.exp);
  return {
    mean,
    se: mean.map((value, i) => value * logs.se[i]!),
    lo80: logs.lo80.map(Math.exp),
    hi80: logs.hi80.map(Math.exp),
    lo95: logs.lo95.map(Math.exp),
    hi95: logs.hi95.map(Math.exp),
    model: `${logs.model}-log`,
  };
};

const change = (f: Forecast, by: (value: number, step: number) => number, scale: number[]): Forecast => ({
  mean: f.mean.map(by),
  se: f.se.map((value, step) => value * Math.abs(scale[step]!)),
  lo80: f.lo80.map(by),
  hi80: f.hi80.map(by),
  lo95: f.lo95.map(by),
  hi95: f.hi95.map(by),
  model: f.model,
});

/** Multiplies or shifts every step. */
export const times = (f: Forecast, factors: number[]): Forecast =>
  change(f, (value, step) => value * factors[step]!, factors);
export const plus = (f: Forecast, shifts: number[]): Forecast =>
  change(
    f,
    (value, step) => value + shifts[step]!,
    shifts.map(() => 1),
  );

/** @throws {StatisticsError} `TOO_FEW` below 24 values; `BAD_SHAPE`; `BAD_RANGE` */
export const checkSeries = (
  y: readonly number[],
  { period, horizon }: { period: number; horizon: number },
): void => {
  checkWhole(period, 1, 'period');
  checkWhole(horizon, 1, 'horizon');
  checkNumbers(y, 'y');
  checkEnough(y.length, FEWEST, 'values');
};
