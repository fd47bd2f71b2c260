import { probit } from '../statistics/index.js';
import { insufficient, type Estimate } from './estimate.js';
import { estimate } from './intervals.js';

/** Line of the view `market_weeks`. */
export interface WeekRow {
  time: string;
  configurations: number;
  inquiries: number;
  orders: number;
}

/** Weeks below which a slope or a correlation says nothing, and from which it is not called weak any more. */
export const WEEKS = { fewest: 8, enough: 26 };
const LONGEST_LAG = 26;
const LAGS = LONGEST_LAG + 1;
/** The best of many lags is looked at: together their intervals miss as seldom as one of 95 % (Bonferroni). */
const Z = probit(1 - 0.05 / LAGS / 2);

const differences = (y: readonly number[]): number[] => y.slice(1).map((value, i) => value - y[i]!);

const centred = (y: readonly number[]): number[] => {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  return y.map((value) => value - mean);
};

const cross = (x: readonly number[], y: readonly number[], lag = 0): number =>
  x.reduce((sum, value, i) => (i < y.length - lag ? sum + value * y[i + lag]! : sum), 0);

/**
 * Neighbouring differences share a week and lean against each other, which lets two series agree by chance more often than
 * so many independent weeks would. Source: Bartlett (1946), doi:10.2307/2983611, first order
 */
const effectiveWeeks = (x: readonly number[], y: readonly number[]): number => {
  const own = (z: readonly number[]): number => cross(z, z, 1) / cross(z, z);
  return x.length / (1 + 2 * Math.max(0, own(x) * own(y)));
};

/** Correlation with Fisher's interval. */
const correlation = (first: readonly number[], second: readonly number[]): Estimate => {
  const method = 'cross-correlation of differences, fisher, bonferroni';
  const n = first.length;
  if (n < WEEKS.fewest) return insufficient(n, method);
  const [x, y] = [centred(first), centred(second)];
  const raw = cross(x, y) / Math.sqrt(cross(x, x) * cross(y, y));
  if (!Number.isFinite(raw)) return insufficient(n, method);
  // at ±1 Fisher's z is infinite
  const r = Math.min(0.999999, Math.max(-0.999999, raw));
  const z = Math.atanh(r);
  const free = effectiveWeeks(x, y) - 3;
  const half = free > 0 ? Z / Math.sqrt(free) : Infinity;
  return estimate({ value: r, lo: Math.tanh(z - half), hi: Math.tanh(z + half) }, n, method, WEEKS);
};

/** Do more configurations today mean more inquiries (orders) some weeks later? */
export const leadIndicatorOf = (rows: readonly WeekRow[]) => {
  const started = differences(rows.map((row) => row.configurations));
  const inquiries = differences(rows.map((row) => row.inquiries));
  const orders = differences(rows.map((row) => row.orders));
  const lagged = (y: readonly number[], lag: number): Estimate =>
    correlation(started.slice(0, Math.max(0, started.length - lag)), y.slice(lag));
  return Array.from({ length: LAGS }, (_, lagWeeks) => ({
    lagWeeks,
    correlation: lagged(inquiries, lagWeeks),
    orders: lagged(orders, lagWeeks),
  }));
};
