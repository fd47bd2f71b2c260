/** The jobs whose results are asked for, each run once for the newest of its slots. */
import { systemClock } from '../../packages/collector/src/clock.js';
import { jobsOf, type JobSources } from '../../packages/collector/src/jobs/index.js';
import { versionOf } from '../../packages/collector/src/jobs/runner.js';
import { slotsBetween } from '../../packages/collector/src/jobs/slots.js';
import { silentLog } from '../../packages/collector/src/log.js';
import { createViewReader, type Rollups } from '../../packages/collector/src/schema/index.js';
import { createSites } from '../../packages/collector/src/sites.js';
import type { Shop } from './shop.js';

export interface JobRun {
  /** Without its site. */
  job: string;
  seconds: number;
  rows: number;
}

export const runJobs = async (shop: Shop, rollups: Rollups, wanted: readonly string[]): Promise<JobRun[]> => {
  const sources: JobSources = {
    sites: createSites([shop.site]),
    readView: createViewReader({ clickhouse: () => shop.as('reader'), database: 'lintel' }).rows,
    readLedger: () => Promise.resolve([]),
    readExperiment: () => {
      throw new Error('no job asks for an experiment');
    },
    clock: systemClock,
    clickhouse: () => shop.as('writer'),
    log: silentLog,
  };
  const done: JobRun[] = [];
  for (const job of jobsOf(sources, rollups)) {
    const name = job.name.split(':')[0]!;
    if (!wanted.includes(name)) continue;
    // that of a month lies up to a month back
    const slot = slotsBetween(job.rule, Date.now() - 32 * 86_400_000, Date.now()).at(-1)!;
    const started = performance.now();
    const { rows } = await job.run({ ...slot, version: versionOf(slot, 1) }, () => Promise.resolve());
    done.push({ job: name, seconds: (performance.now() - started) / 1000, rows });
  }
  return done;
};
