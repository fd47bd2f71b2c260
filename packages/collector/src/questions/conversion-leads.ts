import type { Lead } from './leads.js';

/** As the view `leads` knows an inquiry that was sent without consent: by its time. */
const SAME_MS = 120_000;
/** A visitor whom the form was not allowed to name. */
export const NOBODY = '0';

/** A visitor and when he asked, epoch ms. */
export interface Asker {
  visitor: string;
  at: number;
}

/** Place of the first lead at `at` or later. */
const firstFrom = (leads: readonly Lead[], at: number): number => {
  let low = 0;
  for (let high = leads.length; low < high;) {
    const middle = (low + high) >> 1;
    if (leads[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * The leads of each conversion: those of the visitor since he asked or, where the form was not allowed to name him, the
 * nearest one in time that names nobody. No lead is given twice.
 * @param leads with who asked, oldest first
 */
export const leadsOfAskers = (
  askers: readonly Asker[],
  leads: readonly (readonly [visitor: string, lead: Lead])[],
): Lead[][] => {
  const named = new Map<string, Lead[]>();
  const nameless: Lead[] = [];
  for (const [visitor, lead] of leads) {
    const own = visitor === NOBODY ? nameless : named.get(visitor);
    if (own) own.push(lead);
    else named.set(visitor, [lead]);
  }
  const taken = new Set<Lead>();
  const nearest = (at: number): Lead[] => {
    let best: Lead | undefined;
    for (let i = firstFrom(nameless, at - SAME_MS); i < nameless.length; i++) {
      const lead = nameless[i]!;
      if (lead.at > at + SAME_MS) break;
      if (!taken.has(lead) && (!best || Math.abs(lead.at - at) < Math.abs(best.at - at))) best = lead;
    }
    if (!best) return [];
    taken.add(best);
    return [best];
  };
  return askers.map(({ visitor, at }) => {
    const own = named.get(visitor)?.filter((lead) => lead.at >= at - SAME_MS) ?? [];
    return own.length > 0 ? own : nearest(at);
  });
};
