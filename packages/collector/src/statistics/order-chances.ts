import gammaQuantile from '@stdlib/stats-base-dists-gamma-quantile';
import { checkNumbers, checkWhole, StatisticsError } from './errors.js';
import { baseHazard, cumulative, OLDEST_WEEKS, type HazardRow } from './order-hazard.js';
import type { Interval } from './types.js';

/** Tiers are alike until they show otherwise: the multiplier's prior has mean 1 and weighs two orders. */
const TIER_WEIGHT = 2;

/** What past leads tell of the chance to order. */
export interface Risk {
  /** Σ of the weekly hazards up to an age in weeks. */
  until: (age: number) => number;
  /** Gamma posterior of a tier's multiplier. */
  frailtyOf: (tier: string) => { shape: number; rate: number };
}

const perTier = (rows: readonly HazardRow[], of: (row: HazardRow) => number): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.tier, (sums.get(row.tier) ?? 0) + of(row));
  return sums;
};

/** @throws {StatisticsError} `BAD_COUNTS`, `BAD_SHAPE` */
export const riskOf = (hazard: readonly HazardRow[]): Risk => {
  for (const { week, atRisk, orders } of hazard) {
    checkNumbers([week, atRisk, orders], 'hazard');
    if (!(orders >= 0 && orders <= atRisk))
      throw new StatisticsError('BAD_COUNTS', `expected 0 ≤ orders ≤ atRisk, got ${orders} of ${atRisk}`);
  }
  const known = hazard.filter(({ week }) => week < OLDEST_WEEKS);
  const base = baseHazard(known);
  const orders = perTier(known, (row) => row.orders);
  const expected = perTier(known, (row) => row.atRisk * base[Math.max(0, Math.floor(row.week))]!);
  return {
    until: cumulative(base),
    frailtyOf: (tier) => ({
      shape: (orders.get(tier) ?? 0) + TIER_WEIGHT,
      rate: (expected.get(tier) ?? 0) + TIER_WEIGHT,
    }),
  };
};

/** As {@link orderChances}, of leads with their Σ of hazards within the horizon. */
export const chancesOf = (
  leads: readonly { tier: string }[],
  exposures: ArrayLike<number>,
  { frailtyOf }: Risk,
): Interval[] => {
  const multipliers = new Map(
    [...new Set(leads.map(({ tier }) => tier))].map((tier) => {
      const { shape, rate } = frailtyOf(tier);
      const [least, most] = [0.025, 0.975].map((p) => gammaQuantile(p, shape, rate)) as [number, number];
      return [tier, { shape, rate, least, most }];
    }),
  );
  // the chance rises with the multiplier: its quantiles and its mean follow from the gamma's
  return leads.map(({ tier }, i) => {
    const { shape, rate, least, most } = multipliers.get(tier)!;
    const exposure = exposures[i]!;
    return {
      value: 1 - (rate / (rate + exposure)) ** shape,
      lo: -Math.expm1(-least * exposure),
      hi: -Math.expm1(-most * exposure),
    };
  });
};

/**
 * Chance of each open lead to order within the horizon, by its age and tier.
 * @param hazard per tier and week of age: leads at risk and orders, as the view `lead_hazard`
 * @throws {StatisticsError} `BAD_COUNTS`, `BAD_SHAPE`, `BAD_RANGE`
 * Source: discrete-time survival with gamma frailty (Clayton 1978)
 */
export const orderChances = (
  leads: readonly { ageWeeks: number; tier: string }[],
  hazard: readonly HazardRow[],
  horizonWeeks: number,
): Interval[] => {
  checkWhole(horizonWeeks, 1, 'horizonWeeks');
  const ages = leads.map(({ ageWeeks }) => ageWeeks);
  checkNumbers(ages, 'ageWeeks');
  const risk = riskOf(hazard);
  return chancesOf(
    leads,
    ages.map((age) => risk.until(age + horizonWeeks) - risk.until(age)),
    risk,
  );
};
