import type { Estimate } from './estimate.js';
import { YEAR_MS } from './intervals.js';

/** Fewer orders than these say nothing about how many inquiries order. */
export const FEWEST_ORDERS = 3;
const ENOUGH_ORDERS = 12;

/** How sure one may be of a year with so many orders. */
export const qualityOfYear = (orders: number): Estimate['quality'] =>
  orders < ENOUGH_ORDERS ? 'low_n' : 'ok';

/** @param times of orders, epoch ms   @param to end of the year that counts */
export const qualityOfOrders = (times: readonly number[], to: number): Estimate['quality'] =>
  qualityOfYear(times.filter((at) => at >= to - YEAR_MS).length);
