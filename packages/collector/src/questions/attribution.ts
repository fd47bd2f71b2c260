import { Type } from '@sinclair/typebox';
import type { Random } from '../statistics/index.js';
import { BadParameter } from '../errors.js';
import { MODELS, modelsOf, MOST_PATHS, RESAMPLES, type Model, type PathRow } from './attribution-models.js';
import { worthsOf, type Asked, type ConversionWorths } from './conversion-worth.js';
import { EstimateSchema, FEWEST_TRIALS, insufficient, type Estimate } from './estimate.js';
import { inferred } from './inferred.js';
import { estimate, KEEP_MS, keptEnd, quantilesOf, randomOf } from './intervals.js';
import { FEWEST_ORDERS } from './known-orders.js';
import { LEAD_COLUMNS, type LeadRow } from './leads.js';
import { noData } from './no-data.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';

const MONEY = 'landed orders and P(order) × price of open inquiries';

interface TouchRow extends Asked {
  channels: string[];
  days_before: number[];
}
type Bound = Record<string, ViewParameter>;

interface ChannelCredit {
  channel: string;
  conversions: Estimate;
  value: Estimate;
}

/** As sure as its number of conversions, and as what is known of orders. */
const asSureAs = (money: Estimate, { quality, orders }: ConversionWorths): Estimate => {
  if (quality === 'insufficient') return insufficient(orders, MONEY);
  return money.quality === 'ok' ? { ...money, quality } : money;
};

/** Credits of one model with the spread of its resamples. */
const withIntervals = (
  { channels, credit, draws }: Model,
  n: number,
  worths: ConversionWorths,
): ChannelCredit[] => {
  const method = `bootstrap of ${draws.conversions[0]?.length ?? 0} resamples, consented visitors`;
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
      value: asSureAs(estimateOf('value', i), worths),
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

/**
 * (margin − cost) / cost: the number of conversions as uncertain as Gamma(k + ½), what each of them brings as in the
 * resamples of the model.
 */
const roiOf = (
  { channel, cost, margin }: { channel: string; cost: number; margin: number },
  { channels, credit, draws: resamples }: Model,
  worths: ConversionWorths,
  random: Random,
): { channel: string; cost: number; roi: Estimate } => {
  const method = 'gamma-poisson, expected revenue';
  const i = channels.indexOf(channel);
  const k = i < 0 ? 0 : credit.conversions[i]!;
  if (k < 1) return { channel, cost, roi: insufficient(Math.round(k), method) };
  const each = (credit.value[i]! / k) * margin;
  const draws = Array.from(resamples.value[i]!, (value, repeat) => {
    const times = resamples.conversions[i]![repeat]!;
    return (random.gamma(k + 0.5) * (times > 0 ? (value / times) * margin : each) - cost) / cost;
  });
  const [lo, hi] = quantilesOf(draws, [0.025, 0.975]) as [number, number];
  const value = (k * each - cost) / cost;
  const interval = { value, lo: Math.min(lo, value), hi: Math.max(hi, value) };
  const roi = estimate(interval, Math.round(k), method, {
    fewest: 5,
    enough: 30,
  });
  return { channel, cost, roi: asSureAs(roi, worths) };
};

const viewParameters = (scope: Scope, lookbackDays: number): Bound => ({
  ...scopeParameters(scope),
  lookback_days: lookbackDays,
});

const credits = Type.Array(
  Type.Object({ channel: Type.String(), conversions: EstimateSchema, value: EstimateSchema }),
  {
    description:
      'value: expected revenue, that is the money of orders that landed and P(order) × price of open inquiries',
  },
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
      description: 'share of the expected revenue that is earned',
    }),
  }),
  data: Type.Object({
    conversions: Type.Number({
      description: 'visitors with an inquiry; the credits of each model sum to it',
    }),
    models: Type.Record(Type.String(), credits, {
      description: `by the model's name, with intervals of ${RESAMPLES} resamples, fewer above ${MOST_PATHS} different paths (\`method\` says how many); no media-mix model, which would need two years of weekly spend`,
    }),
    disagreement: Type.Array(
      Type.Object({ channel: Type.String(), lo: inferred('least'), hi: inferred('most') }),
      {
        description: 'least and most conversions over the models: the honest interval',
      },
    ),
    roi: Type.Array(Type.Object({ channel: Type.String(), cost: Type.Number(), roi: EstimateSchema })),
  }),
  money: 'history',
  table: (scope, p) => ({ view: 'attribution_paths', parameters: viewParameters(scope, p.lookback_days) }),
  ask: async (scope, p, { readView, clock }) => {
    const costs = costsOf(p.cost);
    const bound = viewParameters(scope, p.lookback_days);
    // what came of inquiries of the range is known as of now, also where the range is over since long
    const until = keptEnd(clock.now(), clock.now());
    const [paths, rows, leads] = await Promise.all([
      readView<PathRow>('attribution_paths', bound),
      readView<TouchRow>('attribution_touches', bound),
      // how leads fare changes little within a minute, and they are the dearest thing to read
      readView<LeadRow>(
        'leads',
        { ...scopeParameters(scope), to: until },
        [...LEAD_COLUMNS, 'visitor'],
        KEEP_MS,
      ),
    ]);
    const asked = rows.filter(({ channels }) => channels.length > 0);
    const worths = worthsOf(asked, leads, until);
    const touches = asked.map(({ channels, days_before, value }) => ({
      channels,
      daysBefore: days_before,
      value,
    }));
    const conversions = paths.reduce((sum, path) => sum + path.conversions, 0);
    const random = randomOf(scope);
    const models = modelsOf(paths, touches, worths, random);
    const creditOf = ({ channels, credit }: Model, channel: string): number =>
      credit.conversions[channels.indexOf(channel)] ?? 0;
    const all = Object.values(models);
    const channels = [...new Set(all.flatMap((model) => model.channels))];
    return {
      data: {
        conversions,
        models: Object.fromEntries(
          Object.entries(models).map(([name, model]) => [name, withIntervals(model, conversions, worths)]),
        ),
        disagreement: channels.sort().map((channel) => {
          const own = all.map((model) => creditOf(model, channel));
          return { channel, lo: Math.min(...own), hi: Math.max(...own) };
        }),
        roi: [...costs].map(([channel, cost]) =>
          roiOf({ channel, cost, margin: p.margin }, models[p.model]!, worths, random),
        ),
      },
      warnings: [
        ...(paths.length > 0 ? [] : [noData(scope, 'visit of somebody with consent')]),
        ...(worths.quality === 'insufficient'
          ? [
              {
                code: 'TOO_FEW',
                text: `${worths.orders} of the ${FEWEST_ORDERS} orders needed to know how many inquiries order: value and roi are not told`,
              },
            ]
          : []),
      ],
    };
  },
});
