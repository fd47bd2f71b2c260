import { DateTime } from 'luxon';
import type { HazardRow } from '../statistics/index.js';
import { epochOf, WEEK_MS } from './intervals.js';
import { scopeParameters, type ReadView, type Scope } from './question.js';

/** The view `leads`: one row per inquiry that is not spam. */
export interface LeadRow {
  inquiry_id: string;
  lead_at: string;
  status: string;
  price: number | null;
  ordered_at: string | null;
  paid: number | null;
  lost_at: string | null;
  tier: string;
}
/** Until ordered or lost, whoever said so: an order or a status. */
export const isOpen = ({ ordered_at, lost_at }: LeadRow): boolean => ordered_at === null && lost_at === null;

export interface Pipeline {
  leads: LeadRow[];
  open: LeadRow[];
  hazard: HazardRow[];
  inquiriesPerWeek: { tier: string; counts: number[] }[];
  /** paid orders of leads, newest last */
  orders: { at: number; value: number }[];
}

const HOUR_MS = 3_600_000;

/**
 * Orders ÷ leads at risk in each week of age, by tier; lost leads leave the risk set. What the view `lead_hazard` says,
 * from rows that are here already: leads are the dearest thing to read.
 */
export const hazardOf = (leads: readonly LeadRow[], to: number): HazardRow[] => {
  const byTier = new Map<string, Map<number, { n: number; orders: number }>>();
  for (const { tier, lead_at, ordered_at, lost_at } of leads) {
    const end = Math.min(ordered_at ? epochOf(ordered_at) : to, lost_at ? epochOf(lost_at) : to);
    // as dateDiff counts: hours begun, not hours passed
    const hours = Math.floor(end / HOUR_MS) - Math.floor(epochOf(lead_at) / HOUR_MS);
    const weeks = byTier.get(tier) ?? new Map<number, { n: number; orders: number }>();
    byTier.set(tier, weeks);
    const week = Math.trunc(hours / 168);
    const row = weeks.get(week) ?? { n: 0, orders: 0 };
    weeks.set(week, { n: row.n + 1, orders: row.orders + (ordered_at ? 1 : 0) });
  }
  return [...byTier].sort(byName).flatMap(([tier, weeks]) => {
    let atRisk = 0;
    return [...weeks]
      .sort(([p], [q]) => q - p)
      .map(([week, { n, orders }]) => ({ tier, week, atRisk: (atRisk += n), orders }))
      .reverse();
  });
};

/** Weeks begin on Mondays of the site's zone. @returns their first instants, epoch ms, one after `to` included */
const mondays = (from: number, to: number, zone: string): number[] => {
  const starts: number[] = [];
  let start = DateTime.fromMillis(from, { zone }).startOf('week');
  for (; start.toMillis() <= to; start = start.plus({ weeks: 1 })) starts.push(start.toMillis());
  return [...starts, start.toMillis()];
};

/** Every week between the first inquiry and the last whole one, weeks without an inquiry included. */
export const weeklyCounts = (
  leads: readonly LeadRow[],
  to: number,
  zone: string,
): { tier: string; counts: number[] }[] => {
  if (leads.length === 0) return [];
  const at = leads.map(({ lead_at }) => epochOf(lead_at));
  const starts = mondays(
    at.reduce((least, ms) => Math.min(least, ms)),
    to,
    zone,
  );
  const whole = starts.length - 2;
  const byTier = new Map<string, number[]>();
  leads.forEach(({ tier }, i) => {
    const counts = byTier.get(tier) ?? new Array<number>(Math.max(0, whole)).fill(0);
    byTier.set(tier, counts);
    // clocks move by an hour, so the guess may be a week off
    let week = Math.floor((at[i]! - starts[0]!) / WEEK_MS);
    if (at[i]! >= starts[week + 1]!) week += 1;
    else if (at[i]! < starts[week]!) week -= 1;
    if (week < whole) counts[week]! += 1;
  });
  return [...byTier].sort(byName).map(([tier, counts]) => ({ tier, counts }));
};

const byName = ([p]: readonly [string, unknown], [q]: readonly [string, unknown]): number => (p < q ? -1 : 1);

/** What the three money questions read: leads, their hazard, and how many come a week, up to the end of the range. */
export const readPipeline = async (readView: ReadView, scope: Scope): Promise<Pipeline> => {
  const leads = await readView<LeadRow>('leads', scopeParameters(scope));
  return {
    leads,
    open: leads.filter(isOpen),
    hazard: hazardOf(leads, scope.to),
    inquiriesPerWeek: weeklyCounts(leads, scope.to, scope.timeZone),
    orders: leads
      .flatMap(({ ordered_at, paid }) =>
        ordered_at !== null && paid !== null && paid > 0 ? [{ at: epochOf(ordered_at), value: paid }] : [],
      )
      .sort((p, q) => p.at - q.at),
  };
};

export const ageWeeksOf = (lead: LeadRow, now: number): number =>
  Math.max(0, (now - epochOf(lead.lead_at)) / WEEK_MS);
