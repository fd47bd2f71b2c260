import { conformalIntervals, forecastEnsemble } from '../statistics/index.js';
import { epochOf, WEEK_MS } from './intervals.js';
import { FORECAST_LEVELS } from './naive-forecast.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const BLOCK_WEEKS = 4;
const BLOCK_MS = BLOCK_WEEKS * WEEK_MS;
/** Orders a month from which their own past tells more than the leads behind them. */
const MANY_ORDERS = 20;
const FEWEST_BLOCKS = 24;
const A_YEAR = 13;

/** The view `order_days`: also orders that no inquiry tells of. */
export interface OrderDay {
  time: string;
  orders: number;
  revenue: number;
}

/** Revenue in blocks of four weeks, the newest one ending with the range. */
export const blocksOf = (days: readonly OrderDay[], to: number): number[] => {
  const sold = days.map(({ time, revenue }) => ({ at: epochOf(time), revenue })).filter(({ at }) => at < to);
  if (sold.length === 0) return [];
  const first = sold.reduce((least, { at }) => Math.min(least, at), to);
  const blocks = new Array<number>(Math.floor((to - first) / BLOCK_MS)).fill(0);
  for (const { at, revenue } of sold) {
    const index = blocks.length - 1 - Math.floor((to - 1 - at) / BLOCK_MS);
    if (index >= 0) blocks[index]! += revenue;
  }
  return blocks;
};

/** Whether orders come often enough, and for long enough, to be forecast from their own past. */
export const isRegular = (days: readonly OrderDay[], to: number): boolean =>
  blocksOf(days, to).length >= FEWEST_BLOCKS &&
  days.reduce((sum, { time, orders }) => (epochOf(time) >= to - YEAR_MS ? sum + orders : sum), 0) >=
    12 * MANY_ORDERS;

export interface HistoryForecast {
  mean: number;
  /** At `FORECAST_LEVELS`. */
  quantiles: number[];
}

/** Φ⁻¹ of .75, .9, .95, .975: between the calibrated factors of 80 and 95 % others follow in proportion. */
const Z = { quarter: 0.67449, ten: 1.28155, five: 1.64485, twoAndAHalf: 1.95996 };

/**
 * Revenue of the next days by the ensemble over blocks of four, the last block in part. Distances are added up over the
 * blocks, as if all of them erred together: rather too wide than too narrow.
 * @param blocks at least 24
 */
export const forecastHistory = (blocks: readonly number[], days: number): HistoryForecast => {
  const weeks = days / 7;
  const ahead = Math.ceil(weeks / BLOCK_WEEKS);
  const period = blocks.length > 2 * A_YEAR ? A_YEAR : 1;
  const forecast = conformalIntervals(
    blocks,
    (y, horizon) => forecastEnsemble(y, { period, horizon }),
    ahead,
  );
  const sum = (values: readonly number[]): number =>
    values.reduce((total, value, i) => total + value * Math.min(1, weeks / BLOCK_WEEKS - i), 0);
  const mean = sum(forecast.mean);
  const up = { ten: sum(forecast.hi80) - mean, tail: sum(forecast.hi95) - mean };
  const down = { ten: mean - sum(forecast.lo80), tail: mean - sum(forecast.lo95) };
  const share = (Z.five - Z.ten) / (Z.twoAndAHalf - Z.ten);
  const side = ({ ten, tail }: { ten: number; tail: number }): number[] => [
    (ten * Z.quarter) / Z.ten,
    ten,
    ten + share * (tail - ten),
    tail,
  ];
  const [above, below] = [side(up), side(down)];
  const quantiles = [
    ...below.map((distance) => mean - distance).reverse(),
    mean,
    ...above.map((distance) => mean + distance),
  ];
  if (quantiles.length !== FORECAST_LEVELS.length) throw new RangeError('a quantile for each level');
  return { mean, quantiles };
};
