import { checkEnough, checkNumbers, StatisticsError } from './errors.js';

export type Unit = 'day' | 'week';

/** Purchase history of one customer; times in `unit`s since the first purchase. */
export interface Customer {
  id: string;
  /** repeat purchases: days with a purchase after the first one */
  x: number;
  /** age at the last purchase */
  tx: number;
  /** age at the end of observation */
  T: number;
  /** mean value of the repeat purchases, 0 without one */
  m: number;
  unit: Unit;
}

const DAYS: Record<Unit, number> = { day: 1, week: 7 };

/**
 * From purchases to the histories that the models of repeat buying read. Purchases of one day are one.
 * @param purchases `day` counts days from any origin   @param endDay last observed day; later purchases are left out
 * @returns in order of first appearance
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_RANGE`
 * Source: Fader & Hardie, "Creating an RFM summary using Excel", brucehardie.com note 023
 */
export const purchaseSummary = (
  purchases: readonly { customer: string; day: number; amount: number }[],
  { endDay, unit }: { endDay: number; unit: Unit },
): Customer[] => {
  if (!(unit in DAYS))
    throw new StatisticsError('BAD_RANGE', `unit must be day or week, got ${String(unit)}`);
  checkNumbers([endDay], 'endDay');
  const histories = new Map<string, Map<number, number>>();
  for (const { customer, day, amount } of purchases) {
    checkNumbers([day, amount], 'purchase');
    const whole = Math.floor(day);
    if (whole > endDay) continue;
    const days = histories.get(customer) ?? new Map<number, number>();
    days.set(whole, (days.get(whole) ?? 0) + amount);
    histories.set(customer, days);
  }
  return [...histories].map(([id, days]) => {
    const dates = [...days.keys()];
    const first = Math.min(...dates);
    const x = days.size - 1;
    const repeat = [...days].reduce((sum, [day, amount]) => (day === first ? sum : sum + amount), 0);
    return {
      id,
      x,
      tx: (Math.max(...dates) - first) / DAYS[unit],
      T: (endDay - first) / DAYS[unit],
      m: x > 0 ? repeat / x : 0,
      unit,
    };
  });
};

/** Equal histories, counted: a likelihood needs each only once. */
export interface History {
  x: number;
  tx: number;
  T: number;
  n: number;
}

/** @throws {StatisticsError} `TOO_FEW` below two customers or without a repeat purchase; `UNIT_MISMATCH`; `BAD_SHAPE` */
export const collapsed = (customers: readonly Customer[]): { rows: History[]; unit: Unit } => {
  checkEnough(customers.length, 2, 'customers');
  const { unit } = customers[0]!;
  const rows = new Map<string, History>();
  for (const customer of customers) {
    const { x, tx, T } = customer;
    if (customer.unit !== unit)
      throw new StatisticsError('UNIT_MISMATCH', `customers count in ${unit}s and in ${customer.unit}s`);
    checkNumbers([x, tx, T], 'customer');
    if (!(x >= 0 && tx >= 0 && tx <= T + 1e-9))
      throw new StatisticsError('BAD_RANGE', `expected x ≥ 0 and 0 ≤ tx ≤ T, got ${x}, ${tx}, ${T}`);
    const key = `${x} ${tx} ${T}`;
    const row = rows.get(key);
    if (row) row.n++;
    else rows.set(key, { x, tx, T, n: 1 });
  }
  checkEnough(
    customers.reduce((sum, { x }) => sum + Math.min(1, x), 0),
    1,
    'customers who came back',
  );
  return { rows: [...rows.values()], unit };
};

/** Σ over histories of a term that needs only x: worked out once per distinct x. */
export const perFrequency = (rows: readonly History[]): number[] => [...new Set(rows.map(({ x }) => x))];
