import { Type } from '@sinclair/typebox';
import { EstimateSchema, rateEstimate } from './estimate.js';
import { noData } from './no-data.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';
import { Step } from './steps.js';

const PERIOD_S = { day: 86_400, week: 604_800, month: 30 * 86_400 };

interface CohortRow {
  cohort_start: string;
  period: number;
  size: number;
  elapsed: number;
  bounded: number;
  unbounded: number;
}

const METHOD = 'jeffreys, consented visitors';

const parameters = Type.Object({
  cohort: Type.Union([Type.Literal('day'), Type.Literal('week'), Type.Literal('month')], {
    default: 'week',
    description: 'of the first visit',
  }),
  returning: Step({
    default: 'page_view',
    description: 'what counts as coming back',
    examples: ['inquiry', 'config:save'],
  }),
  period_s: Type.Optional(
    Type.Integer({
      minimum: 3600,
      maximum: 366 * 86_400,
      description: 'seconds of a period; as long as the cohort',
    }),
  ),
  periods: Type.Integer({ minimum: 1, maximum: 60, default: 12, description: 'the first visit included' }),
});
interface Parameters {
  cohort: keyof typeof PERIOD_S;
  returning: string;
  period_s?: number;
  periods: number;
}

const viewParameters = (scope: Scope, p: Parameters, now: number): Record<string, ViewParameter> => ({
  ...scopeParameters(scope),
  cohort: p.cohort,
  returning: p.returning,
  period_s: p.period_s ?? PERIOD_S[p.cohort],
  periods: p.periods,
  as_of: now,
});

export const cohorts = defineQuestion({
  name: 'cohorts',
  summary: 'Do people come back, when do they ask?',
  parameters,
  data: Type.Object({
    cohorts: Type.Array(
      Type.Object({
        start: Type.String({ description: 'first day' }),
        size: Type.Number({ description: 'visitors first seen then' }),
        cells: Type.Array(
          Type.Object({
            period: Type.Number({ description: '0 = from the first visit on' }),
            bounded: EstimateSchema,
            unbounded: EstimateSchema,
            complete: Type.Boolean({
              description: 'false: for some visitors the period ends after the range, or still runs',
            }),
          }),
        ),
      }),
    ),
  }),
  table: (scope, p, now) => ({ view: 'cohorts', parameters: viewParameters(scope, p as Parameters, now) }),
  ask: async (scope, p, { readView, clock }) => {
    const rows = await readView<CohortRow>('cohorts', viewParameters(scope, p as Parameters, clock.now()));
    const byStart = new Map<string, CohortRow[]>();
    for (const row of rows) {
      const own = byStart.get(row.cohort_start);
      if (own) own.push(row);
      else byStart.set(row.cohort_start, [row]);
    }
    return {
      data: {
        cohorts: [...byStart].map(([start, own]) => ({
          start,
          size: own[0]!.size,
          cells: own.map((row) => ({
            period: row.period,
            bounded: rateEstimate(row.bounded, row.size, undefined, METHOD),
            unbounded: rateEstimate(row.unbounded, row.size, undefined, METHOD),
            complete: row.elapsed === row.size,
          })),
        })),
      },
      warnings: rows.length > 0 ? [] : [noData(scope, 'visitor with consent who came for the first time')],
    };
  },
});
