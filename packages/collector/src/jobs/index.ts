import schedule from 'node-schedule';
import type { Rollups } from '../schema/index.js';
import { aggregatePerformance } from './aggregate-performance.js';
import { analyseBehaviour } from './analyse-behaviour.js';
import { checkQuality } from './check-quality.js';
import { forecast } from './forecast.js';
import type { JobSources } from './job-sources.js';
import { rankConfigs } from './rank-configs.js';
import { rebuildRollups } from './rebuild-rollups.js';
import { reportMonth } from './report-month.js';
import { createRunner, type Job, type RunnerOptions } from './runner.js';
import type { JobRuns } from './runs.js';
import { summariseDay } from './summarise-day.js';
import { verifyLedger } from './verify-ledger.js';

export type { JobSources } from './job-sources.js';
export type { JobRuns, Run } from './runs.js';
export { openDiskRuns } from './runs-disk.js';
export { openRedisRuns } from './runs-redis.js';

/** A roll-up of millions of events takes minutes to build, a stop may not. */
const STOP_MS = 5000;

/** Every job of a collector; each site has its own of those that follow local days. */
export const jobsOf = (sources: JobSources, rollups: Rollups): Job[] => [
  {
    name: 'rebuild-rollups',
    rule: { kind: 'every', minutes: 5 },
    latest: true,
    run: async () => {
      const rebuilt = await rebuildRollups({ rollups, log: sources.log });
      return { rows: rebuilt };
    },
  },
  verifyLedger(sources, rollups),
  rankConfigs(sources),
  aggregatePerformance(sources),
  checkQuality(sources),
  ...sources.sites.all.flatMap((site) => [
    summariseDay(site, sources),
    forecast(site, sources),
    analyseBehaviour(site, sources),
    reportMonth(site, sources),
  ]),
];

export interface Jobs {
  /**
   * Begins no job until the answer is called, and waits for the one in progress, at most `ms`: a forecast over years
   * takes minutes, and what it writes is one insert.
   */
  rest(ms: number): Promise<() => void>;
  /** Ends the clock and waits for the job in progress, but not long: one that dies half-way is repeated. */
  stop(): Promise<void>;
}

/**
 * Looks every ten seconds for slots that are due. node-schedule is only the clock: it fires in every process and
 * forgets what it missed; the runner does neither.
 */
export const startJobs = (
  options: Pick<RunnerOptions, 'owner' | 'onRun'> & { sources: JobSources; rollups: Rollups; runs: JobRuns },
): Jobs => {
  const { sources, rollups, runs, owner, onRun } = options;
  const runner = createRunner({
    jobs: jobsOf(sources, rollups),
    runs,
    clock: sources.clock,
    log: sources.log,
    owner,
    ...(onRun ? { onRun } : {}),
  });
  let running: Promise<void> | null = null;
  const turn = (): void => {
    running ??= runner.turn().finally(() => {
      running = null;
    });
  };
  const clock = schedule.scheduleJob('*/10 * * * * *', turn);
  turn();
  const ended = (ms: number): Promise<unknown> =>
    Promise.race([running, new Promise((resolve) => setTimeout(resolve, ms).unref())]);
  return {
    rest: async (ms) => {
      runner.hold();
      await ended(ms);
      return runner.go;
    },
    stop: async () => {
      clock.cancel();
      runner.stop();
      await ended(STOP_MS);
    },
  };
};
