import { join } from 'node:path';
import {
  analyticsRoutes,
  experimentRoutes,
  jobRoutes,
  recordRoutes,
  type Route,
  type Tokens,
} from './admin/index.js';
import { openExperiments } from './experiments/index.js';
import type { Foundation } from './foundation.js';
import { openDiskRuns, openRedisRuns, startJobs, type Jobs } from './jobs/index.js';
import { watchCanary, type CanaryWatch } from './monitor/index.js';
import { createViewReader } from './schema/index.js';

/** Questions, records, jobs, and the watch over the whole path. */
export interface AdminDuty {
  routes: Route[];
  canary: CanaryWatch;
  /** As of `Jobs`: nothing rests before `start`. */
  restJobs: Jobs['rest'];
  /** Once the database is there. */
  start(): void;
  stop(): Promise<void>;
}

export const createAdminDuty = (foundation: Foundation, tokens: Tokens): AdminDuty => {
  const { settings, database, clock, log, metrics, sites, rollups, deadLetters, readLedger } = foundation;
  const views = createViewReader({ clickhouse: () => database.client('reader'), database: database.name });
  const experiments = openExperiments(join(settings.dataDir, 'experiments.json'), clock);
  const runs =
    settings.redisUrl === null
      ? openDiskRuns(settings.dataDir, clock)
      : openRedisRuns(settings.redisUrl, clock);
  const sources = { readView: views.rows, readLedger, readExperiment: experiments.get, clock };
  const canary = watchCanary({
    read: (range) => views.rows<{ sent: number }>('canary', range),
    clock,
    log,
    metrics,
    // the public port of this process opened before this, and sent its first one
    since: clock.now() - process.uptime() * 1000,
  });
  let jobs: Jobs | null = null;
  return {
    routes: [
      ...analyticsRoutes({ ...sources, sites, readBytes: views.bytes }),
      ...experimentRoutes({ sites, clock, readView: views.rows, experiments }),
      ...jobRoutes({ sites, clock, readView: views.rows, readBytes: views.bytes, listRuns: runs.list }),
      ...recordRoutes({ readLedger, deadLetters, tokens }),
    ],
    canary,
    restJobs: (ms) => jobs?.rest(ms) ?? Promise.resolve(() => undefined),
    start: () => {
      jobs = startJobs({
        sources: { ...sources, sites, clickhouse: () => database.client('writer'), log },
        rollups,
        runs,
        owner: foundation.owner,
        onRun: (job, outcome) => metrics.jobRuns.inc({ job: job.split(':')[0]!, outcome }),
      });
    },
    stop: async () => {
      canary.stop();
      await jobs?.stop();
      await runs.close();
    },
  };
};
