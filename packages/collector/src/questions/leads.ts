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
interface HazardViewRow {
  tier: string;
  week: number;
  at_risk: number;
  orders: number;
}
interface LeadWeekRow {
  week: string;
  tier: string;
  leads: number;
}

export interface Pipeline {
  leads: LeadRow[];
  open: LeadRow[];
  hazard: HazardRow[];
  inquiriesPerWeek: { tier: string; counts: number[] }[];
  /** paid orders of leads, newest last */
  orders: { at: number; value: number }[];
}

/** Every week between the first inquiry and the last whole one, weeks without an inquiry included. */
const weeklyCounts = (rows: readonly LeadWeekRow[], to: number): { tier: string; counts: number[] }[] => {
  const weekOf = (time: string): number => Math.round(epochOf(time.slice(0, 10)) / WEEK_MS - 4 / 7);
  if (rows.length === 0) return [];
  const first = Math.min(...rows.map(({ week }) => weekOf(week)));
  // a week starts on Monday; 1970 began on a Thursday
  const end = Math.floor(to / WEEK_MS - 4 / 7);
  const length = Math.max(0, end - first);
  return [...new Set(rows.map(({ tier }) => tier))].sort().map((tier) => {
    const counts = new Array<number>(length).fill(0);
    for (const row of rows) {
      const at = weekOf(row.week) - first;
      if (row.tier === tier && at < length) counts[at]! += row.leads;
    }
    return { tier, counts };
  });
};

/** What the three money questions read: leads, their hazard, and how many come a week, up to the end of the range. */
export const readPipeline = async (readView: ReadView, scope: Scope): Promise<Pipeline> => {
  const all = scopeParameters(scope);
  const [leads, hazard, weeks] = await Promise.all([
    readView<LeadRow>('leads', all),
    readView<HazardViewRow>('lead_hazard', all),
    readView<LeadWeekRow>('lead_weeks', all),
  ]);
  return {
    leads,
    open: leads.filter((lead) => lead.ordered_at === null && lead.lost_at === null && lead.status !== 'lost'),
    hazard: hazard.map(({ tier, week, at_risk, orders }) => ({ tier, week, atRisk: at_risk, orders })),
    inquiriesPerWeek: weeklyCounts(weeks, scope.to),
    orders: leads
      .flatMap(({ ordered_at, paid }) =>
        ordered_at !== null && paid !== null && paid > 0 ? [{ at: epochOf(ordered_at), value: paid }] : [],
      )
      .sort((p, q) => p.at - q.at),
  };
};

export const ageWeeksOf = (lead: LeadRow, now: number): number =>
  Math.max(0, (now - epochOf(lead.lead_at)) / WEEK_MS);
