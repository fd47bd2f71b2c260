import { pipelineForecast, randomFrom, type Random } from '@lintel/collector/statistics';

const HISTORY_WEEKS = 104;
const HORIZON_WEEKS = 4;
const ORIGINS = 12;
const DRAWS = 1000;
const TIERS = [
  { tier: 'cold', share: 0.6, orders: 0.03 },
  { tier: 'warm', share: 0.3, orders: 0.1 },
  { tier: 'hot', share: 0.1, orders: 0.3 },
];

interface Lead {
  week: number;
  tier: string;
  price: number;
  /** week of the order, Infinity without one */
  orderWeek: number;
}

/** A shop with 6 leads a week, a yearly wave, a drifting level, overdispersed weeks, and orders weeks later. */
const aShop = (random: Random): Lead[] => {
  const leads: Lead[] = [];
  const phase = random.uniform();
  let drift = 0;
  for (let week = 0; week < HISTORY_WEEKS + ORIGINS * HORIZON_WEEKS; week++) {
    drift += 0.03 * random.normal();
    const mean = 6 * (1 + 0.25 * Math.sin(2 * Math.PI * (week / 52 + phase))) * Math.exp(drift);
    const count = random.negativeBinomial(mean, 4);
    for (let i = 0; i < count; i++) {
      const u = random.uniform();
      const kind = u < 0.6 ? TIERS[0]! : u < 0.9 ? TIERS[1]! : TIERS[2]!;
      const delay = Math.ceil(13 * (-Math.log(random.uniform())) ** (1 / 1.3));
      leads.push({
        week,
        tier: kind.tier,
        price: 210_000 * Math.exp(0.28 * random.normal()),
        orderWeek: random.uniform() < kind.orders ? week + delay : Infinity,
      });
    }
  }
  return leads;
};

const weeklyRevenue = (leads: readonly Lead[], from: number, to: number): number =>
  leads.reduce((sum, lead) => sum + (lead.orderWeek >= from && lead.orderWeek < to ? lead.price : 0), 0);

/** What the product does: hazard of the leads known at `now`, open leads, inquiries per week. */
const pipelineDraws = (leads: readonly Lead[], now: number, seed: number) => {
  const known = leads.filter(({ week }) => week < now);
  const hazard = new Map<string, { tier: string; week: number; atRisk: number; orders: number }>();
  for (const { week, tier, orderWeek } of known) {
    const ordered = orderWeek < now;
    const last = Math.min(ordered ? orderWeek - week : now - week - 1, 79);
    for (let age = 0; age <= last; age++) {
      const key = `${tier} ${age}`;
      const row = hazard.get(key) ?? { tier, week: age, atRisk: 0, orders: 0 };
      row.atRisk++;
      if (ordered && age === orderWeek - week) row.orders++;
      hazard.set(key, row);
    }
  }
  return pipelineForecast({
    leads: known
      .filter(({ orderWeek }) => orderWeek >= now)
      .map(({ week, tier, price }) => ({ ageWeeks: now - week, tier, price })),
    hazard: [...hazard.values()],
    inquiriesPerWeek: TIERS.map(({ tier }) => ({
      tier,
      counts: Array.from(
        { length: now },
        (_, week) => known.filter((l) => l.week === week && l.tier === tier).length,
      ),
    })),
    orderValues: known.filter(({ orderWeek }) => orderWeek < now).map(({ price }) => price),
    horizonWeeks: HORIZON_WEEKS,
    draws: DRAWS,
    seed,
  });
};

/** Simple exponential smoothing of four-week sums, α by least squares; draws from its normal band, not below 0. */
const smoothedDraws = (y: readonly number[], random: Random): number[] => {
  const fit = (alpha: number): { sse: number; level: number } => {
    let level = y[0]!;
    let sse = 0;
    for (const value of y.slice(1)) {
      sse += (value - level) ** 2;
      level += alpha * (value - level);
    }
    return { sse, level };
  };
  const alphas = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);
  const best = alphas.map(fit).reduce((p, q) => (q.sse < p.sse ? q : p));
  const sd = Math.sqrt(best.sse / (y.length - 2));
  return Array.from({ length: DRAWS }, () => Math.max(0, best.level + sd * random.normal()));
};

/** Orders of the last half year as a rate, values lognormal. */
const poissonDraws = (leads: readonly Lead[], now: number, random: Random): number[] => {
  const recent = leads.filter(({ orderWeek }) => orderWeek >= now - 26 && orderWeek < now);
  const logs = leads.filter(({ orderWeek }) => orderWeek < now).map(({ price }) => Math.log(price));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const sd = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / Math.max(1, logs.length - 1));
  return Array.from({ length: DRAWS }, () => {
    const count = random.poisson((random.gamma(recent.length + 0.5) / 26) * HORIZON_WEEKS);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += Math.exp(mean + sd * random.normal());
    return sum;
  });
};

const LEVELS = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];
const quantiles = (draws: readonly number[]): number[] => {
  const sorted = [...draws].sort((p, q) => p - q);
  return LEVELS.map((level) => sorted[Math.round(level * (sorted.length - 1))]!);
};
/** Share of 0…1 that lies nearest to each level: the levels are closer to each other in the tails. */
const WEIGHTS = LEVELS.map((_, i) => {
  const from = i === 0 ? 0 : (LEVELS[i - 1]! + LEVELS[i]!) / 2;
  const to = i === LEVELS.length - 1 ? 1 : (LEVELS[i]! + LEVELS[i + 1]!) / 2;
  return to - from;
});
/** CRPS by its quantile form: twice the weighted pinball loss. */
const crps = (y: number, q: readonly number[]): number =>
  2 *
  q.reduce((sum, x, i) => sum + WEIGHTS[i]! * Math.max(LEVELS[i]! * (y - x), (LEVELS[i]! - 1) * (y - x)), 0);

export interface PipelineScore {
  wape: number;
  /** CRPS ÷ mean revenue */
  crps: number;
  coverage80: number;
  coverage95: number;
}

/** Four-week forecasts of `shops` shops from 12 origins each, by the pipeline and by what one would do without it. */
export const forecastPipelines = ({
  shops,
  seed,
}: {
  shops: number;
  seed: number;
}): Record<string, PipelineScore> => {
  const sums: Record<string, { error: number; crps: number; inside80: number; inside95: number }> = {};
  let revenue = 0;
  const random = randomFrom(seed);
  for (let shop = 0; shop < shops; shop++) {
    const leads = aShop(random);
    for (let origin = 0; origin < ORIGINS; origin++) {
      const now = HISTORY_WEEKS + origin * HORIZON_WEEKS;
      const actual = weeklyRevenue(leads, now, now + HORIZON_WEEKS);
      revenue += actual;
      const past = Array.from({ length: now / HORIZON_WEEKS }, (_, i) =>
        weeklyRevenue(leads, i * HORIZON_WEEKS, (i + 1) * HORIZON_WEEKS),
      );
      const add = (name: string, q: readonly number[]): void => {
        const sum = (sums[name] ??= { error: 0, crps: 0, inside80: 0, inside95: 0 });
        // as the view forecast_scores has it: the median, not the mean
        sum.error += Math.abs(actual - q[4]!);
        sum.crps += crps(actual, q);
        sum.inside80 += actual >= q[2]! && actual <= q[6]! ? 1 : 0;
        sum.inside95 += actual >= q[0]! && actual <= q[8]! ? 1 : 0;
      };
      const own = pipelineDraws(leads, now, seed + shop * ORIGINS + origin);
      add('pipeline', own.quantiles);
      for (const [name, draws] of [
        ['Gamma–Poisson', poissonDraws(leads, now, random)],
        ['exponential smoothing', smoothedDraws(past, random)],
      ] as const) {
        add(name, quantiles(draws));
      }
      const last = past.at(-1)!;
      add(
        'last period',
        LEVELS.map(() => last),
      );
    }
  }
  const n = shops * ORIGINS;
  return Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => [
      name,
      {
        wape: sum.error / revenue,
        crps: sum.crps / revenue,
        coverage80: sum.inside80 / n,
        coverage95: sum.inside95 / n,
      },
    ]),
  );
};
