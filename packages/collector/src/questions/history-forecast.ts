import { conformalIntervals, forecastEnsemble } from '../statistics/index.js';
import { epochOf, WEEK_MS, YEAR_MS } from './intervals.js';
import { FORECAST_LEVELS } from './naive-forecast.js';

const BLOCK_WEEKS = 4;
/** Orders a month from which their own past tells more than the leads behind them. */
const MANY_ORDERS = 20;
/** Below them no method tells season from noise. */
export const FEWEST_BLOCKS = 24;
/** Of more empty blocks the ensemble's members, made for levels and trends, know nothing. */
export const MOST_EMPTY = 0.25;
const WEEKS_A_YEAR = 52;

/** The view `order_days`: also orders that no inquiry tells of. */
export interface OrderDay {
  time: string;
  orders: number;
  revenue: number;
}

/** Something that adds up over time: money, leads, sessions. */
export interface Point {
  /** epoch ms */
  at: number;
  value: number;
}

/** Sums over blocks of some weeks, the newest one ending at `to`, the oldest the first that is whole. */
export const sumsOf = (points: readonly Point[], to: number, blockWeeks: number): number[] => {
  const blockMs = blockWeeks * WEEK_MS;
  const known = points.filter(({ at }) => at < to);
  if (known.length === 0) return [];
  const first = known.reduce((least, { at }) => Math.min(least, at), to);
  const blocks = new Array<number>(Math.floor((to - first) / blockMs)).fill(0);
  for (const { at, value } of known) {
    const index = blocks.length - 1 - Math.floor((to - 1 - at) / blockMs);
    if (index >= 0) blocks[index]! += value;
  }
  return blocks;
};

/** Revenue in blocks of four weeks. */
export const blocksOf = (days: readonly OrderDay[], to: number): number[] =>
  sumsOf(
    days.map(({ time, revenue }) => ({ at: epochOf(time), value: revenue })),
    to,
    BLOCK_WEEKS,
  );

/** @param from epoch ms */
export const soldSince = (days: readonly OrderDay[], from: number): { orders: number; revenue: number } =>
  days.reduce(
    (sum, { time, orders, revenue }) =>
      epochOf(time) >= from ? { orders: sum.orders + orders, revenue: sum.revenue + revenue } : sum,
    { orders: 0, revenue: 0 },
  );

/** Whether the past is long enough to be forecast from, and not full of holes. */
export const isSteady = (days: readonly OrderDay[], to: number): boolean => {
  const blocks = blocksOf(days, to);
  return (
    blocks.length >= FEWEST_BLOCKS && blocks.filter((sum) => sum === 0).length <= MOST_EMPTY * blocks.length
  );
};

/** Whether orders come often enough, and for long enough, to tell more of themselves than the leads behind them. */
export const isRegular = (days: readonly OrderDay[], to: number): boolean =>
  blocksOf(days, to).length >= FEWEST_BLOCKS && soldSince(days, to - YEAR_MS).orders >= 12 * MANY_ORDERS;

export interface HistoryForecast {
  mean: number;
  /** At `FORECAST_LEVELS`. */
  quantiles: number[];
}

/** Φ⁻¹ of .75, .9, .95, .975: between the calibrated factors of 80 and 95 % others follow in proportion. */
const Z = { quarter: 0.67449, ten: 1.28155, five: 1.64485, twoAndAHalf: 1.95996 };

/** Bounds of a sum. */
export interface Bounds {
  mean: number;
  lo80: number;
  hi80: number;
  lo95: number;
  hi95: number;
}

/** The nine quantiles that a forecast is logged with. */
export const quantilesOf = ({ mean, lo80, hi80, lo95, hi95 }: Bounds): number[] => {
  const share = (Z.five - Z.ten) / (Z.twoAndAHalf - Z.ten);
  const side = (ten: number, tail: number): number[] => [
    (ten * Z.quarter) / Z.ten,
    ten,
    ten + share * (tail - ten),
    tail,
  ];
  const quantiles = [
    ...side(mean - lo80, mean - lo95)
      .map((distance) => mean - distance)
      .reverse(),
    mean,
    ...side(hi80 - mean, hi95 - mean).map((distance) => mean + distance),
  ];
  if (quantiles.length !== FORECAST_LEVELS.length) throw new RangeError('a quantile for each level');
  return quantiles;
};

/** Seasons of the year, once there are two of them. */
export const periodOf = (blocks: readonly number[], blockWeeks: number): number => {
  const year = WEEKS_A_YEAR / blockWeeks;
  return blocks.length > 2 * year ? year : 1;
};

/** What each block adds to the sum of so many weeks: the last one in part. */
export const sharesOf = (weeks: number, blockWeeks: number): number[] =>
  Array.from({ length: Math.ceil(weeks / blockWeeks) }, (_, i) => Math.min(1, weeks / blockWeeks - i));

/**
 * Revenue of the next days by the ensemble over blocks of four weeks. Distances are added up over the blocks, as if all of
 * them erred together: rather too wide than too narrow.
 * @param blocks at least 24
 */
export const forecastHistory = (blocks: readonly number[], days: number): HistoryForecast => {
  const shares = sharesOf(days / 7, BLOCK_WEEKS);
  const period = periodOf(blocks, BLOCK_WEEKS);
  const forecast = conformalIntervals(
    blocks,
    (y, horizon) => forecastEnsemble(y, { period, horizon }),
    shares.length,
  );
  // revenue is not below nothing
  const sum = (values: readonly number[]): number =>
    Math.max(
      0,
      values.reduce((total, value, i) => total + value * shares[i]!, 0),
    );
  const mean = sum(forecast.mean);
  const quantiles = quantilesOf({
    mean,
    lo80: sum(forecast.lo80),
    hi80: sum(forecast.hi80),
    lo95: sum(forecast.lo95),
    hi95: sum(forecast.hi95),
  });
  return { mean, quantiles };
};
