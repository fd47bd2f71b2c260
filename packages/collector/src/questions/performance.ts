import { Type } from '@sinclair/typebox';
import { EstimateSchema, rateEstimate, viewEstimate, type Estimate } from './estimate.js';
import { noData } from './no-data.js';
import { defineQuestion, scopeParameters } from './question.js';

/** Good up to, poor from; milliseconds, CLS without unit. Source: web.dev/articles/vitals */
const THRESHOLDS: Readonly<Record<string, readonly [number, number]>> = {
  LCP: [2500, 4000],
  INP: [200, 500],
  CLS: [0.1, 0.25],
  FCP: [1800, 3000],
  TTFB: [800, 1800],
  ready: [2000, 4000],
  option_to_price: [200, 500],
};

/** Rows of the table, those with the most measurements; as many as the view `performance` gives. */
const MOST_PAGES = 500;

/** Effective measurements that the view needs for a quantile. */
const FEWEST = 30;

/** Effective measurements from which a quantile is no longer `low_n`. */
const ENOUGH = 200;

const rating = (metric: string, p75: number | null): 'good' | 'needs-improvement' | 'poor' | null => {
  const limits = THRESHOLDS[metric];
  if (!limits || p75 === null) return null;
  return p75 <= limits[0] ? 'good' : p75 > limits[1] ? 'poor' : 'needs-improvement';
};

interface VitalRow {
  metric: string;
  page: string;
  device: string;
  n: number;
  effective: number;
  sampled: number | boolean;
  p75: number | null;
  lo: number | null;
  hi: number | null;
}

const p75Of = ({ p75, lo, hi, n, effective, sampled }: VitalRow): Estimate =>
  viewEstimate(
    { value: p75, lo, hi },
    n,
    sampled ? 'order statistics, weighted by sampling' : 'order statistics',
    ENOUGH,
    effective,
  );

export const performance = defineQuestion({
  name: 'performance',
  summary: 'How does the site feel, where, does it cost inquiries?',
  parameters: Type.Object({
    metric: Type.String({
      default: '*',
      maxLength: 64,
      description: 'LCP INP CLS FCP TTFB ready option_to_price request long_frame, * = all',
      examples: ['LCP', 'request'],
    }),
  }),
  data: Type.Object({
    vitals: Type.Array(
      Type.Object({
        metric: Type.String(),
        page: Type.String(),
        device: Type.String(),
        p75: EstimateSchema,
        rating: Type.Union([Type.String(), Type.Null()], { description: 'good, needs-improvement, poor' }),
      }),
    ),
    trend: Type.Array(
      Type.Object({
        time: Type.String(),
        metric: Type.String(),
        p75: EstimateSchema,
        n: Type.Number(),
      }),
    ),
    bySpeed: Type.Array(Type.Object({ band: Type.String(), rate: EstimateSchema }), {
      description: 'inquiry rate by LCP: an association, not a cause',
    }),
  }),
  table: (scope, { metric }) => ({ view: 'performance', parameters: { ...scopeParameters(scope), metric } }),
  ask: async (scope, { metric }, { readView }) => {
    const all = scopeParameters(scope);
    const step = scope.to - scope.from <= 2 * 86_400_000 ? 3600 : 86_400;
    const [rows, bands] = await Promise.all([
      readView<VitalRow & { by_time: number; time: string }>('performance_both', { ...all, metric, step }, [
        'by_time',
        'time',
        'metric',
        'page',
        'device',
        'n',
        'effective',
        'sampled',
        'p75',
        'lo',
        'hi',
      ]),
      readView<{ band: string; n: number; k: number }>('speed_bands', all),
    ]);
    const vitals = rows.filter(({ by_time }) => by_time === 0).slice(0, MOST_PAGES);
    const trend = rows.filter(({ by_time }) => by_time === 1);
    const thin = vitals.filter(({ n, effective }) => n >= FEWEST && effective < FEWEST).length;
    return {
      data: {
        vitals: vitals.map((row) => ({
          metric: row.metric,
          page: row.page,
          device: row.device,
          p75: p75Of(row),
          rating: rating(row.metric, row.p75),
        })),
        trend: trend.map((row) => ({ time: row.time, metric: row.metric, p75: p75Of(row), n: row.n })),
        bySpeed: bands.map((row) => ({
          band: row.band,
          rate: rateEstimate(row.k, row.n, undefined, 'jeffreys, sessions, association'),
        })),
      },
      warnings: [
        ...(rows.length > 0
          ? []
          : [noData(scope, metric === '*' ? 'measurement' : `measurement of ${metric}`)]),
        ...(thin === 0
          ? []
          : [
              {
                code: 'INSUFFICIENT',
                text: `vitals[].p75: ${thin} of ${vitals.length} were sampled so unequally that they know no more than fewer than the ${FEWEST} measurements needed would`,
              },
            ]),
      ],
    };
  },
});
