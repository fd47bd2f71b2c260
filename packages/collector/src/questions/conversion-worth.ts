import { OLDEST_WEEKS, riskOf, type Random } from '../statistics/index.js';
import { leadsOfAskers, NOBODY } from './conversion-leads.js';
import type { Estimate } from './estimate.js';
import { epochOf } from './intervals.js';
import { FEWEST_ORDERS, qualityOfOrders } from './known-orders.js';
import { ageWeeksOf, hazardOf, isOpen, leadOf, type Lead, type LeadRow } from './leads.js';

/** Who asked, when, and the price he saw last. */
export interface Asked {
  visitor: string;
  asked_at: string;
  value: number;
}

/** Money that came, or a price that an open lead may pay. */
type Worth =
  { kind: 'landed'; money: number } | { kind: 'open'; tier: string; exposure: number; price: number };

export interface ConversionWorths {
  /** Expected money of each conversion. */
  expected: Float64Array;
  /** Writes one future of them: landed money stays, the doubt about the chances of a tier is drawn. */
  draw: (random: Random, into: Float64Array) => void;
  /** Leads that are known to have ordered. */
  orders: number;
  /** Whether so many orders tell what the open leads among the conversions are worth. */
  quality: Estimate['quality'];
}

/**
 * What each conversion brings: the money of its order; nothing where the lead is lost, or was spam; P(order) × price by
 * tier and age while it is open. Who asked twice builds one house: what he ordered counts, or else the best of what he
 * asked for.
 * @param rows of the view `leads`, with `visitor`   @param to epoch ms, up to which they are known
 */
export const worthsOf = (asked: readonly Asked[], rows: readonly LeadRow[], to: number): ConversionWorths => {
  const leads = rows.map(leadOf);
  const risk = riskOf(hazardOf(leads, to));
  const isOrdered = ({ orderedAt }: Lead): boolean => orderedAt !== null && orderedAt < to;
  const ordered = leads.filter(isOrdered);
  const paid = ordered.flatMap((lead) => (lead.paid ? [lead.paid] : []));
  const meanPaid = paid.reduce((sum, money) => sum + money, 0) / Math.max(1, paid.length);

  const expectedOf = (worth: Worth): number => {
    if (worth.kind === 'landed') return worth.money;
    const { shape, rate } = risk.frailtyOf(worth.tier);
    return worth.price * (1 - (rate / (rate + worth.exposure)) ** shape);
  };
  const worthOf = (own: readonly Lead[], seen: number): Worth => {
    const priceOf = (lead: Lead): number => lead.price || seen || meanPaid;
    // said to be ordered, and no order told: its price
    const money = own.filter(isOrdered).reduce((sum, lead) => sum + (lead.paid || priceOf(lead)), 0);
    if (money > 0) return { kind: 'landed', money };
    return own
      .filter((lead) => isOpen(lead, to))
      .map((lead): Worth => {
        const age = ageWeeksOf(lead, to);
        const exposure = risk.until(age + OLDEST_WEEKS) - risk.until(age);
        return { kind: 'open', tier: lead.tier, exposure, price: priceOf(lead) };
      })
      .reduce((best, worth) => (expectedOf(worth) > expectedOf(best) ? worth : best), {
        kind: 'landed',
        money: 0,
      });
  };
  const own = leadsOfAskers(
    asked.map(({ visitor, asked_at }) => ({ visitor, at: epochOf(asked_at) })),
    rows.map(({ visitor = NOBODY }, i) => [visitor, leads[i]!] as const),
  );
  const worths = asked.map(({ value }, i) => worthOf(own[i]!, value));

  const tiers = [...new Set(worths.flatMap((worth) => (worth.kind === 'open' ? [worth.tier] : [])))];
  const gammas = tiers.map(risk.frailtyOf);
  const places = worths.map((worth) => (worth.kind === 'open' ? tiers.indexOf(worth.tier) : -1));
  const qualityOf = (): Estimate['quality'] => {
    if (tiers.length === 0) return 'ok';
    if (ordered.length < FEWEST_ORDERS) return 'insufficient';
    return qualityOfOrders(
      ordered.map(({ orderedAt }) => orderedAt!),
      to,
    );
  };
  return {
    expected: Float64Array.from(worths, expectedOf),
    draw: (random, into) => {
      const multipliers = gammas.map(({ shape, rate }) => random.gamma(shape) / rate);
      worths.forEach((worth, i) => {
        into[i] =
          worth.kind === 'landed'
            ? worth.money
            : -worth.price * Math.expm1(-multipliers[places[i]!]! * worth.exposure);
      });
    },
    orders: ordered.length,
    quality: qualityOf(),
  };
};
