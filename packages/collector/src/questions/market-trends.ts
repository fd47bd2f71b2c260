import { Type } from '@sinclair/typebox';
import { changePoint, mannKendall, theilSen } from '../statistics/index.js';
import { EstimateSchema, insufficient } from './estimate.js';
import { inferred } from './inferred.js';
import { estimate, KEEP_MS, mondayOf, rangeBefore } from './intervals.js';
import { leadIndicatorOf, WEEKS, type WeekRow } from './lead-indicator.js';
import { noData } from './no-data.js';
import { leadWeeksOf, optionMixOf, OptionMixSchema, type SavedRow } from './option-mix.js';
import { defineQuestion, scopeParameters, type ReadView, type Scope } from './question.js';
import { shareEstimate } from './share.js';

const KEYS_SHOWN = 30;
const HISTORY_WEEKS = 104;

interface TrendRow {
  week: string;
  group: string;
  key: string;
  n: number;
  total: number;
  complete: number;
}
/** Visitors with each key by week, and what its shares are of: the visitors of its group. */
interface KeyCounts {
  key: string;
  group: string;
  n: number;
  weeks: Map<string, number>;
}

const seriesOf = (rows: readonly TrendRow[]) => {
  const weeks = [...new Set(rows.map(({ week }) => week))].sort();
  const complete = new Set(rows.filter((row) => row.complete).map(({ week }) => week));
  const totals = new Map<string, Map<string, number>>();
  const keys = new Map<string, KeyCounts>();
  for (const { week, group, key, n, total } of rows) {
    const own = keys.get(key) ?? { key, group, n: 0, weeks: new Map<string, number>() };
    own.n += n;
    keys.set(key, { ...own, weeks: own.weeks.set(week, n) });
    totals.set(group, (totals.get(group) ?? new Map<string, number>()).set(week, total));
  }
  return [...keys.values()]
    .sort((p, q) => q.n - p.n || (p.key < q.key ? -1 : 1))
    .slice(0, KEYS_SHOWN)
    .map(({ key, group, n, weeks: counts }) => {
      const visitors = totals.get(group)!;
      const usual = n / [...visitors.values()].reduce((sum, total) => sum + total, 0);
      // a week that is cut or still runs is drawn, but no slope is led astray by it; of nobody there is no share
      const over = weeks.filter((week) => complete.has(week) && visitors.has(week));
      const shares = over.map((week) => (counts.get(week) ?? 0) / visitors.get(week)!);
      const enough = shares.length >= WEEKS.fewest;
      return {
        key,
        weeks: weeks.map((week) => ({
          week,
          share: shareEstimate(counts.get(week) ?? 0, visitors.get(week) ?? 0, usual),
          complete: complete.has(week),
        })),
        slopePerWeek: enough
          ? estimate(theilSen(shares), shares.length, 'theil-sen', WEEKS)
          : insufficient(shares.length, 'theil-sen'),
        pTrend: enough ? mannKendall(shares).p : null,
        changePoints: enough ? changePoint(shares).breaks.map((index) => over[index]!) : [],
      };
    });
};

/** Whole weeks up to the end of the range and up to now, two years of them at least. */
const readWeeks = (readView: ReadView, scope: Scope, now: number): Promise<WeekRow[]> => {
  const to = mondayOf(Math.min(scope.to, now), scope.timeZone);
  const begin = mondayOf(scope.from, scope.timeZone, 1);
  return readView<WeekRow>(
    'market_weeks',
    {
      ...scopeParameters(scope),
      from: Math.min(begin, mondayOf(to, scope.timeZone, -HISTORY_WEEKS)),
      to,
    },
    ['time', 'configurations', 'inquiries', 'orders'],
    KEEP_MS,
  );
};

const parameters = Type.Object({
  dimension: Type.Union(
    ['model', 'option', 'country', 'channel'].map((name) => Type.Literal(name)),
    { default: 'model', description: 'what is counted by week' },
  ),
});

export const marketTrends = defineQuestion({
  name: 'market-trends',
  summary: 'What grows, what shifts?',
  parameters,
  data: Type.Object({
    series: Type.Array(
      Type.Object({
        key: Type.String(),
        weeks: Type.Array(
          Type.Object({
            week: Type.String({ description: 'its Monday' }),
            share: {
              ...EstimateSchema,
              description:
                'of the visitors of the week, of an option: of those who chose in its group; n says how many',
            } as typeof EstimateSchema,
            complete: Type.Boolean({
              description: 'false: part of it lies outside the range, or still runs',
            }),
          }),
        ),
        slopePerWeek: EstimateSchema,
        pTrend: inferred('Mann–Kendall, two-sided'),
        changePoints: Type.Array(Type.String({ description: 'week of a new level' })),
      }),
    ),
    leadIndicator: Type.Array(
      Type.Object({
        lagWeeks: Type.Number(),
        correlation: EstimateSchema,
        orders: EstimateSchema,
      }),
      {
        description:
          'of weekly changes: configurations against inquiries (correlation) and orders so many weeks later; the intervals hold for all lags at once, so that the best of them may be believed',
      },
    ),
    optionMix: OptionMixSchema,
  }),
  table: (scope, { dimension }) => ({
    view: 'market_trends',
    parameters: { ...scopeParameters(scope), dimension: dimension as string },
  }),
  ask: async (scope, { dimension }, { readView, clock }) => {
    const before = rangeBefore(scope, clock.now());
    const [rows, weeks, saved, earlier] = await Promise.all([
      readView<TrendRow>('market_trends', { ...scopeParameters(scope), dimension: dimension as string }),
      readWeeks(readView, scope, clock.now()),
      readView<SavedRow>('saved_options', scopeParameters(scope)),
      readView<SavedRow>(
        'saved_options',
        { ...scopeParameters(scope), ...before.range },
        undefined,
        before.keepMs,
      ),
    ]);
    const leadIndicator = leadIndicatorOf(weeks);
    return {
      data: {
        series: seriesOf(rows),
        leadIndicator,
        optionMix: { leadWeeks: leadWeeksOf(leadIndicator), options: optionMixOf(saved, earlier) },
      },
      warnings: rows.length > 0 ? [] : [noData(scope, `visitor with a known ${dimension as string}`)],
    };
  },
});
