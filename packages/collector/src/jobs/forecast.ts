import { DateTime } from 'luxon';
import { readPipeline, type Pipeline } from '../questions/leads.js';
import { naiveForecast } from '../questions/naive-forecast.js';
import { forecastPipeline, qualityOf } from '../questions/revenue-forecast.js';
import type { Site } from '../sites.js';
import { scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { second, writeRows, type JobRow } from './tables.js';

const DAY_MS = 86_400_000;
const HORIZONS_DAYS = [30, 90, 180] as const;
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

const madeNow = (site: Site, pipeline: Pipeline, at: number): JobRow[] => {
  if (qualityOf(pipeline, at) === 'insufficient') return [];
  const scope = scopeBetween(site, at - HISTORY_DAYS * DAY_MS, at);
  const today = DateTime.fromMillis(at, { zone: site.timeZone }).startOf('day');
  return HORIZONS_DAYS.flatMap((horizon) => {
    const naive = naiveForecast(pipeline.orders, at, horizon);
    // without its twin a forecast could never be scored
    if (!naive) return [];
    const { mean, quantiles } = forecastPipeline(pipeline, scope, horizon / 7);
    const shared = {
      site_id: site.id,
      made: second(at),
      horizon,
      target: today.plus({ days: horizon }).toISODate(),
      n: pipeline.orders.length,
      inputs_hash: hashOf([pipeline.open, pipeline.hazard, pipeline.orders]),
      actual: null,
      version: at,
    };
    return [
      { ...shared, model: 'revenue.pipeline', mean, q: quantiles },
      { ...shared, model: 'revenue.naive', mean: naive.mean, q: naive.quantiles },
    ];
  });
};

/** Forecasts whose time is over get their actual, once; the forecast itself is never computed again. */
const scored = (site: Site, due: readonly LoggedRow[], { orders }: Pipeline, at: number): JobRow[] =>
  due.map((row) => {
    const from = Date.parse(`${row.made.replace(' ', 'T')}Z`);
    const to = from + row.horizon * DAY_MS;
    return {
      ...row,
      site_id: site.id,
      actual: orders.reduce((sum, order) => (order.at >= from && order.at < to ? sum + order.value : sum), 0),
      version: at,
    };
  });

/** Logs the forecast of every horizon beside its naive twin, and scores what is due. */
export const forecast = (site: Site, sources: JobSources): Job => ({
  name: `forecast:${site.id}`,
  rule: { kind: 'day', hour: 4, minute: 0, zone: site.timeZone, site: site.id },
  run: async (slot, guard) => {
    const { database } = sources.clickhouse();
    const pipeline = await readPipeline(
      sources.readView,
      scopeBetween(site, slot.at - HISTORY_DAYS * DAY_MS, slot.at),
    );
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
      ...scored(site, due, pipeline, slot.at),
      ...madeNow(site, pipeline, slot.at),
    ]);
  },
});
