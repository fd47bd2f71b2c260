import { Type } from '@sinclair/typebox';
import { BadParameter } from '../errors.js';
import { kaplanMeier } from '../statistics/index.js';
import {
  EstimateSchema,
  FEWEST_TRIALS,
  insufficient,
  rateEstimate,
  rateMethod,
  type Estimate,
} from './estimate.js';
import { abandonedOf, type AbandonedRow } from './abandoned.js';
import { noData } from './no-data.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';

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

/** What counts, unless it is visitors. */
const UNITS: Readonly<Record<string, string>> = { session: 'sessions', stream: 'page instances' };

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
  steps: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
    minItems: 1,
    maxItems: 8,
    default: DEFAULT_STEPS,
    description: 'type or type:name, for instance page_view:/path, config:save',
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

/** Share that converted by age, from the survival curve: young entries are censored, not counted as failures. */
const byAge = (
  rows: { age_days: number; events: number; censored: number }[],
): { ageDays: number; converted: Estimate }[] => {
  const n = rows.reduce((sum, row) => sum + row.events + row.censored, 0);
  const method = 'kaplan-meier';
  if (n < FEWEST_TRIALS) return [];
  const { steps } = kaplanMeier(
    rows.map((row) => ({ time: row.age_days, events: row.events, censored: row.censored })),
  );
  return steps.map((step) => ({
    ageDays: step.time,
    converted: {
      value: 1 - step.survival,
      lo: 1 - step.hi,
      hi: 1 - step.lo,
      n: step.atRisk,
      method,
      quality: step.atRisk < FEWEST_TRIALS ? 'low_n' : 'ok',
    },
  }));
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
    byAge: Type.Array(Type.Object({ ageDays: Type.Number(), converted: EstimateSchema })),
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
        : readView<{ age_days: number; events: number; censored: number }>('funnel_ages', {
            ...scopeParameters(scope),
            first_step: p.steps[0]!,
            last_step: p.steps.at(-1)!,
            unit: p.unit,
          }),
      readView<AbandonedRow>('abandoned', scopeParameters(scope)),
    ]);
    // nobody came: the steps are there all the same
    const method = rateMethod(undefined, UNITS[p.unit]);
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
        byAge: byAge(ages),
        abandoned: abandonedOf(abandoned),
      },
      warnings:
        rows.length > 0
          ? []
          : [
              noData(
                scope,
                p.mode === 'unordered'
                  ? `event of the steps ${p.steps.join(', ')}`
                  : `event of the first step, ${p.steps[0]}`,
              ),
            ],
    };
  },
});
