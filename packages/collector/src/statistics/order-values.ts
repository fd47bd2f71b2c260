import { checkEnough } from './errors.js';
import { meanOf, varianceOf } from './numbers.js';
import type { Random } from './random.js';

/** From this many orders on the price in the configurator tells more than the mean of all orders. */
const ENOUGH_ORDERS = 10;
/** What a configurator's orders spread like (sd of logs) before any has come, weighing as many orders. */
const PRIOR_SPREAD = 0.3;
const PRIOR_WEIGHT = 4;

/** What all orders of one future share: doubt about the spread of their logs, and about the mean. */
interface Future {
  spread: number;
  shift: number;
}

/**
 * Value of orders, each its own draw within a future.
 * @returns `future` draws one; `total` what its orders come to: from ln of the prices that were seen last, NaN without one,
 *          and `others` of which nothing was seen
 * @throws {StatisticsError} `TOO_FEW` without any order value or price
 */
export const orderValueModel = (
  orderValues: readonly number[],
  prices: readonly number[],
): {
  future: (random: Random) => Future;
  total: (
    future: Future,
    orders: { priceLogs: Float64Array; known: number; others: number },
    random: Random,
  ) => number;
} => {
  const logs = orderValues.map(Math.log);
  const priceLogs = prices.filter((price) => price > 0).map(Math.log);
  const seen = logs.length > 0 ? logs : priceLogs;
  checkEnough(seen.length, 1, 'order values or prices');
  const centre = meanOf(seen);
  // prices stand in for orders without their certainty
  const weight = logs.length > 0 ? logs.length : 1;
  const squares = logs.length > 1 ? varianceOf(logs) * (logs.length - 1) : 0;
  const freedom = PRIOR_WEIGHT + Math.max(0, logs.length - 1);
  const scale = Math.sqrt((PRIOR_WEIGHT * PRIOR_SPREAD ** 2 + squares) / freedom);
  const learned = logs.length >= ENOUGH_ORDERS && priceLogs.length > 0;
  const ratio = learned ? centre - meanOf(priceLogs) : 0;
  // what the price explains of the spread is no longer noise
  const explained = learned && priceLogs.length > 1 ? varianceOf(priceLogs) : 0;
  const rest = Math.sqrt(Math.max(scale ** 2 - explained, (0.05 * scale) ** 2) / scale ** 2);
  return {
    future: (random) => {
      // Student's t by a chi-square spread; its upper end is cut, or the mean of e^t would be infinite
      const spread = scale * Math.min(2, Math.sqrt(freedom / (2 * random.gamma(freedom / 2))));
      return { spread, shift: (spread * random.normal()) / Math.sqrt(weight) };
    },
    total: ({ spread, shift }, { priceLogs, known, others }, random) => {
      let sum = 0;
      for (let i = 0; i < known; i++) {
        const log = priceLogs[i]!;
        const noise = shift + spread * random.normal();
        sum += Math.exp(learned && !Number.isNaN(log) ? log + ratio + rest * noise : centre + noise);
      }
      for (let i = 0; i < others; i++) sum += Math.exp(centre + shift + spread * random.normal());
      return sum;
    },
  };
};
