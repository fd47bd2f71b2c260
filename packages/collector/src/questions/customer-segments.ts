import { Type } from '@sinclair/typebox';
import { kMeans } from '../statistics/index.js';
import { EstimateSchema, rateEstimate, type Estimate } from './estimate.js';
import { seedOf } from './intervals.js';
import { FEWEST_CONVERSIONS, scoreVisitors, type LeadScore } from './lead-score.js';
import { isOpen, leadOf, type Lead, type LeadRow } from './leads.js';
import { FEWEST_REPEATERS, repeatersOf, rfmSegments, type CustomerRow } from './rfm-segments.js';
import { empiricalPrior } from './prior.js';
import { defineQuestion, scopeParameters, type ReadView, type Scope } from './question.js';

/** Groups that fall apart on a resample are no groups. */
const LEAST_STABLE = 0.6;
const FEWEST_VISITORS = 60;
/** The view gives a random order: the first rows are a sample, and k-means on more of them finds the same groups. */
const MOST_FITTED = 1000;

export interface FeatureRow {
  recency_days: number;
  sessions: number;
  options: number;
  prices: number;
  saves: number;
  max_price: number;
  engaged_s: number;
  return_gap_days: number;
  inquired: number | boolean;
}
export const FEATURES = [
  'recency_days',
  'sessions',
  'options',
  'prices',
  'saves',
  'max_price',
  'engaged_s',
  'return_gap_days',
] as const;

/** What a high (low) mean of a feature is called. */
const WORDS: Record<(typeof FEATURES)[number], readonly [high: string, low: string]> = {
  recency_days: ['gone for long', 'here lately'],
  sessions: ['many visits', 'few visits'],
  options: ['tries many options', 'tries few options'],
  prices: ['watches prices', 'ignores prices'],
  saves: ['saves designs', 'saves nothing'],
  max_price: ['dear designs', 'cheap designs'],
  engaged_s: ['stays long', 'leaves soon'],
  return_gap_days: ['comes back after long', 'comes back at once'],
};

/** ln(1 + x), standardised; a feature that never varies stays 0. */
export const standardisedFeatures = (rows: readonly FeatureRow[]): number[][] => {
  const logs = rows.map((row) => FEATURES.map((name) => Math.log1p(Math.max(0, row[name]))));
  const scales = FEATURES.map((_, j) => {
    const mean = logs.reduce((sum, row) => sum + row[j]!, 0) / logs.length;
    const variance = logs.reduce((sum, row) => sum + (row[j]! - mean) ** 2, 0) / logs.length;
    return { mean, sd: variance > 0 ? Math.sqrt(variance) : 1 };
  });
  return logs.map((row) => row.map((value, j) => (value - scales[j]!.mean) / scales[j]!.sd));
};

/** The two features on which a group lies farthest from everybody. */
const nameOf = (centroid: readonly number[]): string =>
  centroid
    .map((z, j) => ({ z, words: WORDS[FEATURES[j]!] }))
    .sort((p, q) => Math.abs(q.z) - Math.abs(p.z))
    .slice(0, 2)
    .map(({ z, words }) => words[z > 0 ? 0 : 1])
    .join(', ');

interface Segment {
  name: string;
  size: number;
  profile: Record<string, number>;
  rate: Estimate;
}
interface Answer {
  segments: Segment[];
  stability: number | null;
  leadScore: LeadScore | null;
  cuts?: { R: number[]; F: number[]; M: number[] };
}

const nearest = (point: readonly number[], centroids: readonly (readonly number[])[]): number => {
  const distances = centroids.map((centre) => centre.reduce((sum, c, j) => sum + (c - point[j]!) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
};

/** Visitors by the centre they are nearest to. */
const groupVisitors = <Row extends FeatureRow>(rows: readonly Row[], scope: Scope) => {
  const points = standardisedFeatures(rows);
  const { centroids, stability } = kMeans(points.slice(0, MOST_FITTED), {
    k: [2, 6],
    seed: seedOf(scope),
    starts: 5,
  });
  const members = centroids.map((): Row[] => []);
  points.forEach((point, i) => members[nearest(point, centroids)]!.push(rows[i]!));
  return { points, centroids, members, stability };
};

/**
 * Who belongs to which of the segments that the question shows, for the filter `segment`; nobody while groups are not
 * stable.
 */
export const segmentMembers = async (
  readView: ReadView,
  scope: Scope,
): Promise<{ segment: string; visitor: string }[]> => {
  const rows = await readView<FeatureRow & { visitor: string }>(viewOf('visitors'), scopeParameters(scope));
  if (rows.length < FEWEST_VISITORS) return [];
  const { centroids, members, stability } = groupVisitors(rows, scope);
  if (stability <= LEAST_STABLE) return [];
  return members.flatMap((own, i) => own.map(({ visitor }) => ({ segment: nameOf(centroids[i]!), visitor })));
};

const visitorSegments = (rows: readonly FeatureRow[], scope: Scope): Answer => {
  if (rows.length < FEWEST_VISITORS) return { segments: [], stability: null, leadScore: null };
  const { points, centroids, members, stability } = groupVisitors(rows, scope);
  const groups = members.map((own, i) => ({
    key: String(i),
    successes: own.filter(({ inquired }) => Boolean(inquired)).length,
    trials: own.length,
  }));
  const prior = empiricalPrior(groups);
  const segments = members
    .map((own, i) => ({
      name: nameOf(centroids[i]!),
      size: own.length,
      profile: Object.fromEntries(
        FEATURES.map((name) => [
          name,
          own.reduce((sum, row) => sum + row[name], 0) / Math.max(1, own.length),
        ]),
      ),
      rate: rateEstimate(groups[i]!.successes, groups[i]!.trials, prior),
    }))
    .filter(({ size }) => size > 0)
    .sort((p, q) => q.size - p.size);
  return {
    segments: stability > LEAST_STABLE ? segments : [],
    stability,
    leadScore: scoreVisitors(
      points,
      rows.map(({ inquired }) => (inquired ? 1 : 0)),
    ),
  };
};

/** Leads by tier: orders per lead whose fate is known, or that is open. */
const leadSegments = (rows: readonly Lead[], to: number): Answer => {
  const tiers = [...new Set(rows.map(({ tier }) => tier))].sort();
  const groups = tiers.map((tier) => {
    const own = rows.filter((row) => row.tier === tier);
    return {
      key: tier,
      own,
      successes: own.filter(({ orderedAt }) => orderedAt !== null).length,
      trials: own.length,
    };
  });
  const prior = empiricalPrior(groups);
  return {
    segments: groups.map(({ key, own, successes, trials }) => {
      const prices = own.flatMap(({ price }) => (price ? [price] : []));
      return {
        name: key,
        size: trials,
        profile: {
          price: prices.reduce((sum, price) => sum + price, 0) / Math.max(1, prices.length),
          open: own.filter((lead) => isOpen(lead, to)).length,
        },
        rate: rateEstimate(successes, trials, prior),
      };
    }),
    stability: null,
    leadScore: null,
  };
};

/** Only a shop to which people come back has customers worth grouping. */
const customerGroups = (rows: readonly CustomerRow[]): Answer => {
  const none = { segments: [], stability: null, leadScore: null };
  return repeatersOf(rows) < FEWEST_REPEATERS ? none : { ...none, ...rfmSegments(rows) };
};

const VIEWS: Readonly<Record<string, string>> = { leads: 'leads', customers: 'customer_history' };
const viewOf = (kind: string): string => VIEWS[kind] ?? 'visitor_features';
const read = async (readView: ReadView, scope: Scope, kind: string): Promise<Answer> =>
  kind === 'leads'
    ? leadSegments((await readView<LeadRow>(viewOf(kind), scopeParameters(scope))).map(leadOf), scope.to)
    : kind === 'customers'
      ? customerGroups(await readView<CustomerRow>(viewOf(kind), scopeParameters(scope)))
      : visitorSegments(await readView<FeatureRow>(viewOf(kind), scopeParameters(scope)), scope);

export const customerSegments = defineQuestion({
  name: 'customer-segments',
  summary: 'Who comes, who is likely to ask?',
  parameters: Type.Object({
    kind: Type.Union([Type.Literal('visitors'), Type.Literal('leads'), Type.Literal('customers')], {
      default: 'visitors',
      description: 'who is grouped; customers = those of a shop to which people come back, by RFM',
    }),
  }),
  data: Type.Object({
    segments: Type.Array(
      Type.Object({
        name: Type.String(),
        size: Type.Number(),
        profile: Type.Record(Type.String(), Type.Number(), { description: 'means' }),
        rate: EstimateSchema,
      }),
      {
        description:
          'visitors who ask by behaviour, leads who order by tier, or customers who bought again by recency and frequency',
      },
    ),
    cuts: Type.Optional(
      Type.Object(
        { R: Type.Array(Type.Number()), F: Type.Array(Type.Number()), M: Type.Array(Type.Number()) },
        { description: 'between the scores 1 … 5 of customers: days, purchases, major units' },
      ),
    ),
    stability: Type.Union([Type.Number(), Type.Null()], {
      description: `groups are shown above ${LEAST_STABLE} only`,
    }),
    leadScore: Type.Union([
      Type.Null(),
      Type.Object({
        brier: Type.Number({
          description: 'mean squared error of the predicted chance, on visitors left out of the fit',
        }),
        brierOfMean: Type.Number({ description: 'the same for one chance for all' }),
        reliability: Type.Array(Type.Object({ p: Type.Number(), observed: EstimateSchema })),
      }),
    ]),
  }),
  table: (scope, { kind }) => ({ view: viewOf(kind), parameters: scopeParameters(scope) }),
  ask: async (scope, { kind }, { readView }) => {
    const data = await read(readView, scope, kind);
    const warnings = [];
    if (kind === 'visitors' && data.stability === null)
      warnings.push({ code: 'TOO_FEW', text: `groups need ${FEWEST_VISITORS} visitors with consent` });
    else if (kind === 'visitors' && data.segments.length === 0)
      warnings.push({ code: 'UNSTABLE', text: 'the groups change with the sample, so none are shown' });
    if (kind === 'customers' && data.segments.length === 0)
      warnings.push({
        code: 'TOO_FEW',
        text: `customers are grouped from ${FEWEST_REPEATERS} who came back on: this shop sells once`,
      });
    if (kind === 'visitors' && data.leadScore === null)
      warnings.push({
        code: 'NO_SCORE',
        text: `a score needs ${FEWEST_CONVERSIONS} visitors who asked: use the tiers of leads`,
      });
    return { data, warnings };
  },
});
