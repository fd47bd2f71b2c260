import { Type } from '@sinclair/typebox';
import {
  markovAttribution,
  markovCredits,
  ruleAttribution,
  ruleCredits,
  shapleyAttribution,
  shapleyCredits,
  type AttributionRule,
  type ChannelPath,
  type Credit,
  type PathOutcomes,
  type Random,
} from '../statistics/index.js';
import { BadParameter } from '../errors.js';
import { EstimateSchema, FEWEST_TRIALS, insufficient, type Estimate } from './estimate.js';
import { estimate, quantilesOf, randomOf } from './intervals.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';

const RESAMPLES = 500;
/** Paths × resamples that are worked through within half a second. */
const MOST_WORK = 1_500_000;
const RULES: readonly AttributionRule[] = ['last', 'first', 'linear', 'decay', 'position'];
const MODELS = ['markov', 'shapley', ...RULES] as const;

interface PathRow {
  path: string[];
  conversions: number;
  nulls: number;
  value: number;
}
interface TouchRow {
  channels: string[];
  days_before: number[];
  value: number;
}
type Bound = Record<string, ViewParameter>;

/** Poisson(n) stands for a bootstrap resample of n equal rows; above 50 its normal form is as good. */
const resampled = (random: Random, n: number): number =>
  n > 50 ? Math.max(0, Math.round(n + Math.sqrt(n) * random.normal())) : random.poisson(n);

const resamplePaths = (paths: readonly ChannelPath[], random: Random): PathOutcomes => {
  const conversions = paths.map((path) => resampled(random, path.conversions));
  return {
    conversions,
    nulls: paths.map((path) => resampled(random, path.nulls)),
    values: paths.map((path, i) =>
      path.conversions > 0 ? ((path.value ?? 0) * conversions[i]!) / path.conversions : 0,
    ),
  };
};

/** How often each of n journeys is drawn when n are drawn with replacement. */
const resampleTimes = (n: number, random: Random): Uint32Array => {
  const times = new Uint32Array(n);
  for (let i = 0; i < n; i++) times[random.below(n)]! += 1;
  return times;
};

interface ChannelCredit {
  channel: string;
  conversions: Estimate;
  value: Estimate;
}

/** Credits of one model with the spread of its resamples. */
const withIntervals = (
  credit: Credit,
  draws: readonly Credit[],
  conversions: number,
  method: string,
): ChannelCredit[] =>
  Object.keys(credit.conversions)
    .sort((p, q) => credit.conversions[q]! - credit.conversions[p]! || (p < q ? -1 : 1))
    .map((channel) => {
      const of = (field: 'conversions' | 'value'): Estimate => {
        const [lo, hi] = quantilesOf(
          draws.map((draw) => draw[field][channel] ?? 0),
          [0.025, 0.975],
        ) as [number, number];
        const value = credit[field][channel]!;
        const interval = { value, lo: Math.min(lo, value), hi: Math.max(hi, value) };
        return estimate(interval, conversions, method, { fewest: FEWEST_TRIALS, enough: 100 });
      };
      return { channel, conversions: of('conversions'), value: of('value') };
    });

const costsOf = (texts: readonly string[]): Map<string, number> =>
  new Map(
    texts.map((text) => {
      const at = text.lastIndexOf(':');
      const amount = Number(text.slice(at + 1));
      if (at < 1 || !(amount > 0))
        throw new BadParameter('cost', 'cost must be a list of channel:amount, amounts above 0');
      return [text.slice(0, at), amount] as const;
    }),
  );

/** (margin − cost) / cost, the number of conversions as uncertain as Gamma(k + ½). */
const roiOf = (
  channel: string,
  cost: number,
  credit: Credit,
  margin: number,
  random: Random,
): { channel: string; cost: number; roi: Estimate } => {
  const method = 'gamma-poisson, value of inquiries';
  const k = credit.conversions[channel] ?? 0;
  if (k < 1) return { channel, cost, roi: insufficient(Math.round(k), method) };
  const each = (credit.value[channel]! / k) * margin;
  const draws = Array.from({ length: RESAMPLES }, () => (random.gamma(k + 0.5) * each - cost) / cost);
  const [lo, hi] = quantilesOf(draws, [0.025, 0.975]) as [number, number];
  const roi = estimate({ value: (k * each - cost) / cost, lo, hi }, Math.round(k), method, {
    fewest: 5,
    enough: 30,
  });
  return { channel, cost, roi };
};

const viewParameters = (scope: Scope, lookbackDays: number): Bound => ({
  ...scopeParameters(scope),
  lookback_days: lookbackDays,
});

const credits = Type.Array(
  Type.Object({ channel: Type.String(), conversions: EstimateSchema, value: EstimateSchema }),
);

export const attribution = defineQuestion({
  name: 'attribution',
  summary: 'What did each channel bring?',
  parameters: Type.Object({
    model: Type.Union(
      MODELS.map((name) => Type.Literal(name)),
      { default: 'markov', description: 'whose credits the return on cost uses; all models are answered' },
    ),
    lookback_days: Type.Integer({
      minimum: 1,
      maximum: 365,
      default: 30,
      description: 'days before an inquiry in which a visit counts',
    }),
    cost: Type.Array(Type.String({ maxLength: 128 }), {
      default: [],
      maxItems: 50,
      description: 'channel:amount in the range, in major units',
      examples: [['search:1000', 'social:250']],
    }),
    margin: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.2,
      description: 'share of the value that is earned',
    }),
  }),
  data: Type.Object({
    conversions: Type.Number({
      description: 'visitors with an inquiry; the credits of each model sum to it',
    }),
    models: Type.Record(Type.String(), credits),
    disagreement: Type.Array(Type.Object({ channel: Type.String(), lo: Type.Number(), hi: Type.Number() }), {
      description: 'least and most conversions over the models: the honest interval',
    }),
    roi: Type.Array(Type.Object({ channel: Type.String(), cost: Type.Number(), roi: EstimateSchema })),
  }),
  table: (scope, p) => ({ view: 'attribution_paths', parameters: viewParameters(scope, p.lookback_days) }),
  ask: async (scope, p, { readView }) => {
    const costs = costsOf(p.cost);
    const bound = viewParameters(scope, p.lookback_days);
    const [paths, rows] = await Promise.all([
      readView<PathRow>('attribution_paths', bound),
      readView<TouchRow>('attribution_touches', bound),
    ]);
    const touches = rows
      .filter(({ channels }) => channels.length > 0)
      .map(({ channels, days_before, value }) => ({ channels, daysBefore: days_before, value }));
    const conversions = paths.reduce((sum, path) => sum + path.conversions, 0);
    const random = randomOf(scope);
    const repeats = Math.max(100, Math.min(RESAMPLES, Math.floor(MOST_WORK / Math.max(1, paths.length))));
    const markov = markovCredits(paths);
    const shapley = shapleyCredits(paths);
    const rules = RULES.map((rule) => [rule, ruleCredits(touches, rule)] as const);
    const all: Record<string, Credit> = {
      markov: markovAttribution(paths),
      shapley: shapleyAttribution(paths),
      ...Object.fromEntries(RULES.map((rule) => [rule, ruleAttribution(touches, rule)])),
    };
    const draws: Record<string, Credit[]> = Object.fromEntries(MODELS.map((model) => [model, []]));
    for (let repeat = 0; repeat < repeats; repeat++) {
      const outcomes = resamplePaths(paths, random);
      const times = resampleTimes(touches.length, random);
      draws['markov']!.push(markov(outcomes));
      draws['shapley']!.push(shapley(outcomes));
      for (const [rule, credit] of rules) draws[rule]!.push(credit(times));
    }
    const method = 'bootstrap, consented visitors';
    const channels = [...new Set(Object.values(all).flatMap((credit) => Object.keys(credit.conversions)))];
    return {
      data: {
        conversions,
        models: Object.fromEntries(
          Object.entries(all).map(([model, credit]) => [
            model,
            withIntervals(credit, draws[model]!, conversions, method),
          ]),
        ),
        disagreement: channels.sort().map((channel) => {
          const own = Object.values(all).map((credit) => credit.conversions[channel] ?? 0);
          return { channel, lo: Math.min(...own), hi: Math.max(...own) };
        }),
        roi: [...costs].map(([channel, cost]) => roiOf(channel, cost, all[p.model]!, p.margin, random)),
      },
    };
  },
});
