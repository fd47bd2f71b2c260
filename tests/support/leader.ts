import {
  jobsOf,
  openDiskRuns,
  openRedisRuns,
  type JobRuns,
  type JobSources,
} from '../../packages/collector/src/jobs/index.js';
import { createRunner, type Job } from '../../packages/collector/src/jobs/runner.js';
import { silentLog } from '../../packages/collector/src/log.js';
import {
  createClickHouse,
  createRollups,
  createViewReader,
  type ClickHouse,
} from '../../packages/collector/src/schema/index.js';
import { createSites } from '../../packages/collector/src/sites.js';
import { scopeOf } from '../../packages/collector/test/questions/support.js';

/** Where a job may die: between any two things it tells somebody else. */
export const STEPS = ['acquired', 'begun', 'counted', 'guarded', 'writing', 'written', 'finished'] as const;
export type Step = (typeof STEPS)[number];

export interface LeaderOptions {
  owner: string;
  /** Of the jobs, epoch ms; it stands still. */
  now: number;
  clickhouse: { url: string; writer: Credentials; reader: Credentials };
  /** Folder, or a redis:// URL. */
  runs: string;
  leaseMs: number;
  /** Names of the jobs. */
  only: readonly string[];
}
interface Credentials {
  user: string;
  password: string;
}

const DATABASE = 'lintel';

/** The clock of the leases goes on; that of the jobs does not, so that every leader has the same slots. */
export const openRuns = (at: string): JobRuns => {
  const clock = { now: () => Date.now() };
  return at.startsWith('redis:') ? openRedisRuns(at, clock) : openDiskRuns(at, clock);
};

/**
 * A process's jobs over a real engine, as the collector builds them.
 * @param reached called at each step of each job, before it goes on   @returns what was run, as `job slot`, and how it ended
 */
export const leadJobs = async (
  options: LeaderOptions,
  runs: JobRuns,
  reached: (job: string, step: Step) => Promise<void> = () => Promise.resolve(),
): Promise<{ ran: string[]; outcomes: Record<string, string> }> => {
  const { url, writer, reader } = options.clickhouse;
  const [asWriter, asReader] = [writer, reader].map((as) =>
    createClickHouse({ url, ...as, database: DATABASE }),
  ) as [ClickHouse, ClickHouse];
  let current = '';
  const clock = { now: () => options.now };
  const written: ClickHouse = {
    ...asWriter,
    database: DATABASE,
    insert: async (...args) => {
      const sent = asWriter.insert(...args);
      await reached(current, 'writing');
      return sent;
    },
  };
  const sources: JobSources = {
    sites: createSites([scopeOf().site]),
    clickhouse: () => written,
    readView: createViewReader({ clickhouse: () => asReader, database: DATABASE }).rows,
    readLedger: () =>
      Promise.resolve([
        { site: 1, accepted: 9, stored: 7, buffered: 2, deadLettered: 0, difference: 0, asOf: null },
      ]),
    readExperiment: () => {
      throw new Error('no experiment is expected');
    },
    clock,
    log: silentLog,
  };
  const rollups = createRollups({ clickhouse: () => asWriter, database: DATABASE, log: silentLog });
  const ran: string[] = [];
  const outcomes: Record<string, string> = {};
  const jobs = jobsOf(sources, rollups)
    .filter(({ name }) => options.only.includes(name))
    .map((job): Job => ({
      ...job,
      run: async (slot, guard) => {
        current = job.name;
        ran.push(`${job.name} ${slot.id}`);
        const result = await job.run(slot, async () => {
          await reached(job.name, 'counted');
          await guard();
          await reached(job.name, 'guarded');
        });
        await reached(job.name, 'written');
        return result;
      },
    }));
  const stepping: JobRuns = {
    ...runs,
    acquire: async (job, owner, ttlMs) => {
      const fence = await runs.acquire(job, owner, ttlMs);
      if (fence !== null) await reached(job, 'acquired');
      return fence;
    },
    begin: async (job, ...rest) => {
      await runs.begin(job, ...rest);
      await reached(job, 'begun');
    },
    finish: async (job, ...rest) => {
      await runs.finish(job, ...rest);
      await reached(job, 'finished');
    },
  };
  await createRunner({
    jobs,
    runs: stepping,
    clock,
    log: silentLog,
    owner: options.owner,
    leaseMs: options.leaseMs,
    onRun: (job, outcome) => {
      outcomes[job] = outcome;
    },
  }).turn();
  await Promise.all([asWriter.close(), asReader.close()]);
  return { ran, outcomes };
};
