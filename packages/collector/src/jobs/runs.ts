import type { Slot } from './slots.js';

export type RunState = 'running' | 'done' | 'failed';

/** What is known of a job's newest slot. */
export interface Run {
  job: string;
  slot: string;
  /** Planned instant, epoch ms. */
  at: number;
  state: RunState;
  /** Fencing number of the holder that wrote this. */
  fence: number;
  /** Epoch ms. */
  started: number;
  /** Milliseconds; 0 while it runs. */
  ms: number;
  rows: number;
  error: string;
}

/**
 * Leases and runs of all jobs, shared by every process that may run them. `(job, slot)` is a run's identity; a holder
 * that slept past its lease finds its fencing number outdated in every writing call.
 */
export interface JobRuns {
  /** @returns a fencing number, higher than any before, or null while another owner holds the lease */
  acquire(job: string, owner: string, ttlMs: number): Promise<number | null>;
  /** @returns false when the lease is lost */
  renew(job: string, fence: number, ttlMs: number): Promise<boolean>;
  release(job: string, fence: number): Promise<void>;
  /** Planned instant of the newest slot that is done, epoch ms; null when none is. */
  lastDone(job: string): Promise<number | null>;
  /** @throws {StaleFence} */
  begin(job: string, slot: Slot, fence: number): Promise<void>;
  /** @throws {StaleFence} the run counts as not done: another holder repeats it */
  finish(
    job: string,
    slot: Slot,
    fence: number,
    outcome: { rows: number } | { error: string },
  ): Promise<void>;
  /** Newest run of each job. */
  list(): Promise<Run[]>;
  close(): Promise<void>;
}
