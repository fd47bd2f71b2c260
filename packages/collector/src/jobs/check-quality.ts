import { DateTime } from 'luxon';
import { scopeParameters } from '../questions/index.js';
import { scopeBetween, type JobSources } from './job-sources.js';
import type { Job } from './runner.js';
import { writeRows, type JobRow } from './tables.js';

/** An outbox may keep events for seven days: that many local days are counted again, and the one that runs. */
const DAYS = 8;
const DAY_S = 86_400;

interface RowsOfDay {
  time: string;
  stored: number;
  bots: number;
  without_visitor: number;
  late: number;
  skewed: number;
  duplicates: number;
}
interface StreamsOfDay {
  time: string;
  streams: number;
  generated: number;
  stored: number;
}

/** What is wrong with the rows of each local day, for the answers that must not count it themselves. */
export const checkQuality = (sources: JobSources): Job => ({
  name: 'check-quality',
  rule: { kind: 'every', minutes: 60 },
  latest: true,
  run: async (slot, guard) => {
    const rows: JobRow[] = [];
    for (const site of sources.sites.all) {
      const zone = site.timeZone;
      const dayOf = (time: string): string => DateTime.fromISO(time, { zone }).toISODate()!;
      const first = DateTime.fromMillis(slot.at, { zone }).startOf('day').minus({ days: DAYS });
      const scope = scopeBetween(site, first.toMillis(), slot.at);
      const all = { ...scopeParameters(scope), step: DAY_S };
      const [quality, streams] = await Promise.all([
        sources.readView<RowsOfDay>('data_quality', all),
        sources.readView<StreamsOfDay>('capture_rate', { ...all, by: '' }),
      ]);
      const days = new Set([...quality, ...streams].map(({ time }) => dayOf(time)));
      for (const day of [...days].sort()) {
        const stored = quality.find(({ time }) => dayOf(time) === day);
        const stream = streams.find(({ time }) => dayOf(time) === day);
        rows.push({
          site_id: site.id,
          day,
          stored: stored?.stored ?? 0,
          bots: stored?.bots ?? 0,
          without_visitor: stored?.without_visitor ?? 0,
          late: stored?.late ?? 0,
          skewed: stored?.skewed ?? 0,
          duplicates: stored?.duplicates ?? 0,
          streams: stream?.streams ?? 0,
          generated: stream?.generated ?? 0,
          // a row that is stored twice must not make up for one that is missing
          captured: Math.min(stream?.stored ?? 0, stream?.generated ?? 0),
          version: slot.version,
        });
      }
    }
    await guard();
    return writeRows(sources.clickhouse(), 'quality_daily', rows);
  },
});
