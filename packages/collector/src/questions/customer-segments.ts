import { Type } from '@sinclair/typebox';
import { kMeans } from '../statistics/index.js';
import { EstimateSchema, rateEstimate, rateMethod, type Estimate } from './estimate.js';
import { inferred } from './inferred.js';
import { seedOf } from './intervals.js';
import { FEWEST_CONVERSIONS, MOST_SCORED, scoreVisitors, type LeadScore } from './lead-score.js';
import { isOpen, LEAD_COLUMNS, leadOf, type Lead, type LeadRow } from './leads.js';
import { FEWEST_REPEATERS, repeatersOf, rfmSegments, type CustomerRow } from './rfm-segments.js';
import { empiricalPrior } from './prior.js';
import { defineQuestion, scopeParameters, type ReadView, type Scope } from './question.js';
import {
  FEATURES,
  firstPoints,
  nameOf,
  nearestCentres,
  standardisedFeatures,
  type FeatureRow,
} from './visitor-features.js';

/** Groups that fall apart on a resample are no groups. */
const LEAST_STABLE = 0.6;
const FEWEST_VISITORS = 60;
/** The view gives a random order: the first rows are a sample, and k-means on more of them finds the same groups. */
const MOST_FITTED = 1000;

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

/** Visitors by the centre they are nearest to. */
const groupVisitors = (rows: readonly FeatureRow[], scope: Scope) => {
  const features = standardisedFeatures(rows);
  const points = firstPoints(features, MOST_SCORED);
  const { centroids, stability } = kMeans(points.slice(0, MOST_FITTED), {
    k: [2, 6],
    seed: seedOf(scope),
    starts: 5,
  });
  return { points, names: centroids.map(nameOf), labels: nearestCentres(features, centroids), stability };
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
  const { names, labels, stability } = groupVisitors(rows, scope);
  if (stability <= LEAST_STABLE) return [];
  return names.flatMap((segment, group) =>
    rows.flatMap(({ visitor }, i) => (labels[i] === group ? [{ segment, visitor }] : [])),
  );
};

const visitorSegments = (rows: readonly FeatureRow[], scope: Scope): Answer => {
  if (rows.length < FEWEST_VISITORS) return { segments: [], stability: null, leadScore: null };
  const { points, names, labels, stability } = groupVisitors(rows, scope);
  const groups = names.map((name, i) => ({
    key: String(i),
    name,
    successes: 0,
    trials: 0,
    sums: FEATURES.map(() => 0),
  }));
  rows.forEach((row, i) => {
    const own = groups[labels[i]!]!;
    own.trials += 1;
    if (row.inquired) own.successes += 1;
    for (let j = 0; j < FEATURES.length; j++) own.sums[j]! += row[FEATURES[j]!];
  });
  const prior = empiricalPrior(groups);
  const segments = groups
    .map(({ name, successes, trials, sums }) => ({
      name,
      size: trials,
      profile: Object.fromEntries(FEATURES.map((feature, j) => [feature, sums[j]! / Math.max(1, trials)])),
      rate: rateEstimate(successes, trials, prior, rateMethod(prior, 'consented visitors')),
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
  const method = rateMethod(prior, 'leads');
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
        rate: rateEstimate(successes, trials, prior, method),
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
    ? leadSegments(
        (await readView<LeadRow>(viewOf(kind), scopeParameters(scope), LEAD_COLUMNS)).map(leadOf),
        scope.to,
      )
    : kind === 'customers'
      ? customerGroups(await readView<CustomerRow>(viewOf(kind), scopeParameters(scope)))
      : visitorSegments(
          // who they are is for the filter only, and a third of what there is to read
          await readView<FeatureRow>(viewOf(kind), scopeParameters(scope), [...FEATURES, 'inquired']),
          scope,
        );

export const customerSegments = defineQuestion({
  name: 'customer-segments',
  summary: 'Who comes, who is likely to ask?',
  parameters: Type.Object({
    kind: Type.Union([Type.Literal('visitors'), Type.Literal('leads'), Type.Literal('customers')], {
      default: 'visitors',
      description:
        'who is grouped; leads and customers: all up to the end of the range, whatever its start; customers = those of a shop to which people come back, by RFM',
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
    stability: inferred(`groups are shown above ${LEAST_STABLE} only`),
    leadScore: Type.Union([
      Type.Null(),
      Type.Object({
        brier: inferred('mean squared error of the predicted chance, on visitors left out of the fit'),
        brierOfMean: inferred('the same for one chance for all'),
        reliability: Type.Array(Type.Object({ p: inferred('predicted chance'), observed: EstimateSchema })),
      }),
    ]),
  }),
  money: 'history',
  ignoresFilters: ({ kind }) => (kind === 'visitors' ? null : `${kind} are told for the whole site`),
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
        text: `a score needs ${FEWEST_CONVERSIONS} visitors who asked among the ${MOST_SCORED} at most that it looks at, drawn by chance: use the tiers of leads`,
      });
    return { data, warnings };
  },
});
