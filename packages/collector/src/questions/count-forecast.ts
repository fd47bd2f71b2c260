import { forecastEnsemble, pooledIntervals, StatisticsError, type Forecast } from '../statistics/index.js';
import {
  FEWEST_BLOCKS,
  MOST_EMPTY,
  periodOf,
  quantilesOf,
  sharesOf,
  sumsOf,
  type HistoryForecast,
  type Point,
} from './history-forecast.js';
import { DAY_MS } from './intervals.js';

/** Weeks first; four of them where weeks are often empty. */
const BLOCK_WEEKS = [1, 4] as const;

/** Whole horizons behind 24 blocks: with fewer, nothing is known of what a wave over the year does to them. */
const FEWEST_ERRORS = 3;

export const sumBetween = (points: readonly Point[], from: number, to: number): number =>
  points.reduce((sum, { at, value }) => (at >= from && at < to ? sum + value : sum), 0);

/** Sum of the next days, as one step. Its error as if blocks erred alone: what the past says of it widens it. */
const oneStep = (blocks: readonly number[], days: number, blockWeeks: number): Forecast => {
  const shares = sharesOf(days / 7, blockWeeks);
  const { mean, se, model } = forecastEnsemble(blocks, {
    period: periodOf(blocks, blockWeeks),
    horizon: shares.length,
  });
  const whole = shares.reduce((sum, share, i) => sum + share * mean[i]!, 0);
  const error = Math.sqrt(shares.reduce((sum, share, i) => sum + (share * se[i]!) ** 2, 0));
  return { mean: [whole], se: [error], lo80: [], hi80: [], lo95: [], hi95: [], model };
};

/** Bounds as wide as the errors of whole horizons were, each directly before the next. */
const forecastFrom = (
  points: readonly Point[],
  to: number,
  days: number,
  blockWeeks: number,
): HistoryForecast => {
  const length = days * DAY_MS;
  const first = points.reduce((least, { at }) => Math.min(least, at), to);
  const windows = Math.floor((to - first) / length);
  const endOf = (known: number): number => to - (windows - known) * length;
  const sums = Array.from({ length: windows }, (_, i) => sumBetween(points, endOf(i), endOf(i + 1)));
  const forecast = pooledIntervals(
    sums,
    (known) => oneStep(sumsOf(points, endOf(known.length), blockWeeks), days, blockWeeks),
    1,
  );
  const [mean] = forecast.mean as [number];
  return {
    mean,
    quantiles: quantilesOf({
      mean,
      lo80: forecast.lo80[0]!,
      hi80: forecast.hi80[0]!,
      lo95: forecast.lo95[0]!,
      hi95: forecast.hi95[0]!,
    }),
  };
};

/**
 * What will be counted in the next days, from the past alone: leads, sessions. Blocks are weeks, or four weeks where more
 * than a quarter of the weeks were empty.
 * @param points of the whole history before `to`
 * @returns null unless three horizons are known behind 24 blocks, or when the blocks are often empty
 */
export const forecastCounts = (
  points: readonly Point[],
  to: number,
  days: number,
): (HistoryForecast & { blocks: number[] }) | null => {
  const known = points.filter(({ at }) => at < to);
  for (const weeks of BLOCK_WEEKS) {
    const blocks = sumsOf(known, to, weeks);
    if (sumsOf(known, to - FEWEST_ERRORS * days * DAY_MS, weeks).length < FEWEST_BLOCKS) return null;
    if (blocks.filter((sum) => sum === 0).length > MOST_EMPTY * blocks.length) continue;
    try {
      return { ...forecastFrom(known, to, days, weeks), blocks };
    } catch (error) {
      if (error instanceof StatisticsError) return null;
      throw error;
    }
  }
  return null;
};
