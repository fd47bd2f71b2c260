import type { DataFrame } from '@grafana/data';
import { DAY_SQL, NOW_SQL } from '../../queries/panels';
import { DAY_REF_IDS, NOW_REF_IDS } from './refIds';

/** What happens now; null = nothing to count. */
export interface NowFacts {
  visitors: number | null;
  configuring: number;
  /** Seconds since the newest event arrived. */
  newestS: number | null;
}

/** The day so far. */
export interface DayFacts {
  inquiries: number | null;
  /** Of the events of today's pages. */
  stored: number;
  generated: number;
}

const column = (frame: DataFrame | undefined, name: string): readonly unknown[] =>
  frame?.fields.find((field) => field.name === name)?.values ?? [];

const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

const sum = (values: readonly unknown[]): number =>
  values.reduce<number>((total, value) => total + (number(value) ?? 0), 0);

const finder = (series: readonly DataFrame[], refIds: ReadonlyMap<string, string>) => (sql: string) =>
  series.find(({ refId }) => refId === refIds.get(sql));

export const nowFacts = (series: readonly DataFrame[]): NowFacts => {
  const frame = finder(series, NOW_REF_IDS);
  const steps = frame(NOW_SQL.steps);
  const at = column(steps, 'step').indexOf('option_select');
  return {
    visitors: number(column(frame(NOW_SQL.visitors), 'visitors_5m')[0]),
    configuring: at < 0 ? 0 : (number(column(steps, 'visitors_5m')[at]) ?? 0),
    newestS: number(column(frame(NOW_SQL.freshness), 'age_s')[0]),
  };
};

export const dayFacts = (series: readonly DataFrame[]): DayFacts => {
  const frame = finder(series, DAY_REF_IDS);
  const capture = frame(DAY_SQL.capture);
  return {
    inquiries: number(column(frame(DAY_SQL.totals), 'inquiries')[0]),
    stored: sum(column(capture, 'stored')),
    generated: sum(column(capture, 'generated')),
  };
};
