import { scopeParameters } from '../questions/index.js';
import { scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { second, writeRows, type JobRow } from './tables.js';

const HOUR_MS = 3_600_000;
/** An outbox may come late: the last two days are counted again each hour. */
const HOURS = 48;

interface HourRow {
  hour: string;
  metric: string;
  page: string;
  device: string;
  n: number;
  effective: number;
  q: number[];
}

/** Hours of the last two days, so that charts of speed outlive the raw events. */
export const aggregatePerformance = (sources: JobSources): Job => ({
  name: 'aggregate-performance',
  rule: { kind: 'every', minutes: 60 },
  latest: true,
  run: async (slot, guard) => {
    const rows: JobRow[] = [];
    for (const site of sources.sites.all) {
      const scope = scopeBetween(site, slot.at - HOURS * HOUR_MS, slot.at);
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
