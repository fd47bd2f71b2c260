import { checkEnough, checkNumbers, checkSameLength, checkWhole, StatisticsError } from './errors.js';
import { ascending, meanOf, phi, quantileOf } from './numbers.js';
import type { Forecast } from './types.js';

/** Continuous ranked probability score of a normal forecast. Gneiting & Raftery (2007), doi:10.1198/016214506000001437 */
const normalCrps = (y: number, mean: number, se: number): number => {
  if (se === 0) return Math.abs(y - mean);
  const z = (y - mean) / se;
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  return se * (z * (2 * phi(z) - 1) + 2 * density - 1 / Math.sqrt(Math.PI));
};

/** E|X − y| − ½E|X − X′| over the draws. */
const drawsCrps = (y: number, sorted: readonly number[]): number => {
  const n = sorted.length;
  let spread = 0;
  for (const [i, value] of sorted.entries()) spread += (2 * i - n + 1) * value;
  return sorted.reduce((sum, value) => sum + Math.abs(value - y), 0) / n - spread / (n * n);
};

interface Step {
  mean: number;
  crps: number;
  within80: boolean;
  within95: boolean;
}

const fromDraws = (actual: readonly number[], draws: readonly (readonly number[])[]): Step[] => {
  checkEnough(draws.length, 1, 'draws');
  for (const draw of draws) {
    checkSameLength(draw, actual, 'actual and every draw');
    checkNumbers(draw, 'draws');
  }
  return actual.map((y, h) => {
    const sorted = ascending(draws.map((draw) => draw[h]!));
    const within = (p: number): boolean =>
      y >= quantileOf(sorted, (1 - p) / 2) && y <= quantileOf(sorted, (1 + p) / 2);
    return {
      mean: meanOf(sorted),
      crps: drawsCrps(y, sorted),
      within80: within(0.8),
      within95: within(0.95),
    };
  });
};

const fromForecast = (actual: readonly number[], f: Forecast): Step[] => {
  checkSameLength(actual, f.mean, 'actual and forecast');
  return actual.map((y, h) => ({
    mean: f.mean[h]!,
    crps: normalCrps(y, f.mean[h]!, f.se[h]!),
    within80: y >= f.lo80[h]! && y <= f.hi80[h]!,
    within95: y >= f.lo95[h]! && y <= f.hi95[h]!,
  }));
};

/**
 * How good was a forecast?
 * @param actual what came   @param f the forecast, or draws: one path of the whole horizon each
 * @param insample the values it was made from   @param period of the naive forecast that MASE divides by
 * @returns `smape` in percent (0…200), `mase` and `wape` as ratios, `crps` in the unit of y, coverage as shares
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_RANGE`; `TOO_FEW` when insample is no longer than a period
 * Source: Hyndman & Koehler (2006), doi:10.1016/j.ijforecast.2006.03.001; sMAPE as the M3 competition has it
 */
export const forecastScores = (
  actual: readonly number[],
  f: Forecast | { draws: readonly (readonly number[])[] },
  { insample, period }: { insample: readonly number[]; period: number },
): {
  smape: number;
  mase: number;
  wape: number;
  crps: number;
  coverage80: number;
  coverage95: number;
} => {
  checkWhole(period, 1, 'period');
  checkNumbers(actual, 'actual');
  checkNumbers(insample, 'insample');
  checkEnough(actual.length, 1, 'values');
  checkEnough(insample.length, period + 1, 'values before');
  const steps = 'draws' in f ? fromDraws(actual, f.draws) : fromForecast(actual, f);
  const errors = steps.map((step, h) => Math.abs(actual[h]! - step.mean));
  const naive = meanOf(insample.slice(period).map((value, i) => Math.abs(value - insample[i]!)));
  const weight = actual.reduce((sum, value) => sum + Math.abs(value), 0);
  const total = errors.reduce((sum, error) => sum + error, 0);
  if (steps.some((step) => Number.isNaN(step.mean)))
    throw new StatisticsError('BAD_SHAPE', 'the forecast must be numbers');
  return {
    smape: meanOf(
      errors.map((error, h) => {
        const size = Math.abs(actual[h]!) + Math.abs(steps[h]!.mean);
        return size > 0 ? (200 * error) / size : 0;
      }),
    ),
    // 0 / 0: a perfect forecast of a series that never moved is as good as the naive one
    mase: naive > 0 ? meanOf(errors) / naive : total === 0 ? 0 : Infinity,
    wape: weight > 0 ? total / weight : total === 0 ? 0 : Infinity,
    crps: meanOf(steps.map((step) => step.crps)),
    coverage80: meanOf(steps.map((step) => Number(step.within80))),
    coverage95: meanOf(steps.map((step) => Number(step.within95))),
  };
};
