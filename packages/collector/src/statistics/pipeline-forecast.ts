import gammaQuantile from '@stdlib/stats-base-dists-gamma-quantile';
import { checkEnough, checkNumbers, checkWhole, StatisticsError } from './errors.js';
import { ascending, meanOf, quantileOf, sumOf, varianceOf } from './numbers.js';
import { randomFrom, type Random } from './random.js';
import type { Interval } from './types.js';

/** Ages beyond this have no orders to learn from: a lead this old is taken as lost. */
const OLDEST_WEEKS = 80;
const BANDWIDTH_WEEKS = 4;
/** A kernel's worth of doubt: one order in a hundred lead weeks, weighing two of them. */
const PRIOR_ORDERS = 0.02;
const PRIOR_AT_RISK = 2;
/** Tiers are alike until they show otherwise: the multiplier's prior has mean 1 and weighs two orders. */
const TIER_WEIGHT = 2;
const RECENT_WEEKS = 12;
const YEAR_WEEKS = 52;
/** From this many orders on the price in the configurator tells more than the mean of all orders. */
const ENOUGH_ORDERS = 10;
/** What a configurator's orders spread like (sd of logs) before any has come, weighing as many orders. */
const PRIOR_SPREAD = 0.3;
const PRIOR_WEIGHT = 4;

/** At which a week's arrivals are looked at: hazards are straight within a week, chances nearly so. */
const MOMENTS = 8;

const LEVELS = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

export interface PipelineLead {
  ageWeeks: number;
  tier: string;
  /** last seen price, 0 when unknown */
  price: number;
}
export interface HazardRow {
  tier: string;
  week: number;
  atRisk: number;
  orders: number;
}

/** Weekly chance of ordering by age, over all tiers, smoothed over neighbouring ages. */
const baseHazard = (rows: readonly HazardRow[]): number[] =>
  Array.from({ length: OLDEST_WEEKS }, (_, age) => {
    let orders = PRIOR_ORDERS;
    let atRisk = PRIOR_AT_RISK;
    for (const row of rows) {
      const kernel = Math.exp(-0.5 * ((age - row.week) / BANDWIDTH_WEEKS) ** 2);
      orders += kernel * row.orders;
      atRisk += kernel * row.atRisk;
    }
    return orders / atRisk;
  });

/** Σ of the weekly hazards up to an age, straight within a week. */
const cumulative = (hazard: readonly number[]): ((age: number) => number) => {
  const sums = [0];
  for (const value of hazard) sums.push(sums.at(-1)! + value);
  return (age) => {
    const capped = Math.min(Math.max(0, age), hazard.length);
    const whole = Math.min(Math.floor(capped), hazard.length - 1);
    return sums[whole]! + (capped - whole) * hazard[whole]!;
  };
};

/** Value of an order as its own draw; the doubt about mean and spread is shared by all orders of one future. */
const valueModel = (
  orderValues: readonly number[],
  prices: readonly number[],
): ((random: Random) => (price: number) => number) => {
  const logs = orderValues.map(Math.log);
  const priceLogs = prices.filter((price) => price > 0).map(Math.log);
  const known = logs.length > 0 ? logs : priceLogs;
  checkEnough(known.length, 1, 'order values or prices');
  const centre = meanOf(known);
  // prices stand in for orders without their certainty
  const weight = logs.length > 0 ? logs.length : 1;
  const squares = logs.length > 1 ? varianceOf(logs) * (logs.length - 1) : 0;
  const freedom = PRIOR_WEIGHT + Math.max(0, logs.length - 1);
  const scale = Math.sqrt((PRIOR_WEIGHT * PRIOR_SPREAD ** 2 + squares) / freedom);
  const learned = logs.length >= ENOUGH_ORDERS && priceLogs.length > 0;
  const ratio = learned ? centre - meanOf(priceLogs) : 0;
  // what the price explains of the spread is no longer noise
  const explained = learned && priceLogs.length > 1 ? varianceOf(priceLogs) : 0;
  const rest = Math.sqrt(Math.max(scale ** 2 - explained, (0.05 * scale) ** 2) / scale ** 2);
  return (random) => {
    // Student's t by a chi-square spread; its upper end is cut, or the mean of e^t would be infinite
    const spread = scale * Math.min(2, Math.sqrt(freedom / (2 * random.gamma(freedom / 2))));
    const shift = (spread * random.normal()) / Math.sqrt(weight);
    return (price) =>
      Math.exp(
        learned && price > 0
          ? Math.log(price) + ratio + rest * (shift + spread * random.normal())
          : centre + shift + spread * random.normal(),
      );
  };
};

const perTier = <T extends { tier: string }>(
  rows: readonly T[],
  of: (row: T) => number,
): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.tier, (sums.get(row.tier) ?? 0) + of(row));
  return sums;
};

/**
 * Revenue of the next weeks out of open leads and leads still to come, by simulation: age and tier say whether a lead
 * orders, its price for how much. Every doubt (hazard of the tier, rate of leads, values) is drawn too.
 * @param leads open leads   @param hazard per tier and week of age: leads at risk and orders, as the view `lead_hazard`
 * @param inquiriesPerWeek per tier, oldest week first, the last one complete   @param orderValues paid so far
 * @param draws default 2,000
 * @returns mean and quantiles of the revenue in the unit of the prices; per lead P(order within the horizon), in order
 * @throws {StatisticsError} `TOO_FEW` without any order value or price; `BAD_COUNTS`, `BAD_SHAPE`, `BAD_RANGE`
 * Source: discrete-time survival with gamma frailty (Clayton 1978); weekly counts as the negative binomial of Hilbe (2011)
 */
export const pipelineForecast = ({
  leads,
  hazard,
  inquiriesPerWeek,
  orderValues,
  horizonWeeks,
  draws = 2000,
  seed,
}: {
  leads: readonly PipelineLead[];
  hazard: readonly HazardRow[];
  inquiriesPerWeek: readonly { tier: string; counts: readonly number[] }[];
  orderValues: readonly number[];
  horizonWeeks: number;
  draws?: number;
  seed: number;
}): { mean: number; levels: number[]; quantiles: number[]; perLead: Interval[] } => {
  checkWhole(horizonWeeks, 1, 'horizonWeeks');
  checkWhole(draws, 1, 'draws');
  for (const { ageWeeks, price } of leads) checkNumbers([ageWeeks, price], 'lead');
  for (const { week, atRisk, orders } of hazard) {
    checkNumbers([week, atRisk, orders], 'hazard');
    if (!(orders >= 0 && orders <= atRisk))
      throw new StatisticsError('BAD_COUNTS', `expected 0 ≤ orders ≤ atRisk, got ${orders} of ${atRisk}`);
  }
  for (const { counts } of inquiriesPerWeek) {
    checkNumbers(counts, 'inquiriesPerWeek');
    if (counts.some((count) => count < 0))
      throw new StatisticsError('BAD_COUNTS', 'inquiries must not be negative');
  }
  if (orderValues.some((value) => !(value > 0 && Number.isFinite(value))))
    throw new StatisticsError('BAD_RANGE', 'order values must be positive');

  const known = hazard.filter(({ week }) => week < OLDEST_WEEKS);
  const base = baseHazard(known);
  const until = cumulative(base);
  const orders = perTier(known, (row) => row.orders);
  const expected = perTier(known, (row) => row.atRisk * base[Math.max(0, Math.floor(row.week))]!);
  /** Gamma posterior of a tier's multiplier. */
  const frailtyOf = (tier: string): { shape: number; rate: number } => ({
    shape: (orders.get(tier) ?? 0) + TIER_WEIGHT,
    rate: (expected.get(tier) ?? 0) + TIER_WEIGHT,
  });

  const weeks = Math.max(0, ...inquiriesPerWeek.map(({ counts }) => counts.length));
  const totals = Array.from({ length: Math.min(weeks, YEAR_WEEKS) }, (_, back) =>
    sumOf(inquiriesPerWeek.map(({ counts }) => counts.at(-1 - back) ?? 0)),
  );
  const recent = totals.slice(0, RECENT_WEEKS);
  const mean = totals.length > 1 ? meanOf(totals) : 0;
  const variance = totals.length > 1 ? varianceOf(totals) : 0;
  const size = variance > mean && mean > 0 ? mean ** 2 / (variance - mean) : Infinity;
  const shares = inquiriesPerWeek.map(({ tier, counts }) => ({ tier, n: sumOf(counts.slice(-YEAR_WEEKS)) }));
  const values = valueModel(
    orderValues,
    leads.map(({ price }) => price),
  );
  const tiers = [...new Set([...leads.map(({ tier }) => tier), ...shares.map(({ tier }) => tier)])];
  const exposures = leads.map(({ ageWeeks }) => until(ageWeeks + horizonWeeks) - until(ageWeeks));

  const gammas = tiers.map(frailtyOf);
  const tierOf = new Map(tiers.map((tier, i) => [tier, i]));
  const leadTier = Uint32Array.from(leads, ({ tier }) => tierOf.get(tier)!);
  /** Open leads of each tier that may still order, the likeliest first. */
  const open = tiers.map((_, tier) =>
    Uint32Array.from(leads.keys())
      .filter((i) => leadTier[i] === tier && exposures[i]! > 0)
      .sort((p, q) => exposures[q]! - exposures[p]!),
  );
  /** Exposure of a lead that comes in a week, at moments spread over it. */
  const arrivals = Array.from({ length: horizonWeeks }, (_, week) =>
    Array.from({ length: MOMENTS }, (_, m) => until(horizonWeeks - week - (m + 0.5) / MOMENTS)),
  );
  const recentTotal = sumOf(recent) + 0.5;
  const shareTier = shares.map(({ tier }) => tierOf.get(tier)!);

  const random = randomFrom(seed);
  const revenue = Array.from({ length: draws }, () => {
    const frailty = gammas.map(({ shape, rate }) => random.gamma(shape) / rate);
    const value = values(random);
    let sum = 0;
    for (let tier = 0; tier < open.length; tier++) {
      const own = open[tier]!;
      const multiplier = frailty[tier]!;
      // Falling chances: the next lead that may order is found by the chance here, and taken by the share of its own in
      // it. As exact as a throw for each lead, and thirty times less work where one in thirty orders.
      for (let at = 0; at < own.length; at++) {
        const hazard = multiplier * exposures[own[at]!]!;
        if (hazard === 0) break;
        at += Math.floor(-Math.log1p(-random.uniform()) / hazard);
        if (!(at < own.length)) break;
        const lead = own[at]!;
        const share = Math.expm1(-multiplier * exposures[lead]!) / Math.expm1(-hazard);
        if (random.uniform() < share) sum += value(leads[lead]!.price);
      }
    }
    if (recent.length === 0) return sum;
    // a rate over the weeks there are, when the shop is younger than twelve
    const rate = random.gamma(recentTotal) / recent.length;
    const weights = shares.map(({ n }) => random.gamma(n + 0.5));
    const all = sumOf(weights);
    // a negative binomial count of which each is kept with one chance is a negative binomial count of the same size
    for (const moments of arrivals) {
      let kept = 0;
      for (let i = 0; i < shares.length; i++) {
        const multiplier = frailty[shareTier[i]!]!;
        let chance = 0;
        for (const exposure of moments) chance -= Math.expm1(-multiplier * exposure);
        kept += ((weights[i]! / all) * chance) / MOMENTS;
      }
      const orders = random.negativeBinomial(rate * kept, size);
      for (let order = 0; order < orders; order++) sum += value(0);
    }
    return sum;
  });
  const sorted = ascending(revenue);
  const multipliers = gammas.map(({ shape, rate }) => ({
    shape,
    rate,
    least: gammaQuantile(0.025, shape, rate),
    most: gammaQuantile(0.975, shape, rate),
  }));
  return {
    mean: meanOf(revenue),
    levels: [...LEVELS],
    quantiles: LEVELS.map((level) => quantileOf(sorted, level)),
    // the chance rises with the multiplier: its quantiles and its mean follow from the gamma's
    perLead: leads.map((_, i) => {
      const { shape, rate, least, most } = multipliers[leadTier[i]!]!;
      const exposure = exposures[i]!;
      return {
        value: 1 - (rate / (rate + exposure)) ** shape,
        lo: -Math.expm1(-least * exposure),
        hi: -Math.expm1(-most * exposure),
      };
    }),
  };
};
