import type { Clock } from '../clock.js';
import { StaleFence } from '../errors.js';
import type { Log } from '../log.js';
import type { JobRuns } from './runs.js';
import { slotsBetween, type Slot, type SlotRule } from './slots.js';

/** A missed slot older than this is not made up for. */
const CATCH_UP_MS = 7 * 86_400_000;
const LEASE_MS = 30_000;
/** A job that fails waits, twice as long each time. */
const RETRY_MS = { first: 10_000, longest: 300_000 };

export interface Job {
  /** `verify-ledger`, or with its site `summarise-day:1`. */
  name: string;
  rule: SlotRule;
  /** After an outage only the newest missed slot runs: the job's result does not depend on the others. */
  latest?: boolean;
  /**
   * A pure function of its slot and of what is stored: run twice, it changes nothing.
   * @param guard call it before each effect; it throws {StaleFence} once another process holds the job
   */
  run(slot: HeldSlot, guard: () => Promise<void>): Promise<{ rows: number }>;
}

/** A slot while somebody works on it. */
export interface HeldSlot extends Slot {
  /**
   * Of the rows written for it, UInt64 in digits: a later slot of the same subject wins, and of one slot the later
   * holder. Whoever slept between his last `guard` and his INSERT writes rows that nobody sees.
   */
  version: string;
}

/** Holders of one job until its numbers begin again: at one every five minutes, ten years. */
const FENCE_BITS = 20n;

export const versionOf = (slot: Slot, fence: number): string =>
  String((BigInt(slot.at) << FENCE_BITS) | BigInt.asUintN(Number(FENCE_BITS), BigInt(fence)));

export interface RunnerOptions {
  jobs: readonly Job[];
  runs: JobRuns;
  clock: Clock;
  log: Log;
  /** Names this process start. */
  owner: string;
  onRun?: (job: string, outcome: 'done' | 'failed' | 'stale') => void;
  leaseMs?: number;
  /** How often a running job renews its lease. Default: a third of it. */
  renewMs?: number;
}

/** Slots of `job` that are due, oldest first. A job that never ran begins with its newest slot. */
export const dueSlots = (job: Job, lastDone: number | null, now: number): Slot[] => {
  const slots = slotsBetween(job.rule, Math.max(lastDone ?? 0, now - CATCH_UP_MS), now);
  return lastDone === null || job.latest ? slots.slice(-1) : slots;
};

export interface Runner {
  /** One pass over all jobs; it never throws, failures are logged and tried at the next turn. */
  turn(): Promise<void>;
  /** Begins no further slot until `go`. */
  hold(): void;
  go(): void;
  /** Begins no further slot. What is running may be left alone: a job that dies is repeated by the next holder. */
  stop(): void;
}

/**
 * Runs what is due. Correct in any number of processes: each slot has one effect.
 */
export const createRunner = ({
  jobs,
  runs,
  clock,
  log,
  owner,
  onRun = () => {},
  leaseMs = LEASE_MS,
  renewMs = leaseMs / 3,
}: RunnerOptions): Runner => {
  let stopped = false;
  let held = false;
  const failures = new Map<string, { count: number; until: number }>();
  const failed = (job: string): void => {
    const count = (failures.get(job)?.count ?? 0) + 1;
    const wait = Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** (count - 1));
    failures.set(job, { count, until: clock.now() + wait });
  };

  const runSlot = async (job: Job, slot: Slot, fence: number): Promise<void> => {
    const guard = async (): Promise<void> => {
      if (!(await runs.renew(job.name, fence, leaseMs)))
        throw new StaleFence(`another process holds the job ${job.name} by now`);
    };
    await runs.begin(job.name, slot, fence);
    try {
      const { rows } = await job.run({ ...slot, version: versionOf(slot, fence) }, guard);
      await runs.finish(job.name, slot, fence, { rows });
      failures.delete(job.name);
      onRun(job.name, 'done');
    } catch (error) {
      if (error instanceof StaleFence) throw error;
      await runs.finish(job.name, slot, fence, { error: (error as Error).message });
      throw error;
    }
  };

  const runJob = async (job: Job): Promise<void> => {
    if ((failures.get(job.name)?.until ?? 0) > clock.now()) return;
    if (dueSlots(job, await runs.lastDone(job.name), clock.now()).length === 0) return;
    const fence = await runs.acquire(job.name, owner, leaseMs);
    if (fence === null) return;
    const renewal = setInterval(
      () =>
        void runs.renew(job.name, fence, leaseMs).catch((error: unknown) => {
          log.warn('jobs.renew_failed', { job: job.name, error: String(error) });
        }),
      renewMs,
    ).unref();
    try {
      // asked again under the lease: another holder may have just finished
      const due = dueSlots(job, await runs.lastDone(job.name), clock.now());
      for (const slot of due) if (!stopped && !held) await runSlot(job, slot, fence);
    } finally {
      clearInterval(renewal);
      await runs.release(job.name, fence);
    }
  };

  return {
    hold: () => {
      held = true;
    },
    go: () => {
      held = false;
    },
    stop: () => {
      stopped = true;
    },
    turn: async () => {
      for (const job of jobs) {
        if (stopped || held) return;
        try {
          await runJob(job);
        } catch (error) {
          const stale = error instanceof StaleFence;
          if (!stale) failed(job.name);
          log.warn(stale ? 'jobs.lease_lost' : 'jobs.failed', {
            job: job.name,
            error: (error as Error).message,
          });
          onRun(job.name, stale ? 'stale' : 'failed');
        }
      }
    },
  };
};
