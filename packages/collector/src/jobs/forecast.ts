import { DateTime } from 'luxon';
import { forecastCounts, sumBetween } from '../questions/count-forecast.js';
import { forecastModelOf } from '../questions/forecast-model.js';
import { readPipeline, type Pipeline } from '../questions/leads.js';
import {
  blocksOf,
  forecastHistory,
  type HistoryForecast,
  type OrderDay,
  type Point,
} from '../questions/history-forecast.js';
import { scopeParameters } from '../questions/index.js';
import { epochOf } from '../questions/intervals.js';
import { naiveForecast } from '../questions/naive-forecast.js';
import { forecastPipeline } from '../questions/revenue-forecast.js';
import type { Site } from '../sites.js';
import { readTraffic, utcMidnight, type Counted } from './counted-days.js';
import { scopeBetween, type JobSources } from './job-sources.js';
import type { HeldSlot, Job } from './runner.js';
import { second, writeRows, type JobRow } from './tables.js';

const DAY_MS = 86_400_000;
const HORIZONS_DAYS = [30, 90, 180] as const;
/** Whether a week sold as much as was to be expected: the alert `revenue-band` holds it against this. */
const ALERT_DAYS = 7;
const HISTORY_DAYS = 730;

interface LoggedRow {
  made: string;
  model: string;
  horizon: number;
  target: string;
  n: number;
  mean: number;
  q: number[];
  inputs_hash: string;
}

/** FNV-1a of what a forecast was made from: two forecasts with the same inputs must be the same. */
const hashOf = (value: unknown): string => {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(JSON.stringify(value)))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString();
};

/** Orders that a revenue stands for. */
const expectedOrders = (known: Known, model: string, mean: number): number => {
  const { n, value } =
    model === 'ensemble'
      ? known.days.reduce((sum, day) => ({ n: sum.n + day.orders, value: sum.value + day.revenue }), {
          n: 0,
          value: 0,
        })
      : {
          n: known.pipeline.orders.length,
          value: known.pipeline.orders.reduce((sum, order) => sum + order.value, 0),
        };
  return value > 0 ? Math.round((mean * n) / value) : 0;
};

/** What was sold, and when: of leads for the pipeline, everything for the ensemble. Epoch ms and money. */
type Sales = readonly Point[];
interface Known {
  pipeline: Pipeline;
  days: readonly OrderDay[];
  /** Sessions of each local day that was summarised. */
  traffic: Counted;
  leads: Counted;
}

const COUNTED = ['traffic', 'leads'] as const;

const salesOf = ({ pipeline, days }: Known, model: string): Sales =>
  model === 'ensemble'
    ? days.map(({ time, revenue }) => ({ at: epochOf(time), value: revenue }))
    : pipeline.orders;

/** Forecasts of what is counted, from its own past; none where that is too short, or does not reach to this day. */
const countsNow = (site: Site, known: Known, { at, version }: HeldSlot): JobRow[] => {
  const today = DateTime.fromMillis(at, { zone: site.timeZone }).startOf('day');
  return COUNTED.flatMap((subject) => {
    const { points, to } = known[subject];
    if (subject === 'traffic' && to !== utcMidnight(today.toISODate()!)) return [];
    return HORIZONS_DAYS.flatMap((horizon) => {
      const counts = forecastCounts(points, to, horizon);
      const naive = naiveForecast(points, to, horizon);
      if (!counts || !naive) return [];
      const shared = {
        site_id: site.id,
        made: second(at),
        horizon,
        target: today.plus({ days: horizon }).toISODate(),
        n: Math.round(counts.mean),
        inputs_hash: hashOf(counts.blocks),
        actual: null,
        version,
      };
      return [
        { ...shared, model: `${subject}.ensemble`, mean: counts.mean, q: counts.quantiles },
        { ...shared, model: `${subject}.naive`, mean: naive.mean, q: naive.quantiles },
      ];
    });
  });
};

/** The forecast that the question answers at this moment, for each horizon, beside its naive twin. */
const madeNow = (site: Site, known: Known, { at, version }: HeldSlot): JobRow[] => {
  const { pipeline, days } = known;
  const scope = scopeBetween(site, at - HISTORY_DAYS * DAY_MS, at);
  const today = DateTime.fromMillis(at, { zone: site.timeZone }).startOf('day');
  const { kind: model } = forecastModelOf(pipeline, days, at);
  if (model === 'none') return [];
  const forecastOf = (horizon: number): HistoryForecast | null => {
    if (model === 'pipeline') return forecastPipeline(pipeline, scope, horizon);
    // a quarter of a block of four weeks would be taken for as sure as the whole
    return horizon === ALERT_DAYS
      ? forecastCounts(salesOf(known, model), at, horizon)
      : forecastHistory(blocksOf(days, at), horizon);
  };
  return [ALERT_DAYS, ...HORIZONS_DAYS].flatMap((horizon) => {
    const naive = naiveForecast(salesOf(known, model), at, horizon);
    // without its twin a forecast could never be scored
    const made = naive && forecastOf(horizon);
    if (!made) return [];
    const { mean, quantiles } = made;
    const shared = {
      site_id: site.id,
      made: second(at),
      horizon,
      target: today.plus({ days: horizon }).toISODate(),
      // the floor of a score: orders that this mean stands for
      n: expectedOrders(known, model, mean),
      inputs_hash: hashOf(model === 'ensemble' ? days : [pipeline.open, pipeline.hazard, pipeline.orders]),
      actual: null,
      version,
    };
    return [
      { ...shared, model: `revenue.${model}`, mean, q: quantiles },
      { ...shared, model: 'revenue.naive', mean: naive.mean, q: naive.quantiles },
    ];
  });
};

const keyOf = ({ made, horizon }: LoggedRow): string => `${made} ${horizon}`;

/** What came in the time that a forecast was about; null while its last day is not summarised. */
const actualOf = (row: LoggedRow, known: Known, ensembles: ReadonlySet<string>): number | null => {
  const subject = row.model.split('.')[0]!;
  if (subject === 'traffic') {
    const to = utcMidnight(row.target);
    return known.traffic.to < to ? null : sumBetween(known.traffic.points, to - row.horizon * DAY_MS, to);
  }
  // a naive twin is measured by what its forecast was measured by
  const points =
    subject === 'leads'
      ? known.leads.points
      : salesOf(known, ensembles.has(keyOf(row)) ? 'ensemble' : 'pipeline');
  const from = epochOf(row.made);
  return sumBetween(points, from, from + row.horizon * DAY_MS);
};

/** Forecasts whose time is over get their actual, once; the forecast itself is never computed again. */
const scored = (site: Site, due: readonly LoggedRow[], known: Known, version: string): JobRow[] => {
  const ensembles = new Set(due.filter(({ model }) => model === 'revenue.ensemble').map(keyOf));
  return due.flatMap((row) => {
    const actual = actualOf(row, known, ensembles);
    return actual === null ? [] : [{ ...row, site_id: site.id, actual, version }];
  });
};

/** Logs the forecasts of revenue, traffic and leads for every horizon, each beside its naive twin, and scores what is due. */
export const forecast = (site: Site, sources: JobSources): Job => ({
  name: `forecast:${site.id}`,
  rule: { kind: 'day', hour: 4, minute: 0, zone: site.timeZone, site: site.id },
  run: async (slot, guard) => {
    const { database } = sources.clickhouse();
    const scope = scopeBetween(site, slot.at - HISTORY_DAYS * DAY_MS, slot.at);
    const pipeline = await readPipeline(sources.readView, scope);
    const known: Known = {
      pipeline,
      days: await sources.readView<OrderDay>('order_days', scopeParameters(scope)),
      traffic: await readTraffic(sources.readView, site, slot.at),
      leads: { points: pipeline.leads.map(({ at }) => ({ at, value: 1 })), to: slot.at },
    };
    const due = await sources.clickhouse().rows<LoggedRow>(
      `SELECT toString(made) AS made, toString(model) AS model, horizon, toString(target) AS target, n, mean, q,
         toString(inputs_hash) AS inputs_hash
       FROM ${database}.forecast_log FINAL
       WHERE site_id = {site:UInt16} AND actual IS NULL AND forecast_log.made + toIntervalDay(horizon) <= {now:DateTime('UTC')}
       ORDER BY model, horizon, forecast_log.made`,
      { parameters: { site: site.id, now: second(slot.at) } },
    );
    await guard();
    return writeRows(sources.clickhouse(), 'forecast_log', [
      ...scored(site, due, known, slot.version),
      ...madeNow(site, known, slot),
      ...countsNow(site, known, slot),
    ]);
  },
});
