import { Type } from '@sinclair/typebox';
import { BadParameter } from '../errors.js';
import { kaplanMeier } from '../statistics/index.js';
import {
  EstimateSchema,
  FEWEST_TRIALS,
  insufficient,
  rateEstimate,
  rateMethod,
  rateQuality,
  type Estimate,
} from './estimate.js';
import { abandonedOf, type AbandonedRow } from './abandoned.js';
import { noData } from './no-data.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';
import { JOURNEY_TYPES, Step } from './steps.js';

const DAY_S = 86_400;
const DEFAULT_STEPS = ['page_view', 'option_select', 'price_view', 'config:save', 'inquiry'];

interface StepRow {
  segment: string;
  position: number;
  step: string;
  visitors: number;
  before: number;
  median_s: number | null;
  value_lost: number;
  open: number;
}

/** What counts, unless it is visitors: of those only who has consent can be followed for more than a day. */
const UNITS = { session: 'sessions', stream: 'page instances' };

const noStep = (step: string, index: number): StepRow => ({
  segment: '',
  position: index + 1,
  step,
  visitors: 0,
  before: 0,
  median_s: null,
  value_lost: 0,
  open: 0,
});

const parameters = Type.Object({
  steps: Type.Array(Step(), {
    minItems: 1,
    maxItems: 8,
    default: DEFAULT_STEPS,
    description: `type or type:name, for instance page_view:/path, config:save; types are ${JOURNEY_TYPES.join(', ')}`,
    examples: [
      ['page_view', 'price_view', 'inquiry'],
      ['page_view:/', 'config:save', 'order'],
    ],
  }),
  window: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 400 * DAY_S,
      description: 'seconds from the first step; 14 days, 90 with order',
    }),
  ),
  mode: Type.Union([Type.Literal('ordered'), Type.Literal('strict'), Type.Literal('unordered')], {
    default: 'ordered',
    description:
      'ordered: others may lie between; strict: none may; unordered: any order within the range, whatever the window',
  }),
  unit: Type.Union([Type.Literal('visitor'), Type.Literal('session'), Type.Literal('stream')], {
    default: 'visitor',
    description: 'who walks the funnel; stream = one page, and needs no consent',
  }),
  breakdown: Type.Union(
    ['', 'channel', 'device', 'country', 'model'].map((name) => Type.Literal(name)),
    { default: '', description: 'one funnel for each value' },
  ),
});

interface Parameters {
  steps: string[];
  window?: number;
  mode: string;
  unit: string;
  breakdown: string;
}

const viewParameters = (scope: Scope, p: Parameters): Record<string, ViewParameter> => ({
  ...scopeParameters(scope),
  steps: p.steps,
  window: p.window ?? (p.steps.includes('order') ? 90 : 14) * DAY_S,
  mode: p.mode,
  unit: p.unit,
  breakdown: p.breakdown,
});

interface AgeRow {
  age_days: number;
  events: number;
  censored: number;
}

const entriesOf = (rows: readonly AgeRow[]): number =>
  rows.reduce((sum, row) => sum + row.events + row.censored, 0);

/**
 * Share that converted by age, from the survival curve: young entries are censored, not counted as failures. Below 20
 * entries nothing is said, of an age below 20 that are still at risk neither; otherwise `low_n` as any rate.
 */
const byAge = (rows: readonly AgeRow[], method: string): { ageDays: number; converted: Estimate }[] => {
  if (entriesOf(rows) < FEWEST_TRIALS) return [];
  const { steps } = kaplanMeier(
    rows.map((row) => ({ time: row.age_days, events: row.events, censored: row.censored })),
  );
  const convertedFrom = (first: number, last: number): number =>
    rows.reduce((sum, { age_days: age, events }) => sum + (age >= first && age <= last ? events : 0), 0);
  return steps.map(({ time, atRisk: n, survival, lo, hi }) => {
    if (n < FEWEST_TRIALS) return { ageDays: time, converted: insufficient(n, method) };
    const interval = { value: 1 - survival, lo: 1 - hi, hi: 1 - lo };
    const counts = { n, hits: convertedFrom(0, time), misses: n - convertedFrom(time, time) };
    return { ageDays: time, converted: { ...interval, n, method, quality: rateQuality(interval, counts) } };
  });
};

export const conversionFunnel = defineQuestion({
  name: 'conversion-funnel',
  summary: 'Where do people stop, and what does it cost?',
  parameters,
  data: Type.Object({
    steps: Type.Array(
      Type.Object({
        segment: Type.Optional(Type.String({ description: 'value of the breakdown' })),
        step: Type.String(),
        n: Type.Number(),
        rate: EstimateSchema,
        overall: EstimateSchema,
        open: Type.Number({ description: 'stopped before this step, but their window still runs' }),
        medianSeconds: Type.Union([Type.Number(), Type.Null()]),
        valueLost: Type.Number({ description: 'last seen prices of those who stopped, in major units' }),
      }),
    ),
    byAge: Type.Array(Type.Object({ ageDays: Type.Number(), converted: EstimateSchema }), {
      description: 'share that converted within so many days of entering; young entries are censored',
    }),
    abandoned: Type.Array(
      Type.Object({
        stage: Type.String({ description: 'saved, price seen, configured, visited' }),
        n: Type.Number({ description: 'visitors with a price who did not ask' }),
        value: Type.Number({ description: 'their last prices, in major units' }),
        pRecover: {
          ...EstimateSchema,
          description: 'share of those who once stopped at this stage and came back to ask',
        } as typeof EstimateSchema,
        expected: { ...EstimateSchema, description: 'value × pRecover' } as typeof EstimateSchema,
      }),
      { description: 'what was configured and never sent; the largest expected value first' },
    ),
  }),
  table: (scope, p) => ({ view: 'conversion_funnel', parameters: viewParameters(scope, p) }),
  ask: async (scope, p, { readView }) => {
    if (new Set(p.steps).size !== p.steps.length) throw new BadParameter('steps', 'steps must be distinct');
    const all = viewParameters(scope, p);
    const [rows, ages, abandoned] = await Promise.all([
      readView<StepRow>('conversion_funnel', all),
      p.steps.length < 2
        ? []
        : readView<AgeRow>('funnel_ages', {
            ...scopeParameters(scope),
            first_step: p.steps[0]!,
            last_step: p.steps.at(-1)!,
            unit: p.unit,
          }),
      readView<AbandonedRow>('abandoned', scopeParameters(scope)),
    ]);
    const followed = p.unit === 'visitor' ? 'consented visitors' : UNITS[p.unit as keyof typeof UNITS];
    const short = p.unit === 'visitor' && (all['window'] as number) <= DAY_S;
    const method = rateMethod(undefined, short ? undefined : followed);
    const entries = entriesOf(ages);
    // nobody came: the steps are there all the same
    const told = rows.length > 0 ? rows : p.steps.map(noStep);
    const entered = new Map(
      told.filter((row) => row.position === 1).map((row) => [row.segment, row.visitors]),
    );
    return {
      data: {
        steps: told.map((row) => ({
          ...(p.breakdown === '' ? {} : { segment: row.segment }),
          step: row.step,
          n: row.visitors,
          rate:
            row.position === 1
              ? insufficient(row.visitors, 'entry')
              : rateEstimate(row.visitors, row.before, undefined, method),
          overall: rateEstimate(row.visitors, entered.get(row.segment) ?? 0, undefined, method),
          open: row.open,
          medianSeconds: row.median_s,
          valueLost: row.value_lost,
        })),
        byAge: byAge(ages, `kaplan-meier, ${followed}`),
        abandoned: abandonedOf(abandoned),
      },
      warnings: [
        ...(rows.length > 0
          ? []
          : [
              noData(
                scope,
                p.mode === 'unordered'
                  ? `event of the steps ${p.steps.join(', ')}`
                  : `event of the first step, ${p.steps[0]}`,
              ),
            ]),
        ...(p.steps.length > 1 && rows.length + entries > 0 && entries < FEWEST_TRIALS
          ? [{ code: 'TOO_FEW', text: `byAge: ${entries} of the ${FEWEST_TRIALS} ${followed} needed` }]
          : []),
      ],
    };
  },
});
