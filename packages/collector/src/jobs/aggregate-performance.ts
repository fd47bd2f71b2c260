import { scopeParameters } from '../questions/index.js';
import { scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { second, writeRows, type JobRow } from './tables.js';

const HOUR_MS = 3_600_000;
/** Counted again each hour: what comes within minutes or after a night. */
const HOURS = 48;
/** An outbox may keep events for seven days: the last nine are counted again once a day, so that one turn may be missed. */
const ALL_HOURS = 9 * 24;
const DAILY_AT = 3;

interface HourRow {
  hour: string;
  metric: string;
  page: string;
  device: string;
  n: number;
  effective: number;
  q: number[];
}

/** Hours of the last days, so that charts of speed outlive the raw events. */
export const aggregatePerformance = (sources: JobSources): Job => ({
  name: 'aggregate-performance',
  rule: { kind: 'every', minutes: 60 },
  latest: true,
  run: async (slot, guard) => {
    const rows: JobRow[] = [];
    const back = new Date(slot.at).getUTCHours() === DAILY_AT ? ALL_HOURS : HOURS;
    for (const site of sources.sites.all) {
      const scope = scopeBetween(site, slot.at - back * HOUR_MS, slot.at);
      const hours = await sources.readView<HourRow>('performance_hours', scopeParameters(scope));
      for (const { hour, metric, page, device, n, effective, q } of hours)
        rows.push({
          site_id: site.id,
          hour: second(Date.parse(`${hour}Z`)),
          metric,
          page,
          device,
          n,
          effective,
          q,
          version: slot.version,
        });
    }
    await guard();
    return writeRows(sources.clickhouse(), 'performance_hourly', rows);
  },
});
