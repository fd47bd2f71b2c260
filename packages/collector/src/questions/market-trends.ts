import { Type } from '@sinclair/typebox';
import { betaInterval, changePoint, mannKendall, theilSen } from '../statistics/index.js';
import { EstimateSchema, insufficient, type Estimate } from './estimate.js';
import { inferred } from './inferred.js';
import { estimate, KEEP_MS, mondayOf, rangeBefore } from './intervals.js';
import { leadWeeksOf, optionMixOf, OptionMixSchema, type SavedRow } from './option-mix.js';
import { defineQuestion, scopeParameters, type ReadView, type Scope } from './question.js';

/** Weeks below which a slope says nothing, and from which it is not called weak any more. */
const WEEKS = { fewest: 8, enough: 26 };
const SHARE_STRENGTH = 10;
const KEYS_SHOWN = 30;
const LONGEST_LAG = 26;
const HISTORY_WEEKS = 104;

interface TrendRow {
  week: string;
  key: string;
  n: number;
  complete: number;
}
interface WeekRow {
  time: string;
  configurations: number;
  inquiries: number;
  orders: number;
}

const shareOf = (n: number, total: number, usual: number): Estimate => {
  const method = 'dirichlet';
  if (total < 30) return insufficient(total, method);
  const a = SHARE_STRENGTH * usual;
  // nothing else was ever chosen: all of it, and no beta has a parameter of 0
  const interval =
    usual >= 1 || a <= 0
      ? { value: n / total, lo: n / total, hi: n / total }
      : betaInterval(n, total, { a, b: SHARE_STRENGTH - a });
  return estimate(interval, total, method, { fewest: 30, enough: 200 });
};

const seriesOf = (rows: readonly TrendRow[]) => {
  const weeks = [...new Set(rows.map(({ week }) => week))].sort();
  const complete = new Set(rows.filter((row) => row.complete).map(({ week }) => week));
  const totals = new Map<string, number>();
  const keys = new Map<string, Map<string, number>>();
  for (const { week, key, n } of rows) {
    totals.set(week, (totals.get(week) ?? 0) + n);
    const own = keys.get(key) ?? new Map<string, number>();
    keys.set(key, own.set(week, n));
  }
  const all = [...totals.values()].reduce((sum, n) => sum + n, 0);
  return [...keys]
    .map(([key, counts]) => ({ key, counts, n: [...counts.values()].reduce((sum, n) => sum + n, 0) }))
    .sort((p, q) => q.n - p.n || (p.key < q.key ? -1 : 1))
    .slice(0, KEYS_SHOWN)
    .map(({ key, counts, n }) => {
      // a running week is drawn, but no slope is led astray by it
      const over = weeks.filter((week) => complete.has(week));
      const shares = over.map((week) => (counts.get(week) ?? 0) / totals.get(week)!);
      const enough = shares.length >= WEEKS.fewest;
      return {
        key,
        weeks: weeks.map((week) => ({
          week,
          share: shareOf(counts.get(week) ?? 0, totals.get(week)!, n / all),
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

const differences = (y: readonly number[]): number[] => y.slice(1).map((value, i) => value - y[i]!);

/** Correlation with Fisher's interval. */
const correlation = (x: readonly number[], y: readonly number[]): Estimate => {
  const method = 'cross-correlation of differences, fisher';
  const n = x.length;
  if (n < WEEKS.fewest) return insufficient(n, method);
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / n;
  const mx = mean(x);
  const my = mean(y);
  const cross = (u: readonly number[], mu: number, v: readonly number[], mv: number): number =>
    u.reduce((sum, value, i) => sum + (value - mu) * (v[i]! - mv), 0);
  const raw = cross(x, mx, y, my) / Math.sqrt(cross(x, mx, x, mx) * cross(y, my, y, my));
  if (!Number.isFinite(raw)) return insufficient(n, method);
  // at ±1 Fisher's z is infinite
  const r = Math.min(0.999999, Math.max(-0.999999, raw));
  const z = Math.atanh(r);
  const half = 1.959964 / Math.sqrt(n - 3);
  return estimate({ value: r, lo: Math.tanh(z - half), hi: Math.tanh(z + half) }, n, method, WEEKS);
};

/** Do more configurations today mean more inquiries (orders) some weeks later? */
const leadIndicatorOf = (rows: readonly WeekRow[]) => {
  const started = differences(rows.map((row) => row.configurations));
  const outcome = (of: (row: WeekRow) => number): number[] => differences(rows.map(of));
  const lagged = (y: readonly number[], lag: number): Estimate =>
    correlation(started.slice(0, Math.max(0, started.length - lag)), y.slice(lag));
  const inquiries = outcome((row) => row.inquiries);
  const orders = outcome((row) => row.orders);
  return Array.from({ length: LONGEST_LAG + 1 }, (_, lagWeeks) => ({
    lagWeeks,
    correlation: lagged(inquiries, lagWeeks),
    orders: lagged(orders, lagWeeks),
  }));
};

/** Whole weeks up to the end of the range, two years of them at least. */
const readWeeks = (readView: ReadView, scope: Scope): Promise<WeekRow[]> => {
  const to = mondayOf(scope.to, scope.timeZone);
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
            share: EstimateSchema,
            complete: Type.Boolean(),
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
          'of weekly changes: configurations against inquiries (correlation) and orders so many weeks later',
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
      readWeeks(readView, scope),
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
    };
  },
});
