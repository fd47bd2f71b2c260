import { checkNumbers, checkWhole, StatisticsError } from './errors.js';
import { ascending, meanOf, quantileOf, sumOf, varianceOf } from './numbers.js';
import { chancesOf, riskOf } from './order-chances.js';
import { arrivalChances, type HazardRow } from './order-hazard.js';
import { orderValueModel } from './order-values.js';
import { randomFrom } from './random.js';
import type { Interval } from './types.js';

const RECENT_WEEKS = 12;
const YEAR_WEEKS = 52;

const LEVELS = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

export interface PipelineLead {
  ageWeeks: number;
  tier: string;
  /** last seen price, 0 when unknown */
  price: number;
}

/** Open leads of a tier, their exposures laid end to end. */
interface Queue {
  /** NaN without a price. */
  priceLogs: Float64Array;
  /** Mean exposure, in which the ends count. */
  width: number;
  /** Σ of the exposures up to each lead. */
  ends: Float64Array;
  /** Where to look for the lead at each whole number. */
  guide: Uint32Array;
}

const queueOf = (leads: readonly { price: number; exposure: number }[]): Queue => {
  const n = leads.length;
  const width = leads.reduce((sum, { exposure }) => sum + exposure, 0) / n;
  const ends = new Float64Array(n);
  for (let i = 0, total = 0; i < n; i++) ends[i] = total += leads[i]!.exposure / width;
  const guide = new Uint32Array(n + 1);
  for (let whole = 0, i = 0; whole <= n; whole++) {
    while (i < n - 1 && ends[i]! <= whole) i++;
    guide[whole] = i;
  }
  const priceLogs = new Float64Array(leads.map(({ price }) => (price > 0 ? Math.log(price) : NaN)));
  return { priceLogs, width, ends, guide };
};

/**
 * Revenue of the next weeks out of open leads and leads still to come, by simulation: age and tier say whether a lead
 * orders, its price for how much. Every doubt (hazard of the tier, rate of leads, values) is drawn too.
 * @param leads open leads   @param hazard per tier and week of age: leads at risk and orders, as the view `lead_hazard`
 * @param inquiriesPerWeek per tier, oldest week first, the last one complete   @param orderValues paid so far
 * @param draws default 2,000
 * @returns mean and quantiles of the revenue in the unit of the prices; per lead P(order within the horizon), in order,
 *          as `orderChances`
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
  for (const { counts } of inquiriesPerWeek) {
    checkNumbers(counts, 'inquiriesPerWeek');
    if (counts.some((count) => count < 0))
      throw new StatisticsError('BAD_COUNTS', 'inquiries must not be negative');
  }
  if (orderValues.some((value) => !(value > 0 && Number.isFinite(value))))
    throw new StatisticsError('BAD_RANGE', 'order values must be positive');

  const risk = riskOf(hazard);
  const { until } = risk;
  const weeks = Math.max(0, ...inquiriesPerWeek.map(({ counts }) => counts.length));
  const totals = Array.from({ length: Math.min(weeks, YEAR_WEEKS) }, (_, back) =>
    sumOf(inquiriesPerWeek.map(({ counts }) => counts.at(-1 - back) ?? 0)),
  );
  const recent = totals.slice(0, RECENT_WEEKS);
  const mean = totals.length > 1 ? meanOf(totals) : 0;
  const variance = totals.length > 1 ? varianceOf(totals) : 0;
  const size = variance > mean && mean > 0 ? mean ** 2 / (variance - mean) : Infinity;
  const shares = inquiriesPerWeek.map(({ tier, counts }) => ({ tier, n: sumOf(counts.slice(-YEAR_WEEKS)) }));
  const values = orderValueModel(
    orderValues,
    leads.map(({ price }) => price),
  );
  const tiers = [...new Set([...leads.map(({ tier }) => tier), ...shares.map(({ tier }) => tier)])];
  const gammas = tiers.map(risk.frailtyOf);
  const tierOf = new Map(tiers.map((tier, i) => [tier, i]));
  const exposures = new Float64Array(leads.length);
  /** Leads of each tier that may still order. */
  const open = tiers.map((): { price: number; exposure: number }[] => []);
  leads.forEach(({ ageWeeks, tier, price }, i) => {
    const exposure = until(ageWeeks + horizonWeeks) - until(ageWeeks);
    exposures[i] = exposure;
    if (exposure > 0) open[tierOf.get(tier)!]!.push({ price, exposure });
  });
  const queues = open.map(queueOf);
  const weekly = Float64Array.from({ length: horizonWeeks + 1 }, (_, week) => until(week));
  const recentTotal = sumOf(recent) + 0.5;
  const shareTier = shares.map(({ tier }) => tierOf.get(tier)!);

  /** ln of the prices of those who order in one future. */
  const priceLogs = new Float64Array(leads.length);
  const random = randomFrom(seed);
  /** Orders of leads that come in one future. */
  const arriving = (frailty: readonly number[]): number => {
    if (recent.length === 0) return 0;
    // a rate over the weeks there are, when the shop is younger than twelve
    const rate = random.gamma(recentTotal) / recent.length;
    const weights = shares.map(({ n }) => random.gamma(n + 0.5));
    const all = sumOf(weights);
    const chances = shareTier.map((tier) => arrivalChances(weekly, frailty[tier]!));
    // A negative binomial count of which each is kept with one chance is a negative binomial count of the same size, which
    // is a Poisson count with a gamma mean; and Poisson counts add up to one.
    let expected = 0;
    for (let week = 0; week < horizonWeeks; week++) {
      let kept = 0;
      for (let i = 0; i < chances.length; i++) kept += (weights[i]! / all) * chances[i]![week]!;
      expected += rate * kept * (Number.isFinite(size) ? random.gamma(size) / size : 1);
    }
    return random.poisson(expected);
  };
  const revenue = Array.from({ length: draws }, () => {
    const frailty = gammas.map(({ shape, rate }) => random.gamma(shape) / rate);
    let known = 0;
    // With the exposures of a tier's leads laid end to end, orders are the first events of a Poisson process in each: the
    // next one is an exponential jump from the end of the last that ordered. As exact as a throw for each lead, and a
    // hundred times less work where one in a hundred orders.
    for (let tier = 0; tier < queues.length; tier++) {
      const queue = queues[tier]!;
      const n = queue.ends.length;
      const jump = -1 / (frailty[tier]! * queue.width);
      for (let lead = 0, from = 0; lead < n; lead++) {
        const event = from + jump * Math.log(random.uniform());
        if (!(event < queue.ends[n - 1]!)) break;
        lead = Math.max(lead, queue.guide[Math.floor(event)]!);
        while (queue.ends[lead]! <= event) lead++;
        priceLogs[known++] = queue.priceLogs[lead]!;
        from = queue.ends[lead]!;
      }
    }
    return values.total(values.future(random), { priceLogs, known, others: arriving(frailty) }, random);
  });
  const sorted = ascending(revenue);
  return {
    mean: meanOf(revenue),
    levels: [...LEVELS],
    quantiles: LEVELS.map((level) => quantileOf(sorted, level)),
    perLead: chancesOf(leads, exposures, risk),
  };
};
