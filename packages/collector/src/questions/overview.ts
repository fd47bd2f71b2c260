import { Type } from '@sinclair/typebox';
import { DateTime } from 'luxon';
import { probabilityToBeat, type BetaPrior } from '../statistics/index.js';
import { EstimateSchema, FEWEST_TRIALS, insufficient, rateEstimate, type Estimate } from './estimate.js';
import { inferred } from './inferred.js';
import { DAY_MS, KEEP_MS, mondayOf, rangeBefore, WEEK_MS } from './intervals.js';
import { empiricalPrior } from './prior.js';
import { defineQuestion, scopeParameters, type ReadView, type Scope } from './question.js';

const JEFFREYS: BetaPrior = { a: 0.5, b: 0.5 };

const Totals = Type.Object({
  visitors: Type.Number(),
  sessions: Type.Number(),
  pageViews: Type.Number(),
  configurations: Type.Number({ description: 'visitors who chose an option' }),
  inquiries: Type.Number(),
  orders: Type.Number(),
  revenue: Type.Number({ description: "major units of the site's currency" }),
});

interface CountsRow {
  visitors: number;
  inquiring: number;
  consented: number;
  consented_inquiring: number;
}
const COUNTS: readonly (keyof CountsRow)[] = ['visitors', 'inquiring', 'consented', 'consented_inquiring'];

interface TotalsRow extends CountsRow {
  sessions: number;
  page_views: number;
  configurations: number;
  inquiries: number;
  orders: number;
  revenue: number;
}

const NOBODY: TotalsRow = {
  visitors: 0,
  inquiring: 0,
  consented: 0,
  consented_inquiring: 0,
  sessions: 0,
  page_views: 0,
  configurations: 0,
  inquiries: 0,
  orders: 0,
  revenue: 0,
};

interface ShapeRow {
  sessions: number;
  events: [number, number, number];
  median_s: number;
  bounces: number;
}

const totals = (row: TotalsRow) => ({
  visitors: row.visitors,
  sessions: row.sessions,
  pageViews: row.page_views,
  configurations: row.configurations,
  inquiries: row.inquiries,
  orders: row.orders,
  revenue: row.revenue,
});

/** Whom the rates are about: one group of people for the range, the one before and the weeks that tell what is usual. */
interface Population {
  count: (row: CountsRow) => { k: number; n: number };
  method: string;
}

/**
 * Visitors without consent are known for one day only: over longer ranges they would be counted once a day. The range that
 * is asked for decides; were each range to choose for itself, two kinds of people would be compared.
 */
const populationOf = (row: CountsRow, scope: Scope): Population =>
  scope.to - scope.from > DAY_MS && row.consented >= FEWEST_TRIALS
    ? {
        count: ({ consented, consented_inquiring }) => ({ k: consented_inquiring, n: consented }),
        method: 'consented visitors',
      }
    : { count: ({ visitors, inquiring }) => ({ k: inquiring, n: visitors }), method: 'visitors' };

type WeekRow = CountsRow & { time: string };

/** The twelve whole weeks before. */
const readUsual = (readView: ReadView, scope: Scope): Promise<WeekRow[]> => {
  const to = mondayOf(scope.from, scope.timeZone);
  return readView<WeekRow>(
    'overview',
    { ...scopeParameters(scope), from: mondayOf(to, scope.timeZone, -12), to, step: WEEK_MS / 1000 },
    ['time', ...COUNTS],
    KEEP_MS,
  );
};

/** What those weeks say about this site's rate, at most as strong as 50 visitors. */
const priorOf = (weeks: readonly WeekRow[], { count }: Population): { prior: BetaPrior; method: string } => {
  const prior = empiricalPrior(
    weeks.map((week) => {
      const { k, n } = count(week);
      return { key: week.time, successes: k, trials: n };
    }),
    { maxStrength: 50 },
  );
  return prior ? { prior, method: 'eb-beta' } : { prior: JEFFREYS, method: 'jeffreys' };
};

/** The range before; where nothing was found nothing is kept, because its events may just be told. */
const readPrevious = async (readView: ReadView, scope: Scope, now: number): Promise<TotalsRow> => {
  const { range, keepMs } = rangeBefore(scope, now);
  const parameters = { ...scopeParameters(scope), ...range };
  const [kept] = await readView<TotalsRow>('overview_total', parameters, undefined, keepMs);
  if (keepMs === 0 || kept!.visitors + kept!.page_views + kept!.orders > 0) return kept!;
  const [fresh] = await readView<TotalsRow>('overview_total', parameters);
  return fresh!;
};

/** Difference of two rates, bounds by the method of variance estimates recovery (Zou & Donner 2008). */
const difference = (now: Estimate, before: Estimate, method: string): Estimate => {
  if (now.value === null || before.value === null) return insufficient(Math.min(now.n, before.n), method);
  const value = now.value - before.value;
  const down = Math.hypot(now.value - now.lo!, before.hi! - before.value);
  const up = Math.hypot(now.hi! - now.value, before.value - before.lo!);
  const quality = now.quality === 'ok' && before.quality === 'ok' ? 'ok' : 'low_n';
  return { value, lo: value - down, hi: value + up, n: Math.min(now.n, before.n), method, quality };
};

/** Whether a day (hour) of the time axis lies in the range and in the past as a whole; of 23 hours or 25. */
const isWhole = (time: string, scope: Scope, now: number): boolean => {
  const start = DateTime.fromISO(time, { zone: scope.timeZone });
  const end = start.plus(stepOf(scope) === 3600 ? { hours: 1 } : { days: 1 });
  return start.toMillis() >= scope.from && end.toMillis() <= Math.min(scope.to, now);
};

const stepOf = (scope: Scope): number => (scope.to - scope.from <= 2 * DAY_MS ? 3600 : 86_400);

export const overview = defineQuestion({
  name: 'overview',
  summary: 'How many came, configured, asked, ordered; is it changing?',
  parameters: Type.Object({
    dimension: Type.Union([Type.Literal('model'), Type.Literal('channel'), Type.Literal('country')], {
      default: 'model',
      description: 'of ordersBy',
    }),
  }),
  data: Type.Object({
    totals: Totals,
    previous: {
      ...Totals,
      description:
        'in the range of the same length before; one that is over for a week ends at the whole minute, and is kept for one',
    } as typeof Totals,
    inquiryRate: EstimateSchema,
    change: Type.Intersect([
      EstimateSchema,
      Type.Object({
        pUp: inferred('P(rate now > rate before)'),
      }),
    ]),
    trend: Type.Array(
      Type.Intersect([
        Totals,
        Type.Object({
          time: Type.String(),
          complete: Type.Boolean({ description: 'false: part of it lies outside the range, or still runs' }),
        }),
      ]),
    ),
    sessions: Type.Object({
      events: Type.Array(Type.Number(), { description: 'p50, p90, p99' }),
      medianSeconds: Type.Number(),
      bounceRate: EstimateSchema,
    }),
    ordersBy: Type.Array(Type.Object({ key: Type.String(), orders: Type.Number(), revenue: Type.Number() })),
  }),
  money: 'range',
  table: (scope) => ({ view: 'overview', parameters: { ...scopeParameters(scope), step: stepOf(scope) } }),
  ask: async (scope, { dimension }, { readView, clock }) => {
    const all = scopeParameters(scope);
    const [rows, then, [shape], ordersBy, weeks] = await Promise.all([
      readView<TotalsRow & { whole: number; time: string }>('overview_trend', {
        ...all,
        step: stepOf(scope),
      }),
      readPrevious(readView, scope, clock.now()),
      readView<ShapeRow>('session_shape', all),
      readView<{ key: string; orders: number; revenue: number }>('orders_by', { ...all, dimension }),
      readUsual(readView, scope),
    ]);
    const now = rows.find(({ whole }) => whole === 1) ?? NOBODY;
    const trend = rows.filter(({ whole }) => whole === 0);
    const population = populationOf(now, scope);
    const { prior, method: prefix } = priorOf(weeks, population);
    const method = `${prefix}, ${population.method}`;
    const current = population.count(now);
    const past = population.count(then);
    const inquiryRate = rateEstimate(current.k, current.n, prior, method);
    const pastRate = rateEstimate(past.k, past.n, prior, method);
    const known = inquiryRate.value !== null && pastRate.value !== null;
    return {
      data: {
        totals: totals(now),
        previous: totals(then),
        inquiryRate,
        change: {
          ...difference(inquiryRate, pastRate, `${method}, mover`),
          pUp: known
            ? probabilityToBeat(
                { successes: past.k, trials: past.n },
                { successes: current.k, trials: current.n },
                prior,
              )
            : null,
        },
        trend: trend.map((row) => ({
          time: row.time,
          complete: isWhole(row.time, scope, clock.now()),
          ...totals(row),
        })),
        sessions: {
          events: shape!.sessions > 0 ? [...shape!.events] : [0, 0, 0],
          medianSeconds: shape!.sessions > 0 ? shape!.median_s : 0,
          bounceRate: rateEstimate(shape!.bounces, shape!.sessions, undefined, 'jeffreys, sessions'),
        },
        ordersBy,
      },
    };
  },
});
