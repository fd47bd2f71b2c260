import type { MetricObject, MetricObjectWithValues, MetricValue, Registry } from 'prom-client';
import type { RowWriter } from '../buffer/row.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { quantileOf } from './quantiles.js';

/** A row of the table `monitor`. */
export interface MonitorRow {
  at: string;
  host: string;
  /** Name of the metric without `lintel_`. */
  name: string;
  /** Values of its labels but `site`, joined by `:`; the reason of a refusal, `/v1/events:POST:2xx` of a request. */
  label: string;
  site_id: number;
  /** Gauge: its value · counter: increase since the last row · histogram: mean, in ms. */
  value: number;
  /** Histograms only, in ms. */
  p50: number;
  p95: number;
  p99: number;
  /** Counter: the increase · histogram: observations · gauge: 1. */
  n: number;
}

export interface MonitorOptions {
  registry: Registry;
  writer: Pick<RowWriter, 'writeSide'>;
  clock: Clock;
  log: Log;
  /** This process among all: `name:pid`. */
  host: string;
  /** Brings gauges up to date before they are read. */
  refresh?: () => Promise<void>;
  /** Default 5000. */
  everyMs?: number;
}

export interface Monitor {
  /** One sample now; what cannot be written is part of the next. */
  sample(): Promise<void>;
  start(): void;
  /** Ends with a last sample. */
  stop(): Promise<void>;
}

type Values = MetricObjectWithValues<MetricValue<string> & { metricName?: string }>;

const PREFIX = /^lintel_/;
const MS = 1000;

/** Labels → `label` and `site_id` of the row. */
const placeOf = (labels: Partial<Record<string, string | number>>): { label: string; siteId: number } => {
  const siteId = Number(labels['site'] ?? 0);
  const label = Object.entries(labels)
    .filter(([name]) => name !== 'site' && name !== 'le')
    .map(([, value]) => String(value))
    .join(':');
  return { label, siteId: Number.isInteger(siteId) ? siteId : 0 };
};

/** What grew since the last sample. A counter that fell belongs to a new process: it counts from zero. */
const increase = (now: number, before: number | undefined): number =>
  before === undefined || now < before ? now : now - before;

interface Series {
  label: string;
  siteId: number;
  sum: number;
  count: number;
  buckets: Map<number, number>;
}

/**
 * Writes the collector's own numbers into the side lane `monitor`, one row for each series that moved: so Grafana needs
 * no Prometheus, and a gap fills itself after an outage. It reads the registry, so whatever any room observes is there.
 */
export const createMonitor = ({
  registry,
  writer,
  clock,
  log,
  host,
  refresh = () => Promise.resolve(),
  everyMs = 5000,
}: MonitorOptions): Monitor => {
  let before = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const rowsOf = async (now: Map<string, number>): Promise<MonitorRow[]> => {
    const at = new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ');
    const rows: MonitorRow[] = [];
    const row = (name: string, label: string, siteId: number, more: Partial<MonitorRow>): void => {
      rows.push({ at, host, name, label, site_id: siteId, value: 0, p50: 0, p95: 0, p99: 0, n: 1, ...more });
    };
    const grown = (key: string, value: number): number => {
      now.set(key, value);
      return increase(value, before.get(key));
    };
    for (const metric of (await registry.getMetricsAsJSON()) as (MetricObject & Values)[]) {
      const name = metric.name.replace(PREFIX, '');
      const type = String(metric.type);
      const series = new Map<string, Series>();
      for (const { value, labels, metricName = metric.name } of metric.values) {
        const { label, siteId } = placeOf(labels);
        const key = `${name}|${label}|${siteId}`;
        if (type === 'gauge') row(name, label, siteId, { value });
        else if (type === 'counter') {
          const n = grown(key, value);
          if (n > 0) row(name, label, siteId, { value: n, n });
        } else if (type === 'histogram') {
          const one = series.get(key) ?? {
            label,
            siteId,
            sum: 0,
            count: 0,
            buckets: new Map<number, number>(),
          };
          series.set(key, one);
          if (metricName.endsWith('_sum')) one.sum = grown(`${key}|sum`, value);
          else if (metricName.endsWith('_count')) one.count = grown(`${key}|count`, value);
          else one.buckets.set(Number(labels['le']), grown(`${key}|${String(labels['le'])}`, value));
        }
      }
      for (const { label, siteId, sum, count, buckets } of series.values()) {
        if (count === 0) continue;
        row(name, label, siteId, {
          value: (sum / count) * MS,
          p50: quantileOf(buckets, 0.5) * MS,
          p95: quantileOf(buckets, 0.95) * MS,
          p99: quantileOf(buckets, 0.99) * MS,
          n: count,
        });
      }
    }
    return rows;
  };

  const sample = async (): Promise<void> => {
    const now = new Map<string, number>();
    try {
      await refresh();
      const rows = await rowsOf(now);
      if (rows.length > 0) {
        await writer.writeSide(
          'monitor',
          rows.map((one) => JSON.stringify(one)),
        );
      }
      before = now;
    } catch (error) {
      // `before` stays: the next sample tells of both
      log.warn('monitor.not_written', { error: (error as Error).message });
    }
  };
  const queued = (): Promise<void> => (running = running.then(sample));

  return {
    sample: queued,
    start: () => {
      timer ??= setInterval(() => void queued(), everyMs).unref();
    },
    stop: () => {
      clearInterval(timer);
      timer = undefined;
      return queued();
    },
  };
};
