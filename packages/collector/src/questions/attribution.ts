import { Type } from '@sinclair/typebox';
import {
  markovCredits,
  outcomesOf,
  ruleCredits,
  shapleyCredits,
  type AttributionRule,
  type ChannelPath,
  type Journey,
  type NumberedCredit,
  type PathOutcomes,
  type Random,
} from '../statistics/index.js';
import { BadParameter } from '../errors.js';
import { EstimateSchema, FEWEST_TRIALS, insufficient, type Estimate } from './estimate.js';
import { estimate, quantilesOf, randomOf } from './intervals.js';
import { noData } from './no-data.js';
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

/** Outcomes of resamples of the paths, one after the other. */
const pathResamples = (paths: readonly ChannelPath[], random: Random): (() => PathOutcomes) => {
  const { conversions, nulls, values } = outcomesOf(paths);
  const drawn = {
    conversions: new Float64Array(paths.length),
    nulls: new Float64Array(paths.length),
    values: new Float64Array(paths.length),
  };
  return () => {
    for (let i = 0; i < paths.length; i++) {
      const n = conversions[i]!;
      const times = resampled(random, n);
      drawn.conversions[i] = times;
      drawn.values[i] = n > 0 ? (values[i]! * times) / n : 0;
    }
    for (let i = 0; i < paths.length; i++) drawn.nulls[i] = resampled(random, nulls[i]!);
    return drawn;
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

/** Draws of each channel's credit, one after the other. */
interface Draws {
  conversions: Float64Array[];
  value: Float64Array[];
}
interface Model {
  channels: readonly string[];
  credit: NumberedCredit;
  draws: Draws;
}

const modelOf = (channels: readonly string[], credit: NumberedCredit, repeats: number): Model => {
  const empty = (): Float64Array[] => channels.map(() => new Float64Array(repeats));
  return { channels, credit, draws: { conversions: empty(), value: empty() } };
};

const keep = ({ draws }: Model, repeat: number, { conversions, value }: NumberedCredit): void => {
  for (let i = 0; i < conversions.length; i++) {
    draws.conversions[i]![repeat] = conversions[i]!;
    draws.value[i]![repeat] = value[i]!;
  }
};

/** All models of the same journeys, with what they say of `repeats` resamples of them. */
const modelsOf = (
  paths: readonly ChannelPath[],
  touches: readonly Journey[],
  repeats: number,
  random: Random,
): Record<string, Model> => {
  const markov = markovCredits(paths);
  const shapley = shapleyCredits(paths);
  const rules = ruleCredits(touches, RULES);
  const counted = outcomesOf(paths);
  const byRule = rules.credit(new Uint8Array(touches.length).fill(1));
  const models = {
    markov: modelOf(markov.channels, markov.credit(counted), repeats),
    shapley: modelOf(shapley.channels, shapley.credit(counted), repeats),
  };
  const ruled = byRule.map((credit) => modelOf(rules.channels, credit, repeats));
  const resample = pathResamples(paths, random);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const outcomes = resample();
    const times = resampleTimes(touches.length, random);
    keep(models.markov, repeat, markov.credit(outcomes));
    keep(models.shapley, repeat, shapley.credit(outcomes));
    rules.credit(times).forEach((credit, i) => keep(ruled[i]!, repeat, credit));
  }
  return { ...models, ...Object.fromEntries(RULES.map((rule, i) => [rule, ruled[i]!])) };
};

/** Credits of one model with the spread of its resamples. */
const withIntervals = ({ channels, credit, draws }: Model, n: number, repeats: number): ChannelCredit[] => {
  const method = `bootstrap of ${repeats} resamples, consented visitors`;
  const estimateOf = (field: 'conversions' | 'value', i: number): Estimate => {
    const [lo, hi] = quantilesOf(draws[field][i]!, [0.025, 0.975]) as [number, number];
    const value = credit[field][i]!;
    const interval = { value, lo: Math.min(lo, value), hi: Math.max(hi, value) };
    return estimate(interval, n, method, { fewest: FEWEST_TRIALS, enough: 100 });
  };
  return channels
    .map((channel, i) => ({ channel, i }))
    .sort((p, q) => credit.conversions[q.i]! - credit.conversions[p.i]! || (p.channel < q.channel ? -1 : 1))
    .map(({ channel, i }) => ({
      channel,
      conversions: estimateOf('conversions', i),
      value: estimateOf('value', i),
    }));
};

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
  { conversions, value }: { conversions: number; value: number },
  margin: number,
  random: Random,
): { channel: string; cost: number; roi: Estimate } => {
  const method = 'gamma-poisson, value of inquiries';
  const k = conversions;
  if (k < 1) return { channel, cost, roi: insufficient(Math.round(k), method) };
  const each = (value / k) * margin;
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
    models: Type.Record(Type.String(), credits, {
      description: `by the model's name, with intervals of ${RESAMPLES} resamples, fewer above ${MOST_WORK / RESAMPLES} different paths (\`method\` says how many); no media-mix model, which would need two years of weekly spend`,
    }),
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
    const models = modelsOf(paths, touches, repeats, random);
    const creditOf = ({ channels, credit }: Model, channel: string) => {
      const i = channels.indexOf(channel);
      return i < 0
        ? { conversions: 0, value: 0 }
        : { conversions: credit.conversions[i]!, value: credit.value[i]! };
    };
    const all = Object.values(models);
    const channels = [...new Set(all.flatMap((model) => model.channels))];
    return {
      data: {
        conversions,
        models: Object.fromEntries(
          Object.entries(models).map(([name, model]) => [name, withIntervals(model, conversions, repeats)]),
        ),
        disagreement: channels.sort().map((channel) => {
          const own = all.map((model) => creditOf(model, channel).conversions);
          return { channel, lo: Math.min(...own), hi: Math.max(...own) };
        }),
        roi: [...costs].map(([channel, cost]) =>
          roiOf(channel, cost, creditOf(models[p.model]!, channel), p.margin, random),
        ),
      },
      warnings: paths.length > 0 ? [] : [noData(scope, 'visit of somebody with consent')],
    };
  },
});
