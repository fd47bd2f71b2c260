import type { Estimate } from './estimate.js';
import {
  blocksOf,
  FEWEST_BLOCKS,
  isRegular,
  isSteady,
  soldSince,
  type OrderDay,
} from './history-forecast.js';
import { YEAR_MS } from './intervals.js';
import { FEWEST_ORDERS, qualityOfOrders, qualityOfYear } from './known-orders.js';
import type { Pipeline } from './leads.js';

const FEWEST_INQUIRIES = 20;
/** Share of the money that must have come by inquiries for them to foretell it. */
const LEAST_BY_LEADS = 0.5;

const isKnown = ({ orders, leads }: Pipeline): boolean =>
  orders.length >= FEWEST_ORDERS || leads.length >= FEWEST_INQUIRIES;

/** How sure one may be of what open leads bring; `insufficient` where there is nothing to forecast from. */
export const qualityOfLeads = (pipeline: Pipeline, to: number): Estimate['quality'] =>
  isKnown(pipeline) && (pipeline.orders.length > 0 || pipeline.open.some(({ price }) => price))
    ? qualityOfOrders(
        pipeline.orders.map(({ at }) => at),
        to,
      )
    : 'insufficient';

/** Share of the revenue so far that came without an inquiry, 0 … 1. */
export const shareWithoutLeads = (pipeline: Pipeline, days: readonly OrderDay[]): number => {
  const sold = soldSince(days, -Infinity).revenue;
  const byLeads = pipeline.orders.reduce((sum, { value }) => sum + value, 0);
  return sold > 0 ? Math.max(0, 1 - byLeads / sold) : 0;
};

/**
 * Which past tells of the revenue to come. Many orders tell of themselves; few are told of by the leads behind them,
 * unless most of the money comes without an inquiry: then its own past does, once that is long and steady enough.
 */
export const forecastModelOf = (
  pipeline: Pipeline,
  days: readonly OrderDay[],
  to: number,
): { kind: 'ensemble' | 'pipeline' | 'none'; quality: Estimate['quality'] } => {
  if (isRegular(days, to)) return { kind: 'ensemble', quality: 'ok' };
  if (shareWithoutLeads(pipeline, days) > LEAST_BY_LEADS && isSteady(days, to))
    return { kind: 'ensemble', quality: qualityOfYear(soldSince(days, to - YEAR_MS).orders) };
  const quality = qualityOfLeads(pipeline, to);
  return { kind: quality === 'insufficient' ? 'none' : 'pipeline', quality };
};

/** What is missing where nothing can be forecast, in words. */
export const missingOf = (pipeline: Pipeline, days: readonly OrderDay[], to: number): string => {
  const { orders, leads } = pipeline;
  const own = isKnown(pipeline)
    ? 'an order or an open inquiry with a price is needed'
    : `${orders.length} of the ${FEWEST_ORDERS} orders or ${leads.length} of the ${FEWEST_INQUIRIES} inquiries needed`;
  if (shareWithoutLeads(pipeline, days) === 0) return own;
  const blocks = blocksOf(days, to);
  return [
    `${soldSince(days, -Infinity).orders} orders, but not by inquiries:`,
    `from their own past ${blocks.length} of the ${FEWEST_BLOCKS} times four weeks needed`,
    `(with orders in three of four: ${blocks.filter((sum) => sum > 0).length});`,
    `from inquiries ${own}`,
  ].join(' ');
};
