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
  /** who asked, '0' = not known; only where it was asked for */
  visitor?: string;
}
/** A lead with its times as epoch ms: a dozen sums ask for each of them, and text is read slowly. */
export interface Lead {
  inquiryId: string;
  at: number;
  orderedAt: number | null;
  lostAt: number | null;
  price: number | null;
  paid: number | null;
  tier: string;
}

/** Of the view `leads`: what makes a lead. */
export const LEAD_COLUMNS = ['inquiry_id', 'lead_at', 'price', 'ordered_at', 'paid', 'lost_at', 'tier'];

const msOf = (time: string | null): number | null => (time === null ? null : epochOf(time));

export const leadOf = (row: LeadRow): Lead => ({
  inquiryId: row.inquiry_id,
  at: epochOf(row.lead_at),
  orderedAt: msOf(row.ordered_at),
  lostAt: msOf(row.lost_at),
  price: row.price,
  paid: row.paid,
  tier: row.tier,
});

const isBefore = (at: number | null, then: number): boolean => at !== null && at < then;

/** Until ordered or lost, whoever said so: an order or a status. @param then epoch ms at which one asks */
export const isOpen = ({ orderedAt, lostAt }: Lead, then: number): boolean =>
  !isBefore(orderedAt, then) && !isBefore(lostAt, then);

export interface Pipeline {
  leads: Lead[];
  open: Lead[];
  hazard: HazardRow[];
  /** paid orders of leads, newest last */
  orders: { at: number; value: number }[];
}

const HOUR_MS = 3_600_000;

/**
 * Orders ÷ leads at risk in each week of age, by tier; lost leads leave the risk set. What the view `lead_hazard` says,
 * from rows that are here already: leads are the dearest thing to read. Beside it stand the weeks in which no lead left,
 * because those who waited through them did not order: without them a shop with few leads would be promised too much.
 * @param to epoch ms; later leads, orders and losses are not known
 */
export const hazardOf = (leads: readonly Lead[], to: number): HazardRow[] => {
  const byTier = new Map<string, Map<number, { n: number; orders: number }>>();
  for (const { tier, at, orderedAt, lostAt } of leads) {
    if (at >= to) continue;
    const end = Math.min(orderedAt ?? to, lostAt ?? to, to);
    // as dateDiff counts: hours begun, not hours passed
    const hours = Math.floor(end / HOUR_MS) - Math.floor(at / HOUR_MS);
    const weeks = byTier.get(tier) ?? new Map<number, { n: number; orders: number }>();
    byTier.set(tier, weeks);
    const week = Math.trunc(hours / 168);
    const row = weeks.get(week) ?? { n: 0, orders: 0 };
    weeks.set(week, row);
    row.n += 1;
    if (isBefore(orderedAt, to)) row.orders += 1;
  }
  return [...byTier].sort(byName).flatMap(([tier, weeks]) => {
    let atRisk = 0;
    return Array.from({ length: Math.max(...weeks.keys()) + 1 }, (_, week) => week)
      .reverse()
      .map((week) => {
        const { n, orders } = weeks.get(week) ?? { n: 0, orders: 0 };
        return { tier, week, atRisk: (atRisk += n), orders };
      })
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
  leads: readonly Lead[],
  to: number,
  zone: string,
): { tier: string; counts: number[] }[] => {
  if (leads.length === 0) return [];
  const starts = mondays(
    leads.reduce((least, { at }) => Math.min(least, at), to),
    to,
    zone,
  );
  const whole = starts.length - 2;
  const byTier = new Map<string, number[]>();
  for (const { tier, at } of leads) {
    const counts = byTier.get(tier) ?? new Array<number>(Math.max(0, whole)).fill(0);
    byTier.set(tier, counts);
    // clocks move by an hour, so the guess may be a week off
    let week = Math.floor((at - starts[0]!) / WEEK_MS);
    if (at >= starts[week + 1]!) week += 1;
    else if (at < starts[week]!) week -= 1;
    if (week < whole) counts[week]! += 1;
  }
  return [...byTier].sort(byName).map(([tier, counts]) => ({ tier, counts }));
};

const byName = ([p]: readonly [string, unknown], [q]: readonly [string, unknown]): number => (p < q ? -1 : 1);

/** What the money questions read: leads and their hazard, up to the end of the range. */
export const readPipeline = async (readView: ReadView, scope: Scope): Promise<Pipeline> => {
  const leads = (await readView<LeadRow>('leads', scopeParameters(scope), LEAD_COLUMNS)).map(leadOf);
  return {
    leads,
    open: leads.filter((lead) => isOpen(lead, scope.to)),
    hazard: hazardOf(leads, scope.to),
    orders: leads
      .flatMap(({ orderedAt, paid }) =>
        orderedAt !== null && paid !== null && paid > 0 ? [{ at: orderedAt, value: paid }] : [],
      )
      .sort((p, q) => p.at - q.at),
  };
};

export const ageWeeksOf = (lead: Lead, now: number): number => Math.max(0, (now - lead.at) / WEEK_MS);
