import { checkNumbers, checkWhole, StatisticsError } from './errors.js';
import { Z80, Z95 } from './forecast-shape.js';
import { ascending } from './numbers.js';
import type { Forecast } from './types.js';

const MOST_ORIGINS = 10;

/** Factor of `se` that held the share p of the past: rank ⌈(N + 1)p⌉ of the scores, never below the normal quantile. */
const factorOf = (sorted: readonly number[], p: number, normal: number): number =>
  sorted.length === 0
    ? normal
    : Math.max(normal, sorted[Math.min(sorted.length, Math.ceil((sorted.length + 1) * p)) - 1]!);

/** Any forecast of this room, with its options bound. */
export type Forecaster = (y: readonly number[], horizon: number) => Forecast;

/**
 * How far the past lay from what would have been forecast, in standard errors of that forecast: from up to ten origins,
 * the newest whose whole horizon is known; where the series is too short for ten, from every one it has.
 */
export const pastScores = (y: readonly number[], forecaster: Forecaster, horizon: number): number[] => {
  const scores: number[] = [];
  for (let back = 0; back < MOST_ORIGINS; back++) {
    const origin = y.length - horizon - back;
    if (origin < 1) break;
    let past: Forecast;
    try {
      past = forecaster(y.slice(0, origin), horizon);
    } catch (error) {
      if (error instanceof StatisticsError) break;
      throw error;
    }
    for (let h = 0; h < horizon; h++) {
      if (past.se[h]! > 0) scores.push(Math.abs(y[origin + h]! - past.mean[h]!) / past.se[h]!);
    }
  }
  return scores;
};

/** What never was negative stays so: counts and money. */
export const floorOf = (y: readonly number[]): ((values: number[]) => number[]) =>
  y.every((value) => value >= 0) ? (values) => values.map((value) => Math.max(0, value)) : (values) => values;

/**
 * A forecast whose bounds are as wide as its own past errors were: it forecasts again from up to ten past origins and
 * scores |y − ŷ| / se.
 * @param forecaster any of this room, with its options bound
 * @throws {StatisticsError} what the forecaster throws for the whole series; `BAD_SHAPE`, `BAD_RANGE`
 * Source: Vovk, Gammerman & Shafer (2005); Stankevičiūtė, Alaa & van der Schaar (2021) for several steps ahead
 */
export const conformalIntervals = (
  y: readonly number[],
  forecaster: Forecaster,
  horizon: number,
): Forecast => {
  checkWhole(horizon, 1, 'horizon');
  checkNumbers(y, 'y');
  const forecast = forecaster(y, horizon);
  const sorted = ascending(pastScores(y, forecaster, horizon));
  const band = (factor: number, side: 1 | -1): number[] =>
    forecast.mean.map((mean, h) => mean + side * factor * forecast.se[h]!);
  const f80 = factorOf(sorted, 0.8, Z80);
  const f95 = Math.max(f80, factorOf(sorted, 0.95, Z95));
  const floor = floorOf(y);
  return {
    ...forecast,
    lo80: floor(band(f80, -1)),
    hi80: band(f80, 1),
    lo95: floor(band(f95, -1)),
    hi95: band(f95, 1),
    model: `${forecast.model}, conformal`,
  };
};
