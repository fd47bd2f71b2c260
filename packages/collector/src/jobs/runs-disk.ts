import { join } from 'node:path';
import { open } from 'lmdb';
import type { Clock } from '../clock.js';
import { StaleFence } from '../errors.js';
import type { JobRuns, Run } from './runs.js';

interface Lease {
  owner: string;
  fence: number;
  until: number;
}

/** Leases and runs in `DATA_DIR/jobs`; LMDB's writer lock spans the processes of this host. */
export const openDiskRuns = (dataDir: string, clock: Clock): JobRuns => {
  const environment = open({ path: join(dataDir, 'jobs'), overlappingSync: false });
  const leases = environment.openDB<Lease, string>({ name: 'leases' });
  const runs = environment.openDB<Run, string>({ name: 'runs' });
  const done = environment.openDB<number, string>({ name: 'done' });

  const holder = (job: string, fence: number): Lease => {
    const lease = leases.get(job);
    if (!lease || lease.fence !== fence || lease.until <= clock.now())
      throw new StaleFence(`another process holds the job ${job} by now`);
    return lease;
  };
  const write = <T>(change: () => T): Promise<T> =>
    new Promise((resolve) => resolve(environment.transactionSync(change)));

  return {
    acquire: (job, owner, ttlMs) =>
      write(() => {
        const lease = leases.get(job);
        if (lease && lease.until > clock.now()) return null;
        const fence = (lease?.fence ?? 0) + 1;
        void leases.put(job, { owner, fence, until: clock.now() + ttlMs });
        return fence;
      }),
    renew: (job, fence, ttlMs) =>
      write(() => {
        const lease = leases.get(job);
        if (!lease || lease.fence !== fence || lease.until <= clock.now()) return false;
        void leases.put(job, { ...lease, until: clock.now() + ttlMs });
        return true;
      }),
    release: (job, fence) =>
      write(() => {
        const lease = leases.get(job);
        // the number stays: the next holder's must be higher
        if (lease?.fence === fence) void leases.put(job, { ...lease, until: 0 });
      }),
    lastDone: (job) => Promise.resolve(done.get(job) ?? null),
    begin: (job, slot, fence) =>
      write(() => {
        holder(job, fence);
        void runs.put(job, {
          job,
          slot: slot.id,
          at: slot.at,
          state: 'running',
          fence,
          started: clock.now(),
          ms: 0,
          rows: 0,
          error: '',
        });
      }),
    finish: (job, slot, fence, outcome) =>
      write(() => {
        holder(job, fence);
        const started = runs.get(job)?.started ?? clock.now();
        const failed = 'error' in outcome;
        void runs.put(job, {
          job,
          slot: slot.id,
          at: slot.at,
          state: failed ? 'failed' : 'done',
          fence,
          started,
          ms: clock.now() - started,
          rows: failed ? 0 : outcome.rows,
          error: failed ? outcome.error : '',
        });
        if (!failed) void done.put(job, Math.max(slot.at, done.get(job) ?? 0));
      }),
    list: () => Promise.resolve([...runs.getRange()].map(({ value }) => value)),
    close: () => environment.close(),
  };
};
