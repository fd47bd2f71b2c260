import { orderChances } from '../statistics/index.js';
import { FEWEST_TRIALS, rateEstimate, type Estimate } from './estimate.js';
import { WEEK_MS } from './intervals.js';
import { ageWeeksOf, hazardOf, isOpen, type Lead } from './leads.js';

/** How often the past is asked the same question, each time a horizon earlier. */
const ORIGINS = 4;
const BINS = 5;

const chancesAt = (
  leads: readonly Lead[],
  then: number,
  horizonWeeks: number,
): { p: number; ordered: boolean }[] => {
  const open = leads.filter((lead) => lead.at < then && isOpen(lead, then));
  if (open.length === 0) return [];
  const chances = orderChances(
    open.map((lead) => ({ ageWeeks: ageWeeksOf(lead, then), tier: lead.tier })),
    hazardOf(leads, then),
    horizonWeeks,
  );
  const until = then + horizonWeeks * WEEK_MS;
  return open.map(({ orderedAt }, i) => ({
    p: chances[i]!.value,
    ordered: orderedAt !== null && orderedAt < until,
  }));
};

/**
 * Did leads order as often as was foretold? Leads that were open one to four horizons ago, with the chance that was
 * known then (their tier is what they had done before they asked), against what became of them: in bins of about as many
 * leads each, the least promising first.
 * @returns nothing while the site is younger than a horizon
 */
export const reliabilityOf = (
  leads: readonly Lead[],
  to: number,
  days: number,
): { p: number; observed: Estimate }[] => {
  const horizonWeeks = Math.round(days / 7);
  const cases = Array.from({ length: ORIGINS }, (_, back) =>
    chancesAt(leads, to - (back + 1) * horizonWeeks * WEEK_MS, horizonWeeks),
  )
    .flat()
    .sort((one, other) => one.p - other.p);
  if (cases.length === 0) return [];
  const bins = Math.max(1, Math.min(BINS, Math.floor(cases.length / FEWEST_TRIALS)));
  return Array.from({ length: bins }, (_, bin) => {
    const own = cases.slice(
      Math.floor((bin * cases.length) / bins),
      Math.floor(((bin + 1) * cases.length) / bins),
    );
    return {
      p: own.reduce((sum, { p }) => sum + p, 0) / own.length,
      observed: rateEstimate(
        own.filter(({ ordered }) => ordered).length,
        own.length,
        undefined,
        'jeffreys, leads of the past',
      ),
    };
  });
};
