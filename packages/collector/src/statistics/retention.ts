import { checkNumbers, checkPositive, checkWhole } from './errors.js';

const HOUR_MS = 3_600_000;

/**
 * How many units of one cohort come back: the plain-TypeScript oracle of the view `cohorts`.
 * @param visits of the cohort's units; times are floored to the hour, as the view does
 * @param periodMs rolling period from a unit's first visit   @param periods how many, the first included
 * @returns `size` units; `bounded[i]` seen within period i, `unbounded[i]` within it or later
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_RANGE`
 */
export const retention = (
  visits: readonly { unit: string; atMs: number }[],
  { periodMs, periods }: { periodMs: number; periods: number },
): { size: number; bounded: number[]; unbounded: number[] } => {
  checkPositive(periodMs, 'periodMs');
  checkWhole(periods, 1, 'periods');
  checkNumbers(
    visits.map((visit) => visit.atMs),
    'visits.atMs',
  );
  const hour = (atMs: number): number => Math.floor(atMs / HOUR_MS) * HOUR_MS;
  const units = new Map<string, number[]>();
  for (const { unit, atMs } of visits) {
    const own = units.get(unit);
    if (own) own.push(hour(atMs));
    else units.set(unit, [hour(atMs)]);
  }
  const bounded = new Array<number>(periods).fill(0);
  const unbounded = new Array<number>(periods).fill(0);
  for (const times of units.values()) {
    const first = times.reduce((least, time) => Math.min(least, time), Infinity);
    const seen = new Set(times.map((time) => Math.floor((time - first) / periodMs)));
    let last = 0;
    for (const period of seen) {
      last = Math.max(last, period);
      if (period < periods) bounded[period]!++;
    }
    for (let period = 0; period <= Math.min(last, periods - 1); period++) unbounded[period]!++;
  }
  return { size: units.size, bounded, unbounded };
};
