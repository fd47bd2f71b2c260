import { Type } from '@sinclair/typebox';
import { EstimateSchema, rateEstimate } from './estimate.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';

const DAY_S = 86_400;
/** Months are 30 days, so that cells of one column cover equal time. */
const PERIOD_S: Readonly<Record<string, number>> = { day: DAY_S, week: 7 * DAY_S, month: 30 * DAY_S };

interface CohortRow {
  cohort_start: string;
  period: number;
  size: number;
  elapsed: number;
  bounded: number;
  unbounded: number;
}

interface Parameters {
  cohort: string;
  returning: string;
  periodSeconds?: number;
  periods: number;
}

const viewParameters = (scope: Scope, p: Parameters, now: number): Record<string, ViewParameter> => ({
  ...scopeParameters(scope),
  cohort: p.cohort,
  returning: p.returning,
  period_s: p.periodSeconds ?? PERIOD_S[p.cohort]!,
  periods: p.periods,
  as_of: now,
});

export const cohorts = defineQuestion({
  name: 'cohorts',
  summary: 'Do people come back, when do they ask?',
  parameters: Type.Object({
    cohort: Type.Union(
      ['day', 'week', 'month'].map((name) => Type.Literal(name)),
      { default: 'week', description: 'first visits of one day, week or month are one cohort' },
    ),
    returning: Type.String({
      minLength: 1,
      maxLength: 256,
      default: 'page_view',
      description: 'what counts as coming back: type or type:name, for instance inquiry',
    }),
    periodSeconds: Type.Optional(
      Type.Integer({
        minimum: 3600,
        maximum: 366 * DAY_S,
        description: 'length of a period; a day, 7 days or 30 days by cohort',
      }),
    ),
    periods: Type.Integer({ minimum: 1, maximum: 60, default: 8, description: 'columns, the first being 0' }),
  }),
  data: Type.Object({
    cohorts: Type.Array(
      Type.Object({
        start: Type.String(),
        size: Type.Number({ description: 'consented visitors whose first visit was then' }),
        cells: Type.Array(
          Type.Object({
            period: Type.Number(),
            bounded: EstimateSchema,
            unbounded: EstimateSchema,
            complete: Type.Boolean({ description: 'false: the period is still running for some of them' }),
          }),
        ),
      }),
    ),
  }),
  table: (scope, p) => ({ view: 'cohorts', parameters: viewParameters(scope, p as Parameters, scope.to) }),
  ask: async (scope, p, { readView, clock }) => {
    const rows = await readView<CohortRow>(
      'cohorts',
      viewParameters(scope, p as Parameters, Math.min(clock.now(), scope.to)),
    );
    const byStart = new Map<string, CohortRow[]>();
    for (const row of rows) byStart.set(row.cohort_start, [...(byStart.get(row.cohort_start) ?? []), row]);
    return {
      data: {
        cohorts: [...byStart].map(([start, cells]) => ({
          start,
          size: cells[0]!.size,
          cells: cells.map((cell) => ({
            period: cell.period,
            bounded: rateEstimate(cell.bounded, cell.size),
            unbounded: rateEstimate(cell.unbounded, cell.size),
            complete: cell.elapsed === cell.size,
          })),
        })),
      },
    };
  },
});
