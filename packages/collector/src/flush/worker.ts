import type { Buffer, Sealed } from '../buffer/buffer.js';
import { BufferUnavailable, StaleFence } from '../errors.js';
import { backoffMs, pause } from './backoff.js';
import { classify, FlushAborted, FlushStopped } from './failure.js';
import type { Gate } from './gate.js';
import { takeLease, type Lease } from './lease.js';
import type { Pace } from './pace.js';
import type { StoreTools } from './part-work.js';
import { writeReceipts } from './receipts.js';
import { createRevisions } from './revisions.js';
import { storePart, type StoredPart } from './store-part.js';

/** How often a resting worker looks whether it still has its lease. */
const REST_LOOK_MS = 250;

export interface WorkerOptions {
  buffer: Buffer;
  shard: number;
  owner: string;
  leaseMs: number;
  /** Wait after a stop-class error. */
  stoppedMs: number;
  tools: StoreTools;
  pace: Pace;
  /** True while the process wants to be empty soon: nobody waits for the interval. */
  hurry: () => boolean;
  /** Closed: rests before the next range, with its lease, and with nothing of it under way. */
  gate: Gate;
  /** Fires when the process stops. */
  signal: AbortSignal;
}

/**
 * `starting`: before the lease; `waiting`: another process holds the shard; `resting`: the gate is closed; `stopped`:
 * configuration, schema or disk of ClickHouse.
 */
export type WorkerState = 'starting' | 'waiting' | 'idle' | 'flushing' | 'resting' | 'stopped';

export interface WorkerStatus {
  backend: Buffer['kind'];
  shard: number;
  state: WorkerState;
  /** Epoch ms of the last commit. */
  lastCommit: number | null;
  lastError: string | null;
  batches: string[];
}

export interface Worker {
  status(): WorkerStatus;
  /** Number of times the shard was found empty. */
  emptied(): number;
  /** Ends a wait early. */
  wake(): void;
  /** Resolves when the signal has ended it. */
  run(): Promise<void>;
}

/** One shard: lease → seal → store every part → receipts → commit, again and again. */
export const createWorker = (options: WorkerOptions): Worker => {
  const { buffer, shard, tools, pace, signal } = options;
  const { log } = tools;
  let state: WorkerState = 'starting';
  let lastCommit: number | null = null;
  let lastError: string | null = null;
  let batches: string[] = [];
  let emptied = 0;
  let wakeUp = new AbortController();

  const sleep = async (ms: number): Promise<void> => {
    await pause(ms, AbortSignal.any([signal, wakeUp.signal]));
    if (wakeUp.signal.aborted) wakeUp = new AbortController();
  };

  /** Outcome unknown is no matter here: a receipt that is written twice is folded. */
  const writeReceiptsForSure = async (parts: readonly StoredPart[]): Promise<void> => {
    for (let failures = 0; ; failures++) {
      if (signal.aborted) throw new FlushAborted();
      try {
        await writeReceipts(tools.clickhouse(), parts);
        return;
      } catch (error) {
        const failure = classify(error);
        if (failure.kind !== 'later') throw new FlushStopped({ ...failure, kind: 'stop' });
        tools.relieve(failure.relief);
        await pause(backoffMs(failures, tools.random), signal);
      }
    }
  };

  /** Doubtful parts come last, one by one: they must see what the others have stored. */
  const storeAll = async (sealed: Sealed, lease: Lease, fresh: boolean): Promise<StoredPart[]> => {
    const revisions = createRevisions(buffer, lease, sealed);
    const context = { ...tools, buffer, lease, sealed, revisions, signal, fresh };
    const sure = sealed.parts.filter(({ lane }) => !lane.doubt);
    const doubtful = sealed.parts.filter(({ lane }) => lane.doubt);
    const results = await Promise.allSettled(sure.map((part) => storePart(context, part)));
    const stored = results.flatMap((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    for (const part of doubtful) stored.push(...(await storePart(context, part)));
    return stored;
  };

  /** Before the buffer forgets them. Named by the range: a range is committed once, whatever became of its batches. */
  const keepForReplay = (sealed: Sealed, parts: readonly StoredPart[]): Promise<void> =>
    tools.replayLog.keep(`${buffer.name}-${shard}-${sealed.first}-${sealed.last}`, () =>
      Promise.all(
        parts.map(async ({ part, members }) => ({
          batch: part.batch,
          table: part.lane.table,
          month: part.lane.month,
          days: part.days,
          rows: part.rows - part.cut.length,
          members: await members(),
        })),
      ),
    );

  const flush = async (sealed: Sealed, lease: Lease, fresh: boolean): Promise<void> => {
    const startedAt = performance.now();
    batches = sealed.parts.map(({ batch }) => batch);
    const parts = await storeAll(sealed, lease, fresh);
    await writeReceiptsForSure(parts);
    await keepForReplay(sealed, parts);
    lease.assertHeld();
    await buffer.commit(sealed, lease.fence);
    lastCommit = tools.clock.now();
    lastError = null;
    const rows = parts.reduce((sum, { stored }) => sum + stored.reduce((n, site) => n + site.rows, 0), 0);
    tools.metrics.flushRows.inc(rows);
    tools.metrics.flushSeconds.observe((performance.now() - startedAt) / 1000);
    log.debug('flush.committed', { shard, batches, rows });
  };

  const backlog = async (): Promise<boolean> => {
    const { rows, bytes } = await buffer.depth();
    const limits = pace.limits();
    return rows >= limits.rows || bytes >= limits.bytes;
  };

  /** Works until the lease is lost or something throws. */
  const hold = async (lease: Lease): Promise<void> => {
    // somebody may have sent an open manifest before: its parts are looked for before they are sent
    let fresh = false;
    while (!signal.aborted) {
      // not before an open manifest of the past is closed: the replay log would name batches that are no more
      if (fresh && options.gate.closed) {
        state = 'resting';
        await options.gate.opened(REST_LOOK_MS, signal);
        lease.assertHeld();
        continue;
      }
      const startedAt = performance.now();
      state = 'flushing';
      lease.assertHeld();
      const sealed = await buffer.seal(pace.limits(), lease.fence);
      if (sealed) {
        await flush(sealed, lease, fresh);
        batches = [];
      }
      fresh = true;
      if (!sealed) emptied += 1;
      state = 'idle';
      if (sealed && (options.hurry() || (await backlog()))) continue;
      await sleep(Math.max(0, startedAt + pace.intervalMs() - performance.now()));
    }
  };

  /** @returns how long to leave the shard alone, ms */
  const recover = (error: unknown, failures: number): number => {
    lastError = (error as Error).message;
    if (error instanceof FlushStopped) {
      state = 'stopped';
      tools.table.refresh();
      log.error('flush.stopped', { shard, code: error.failure.code, error: lastError, page: true });
      return options.stoppedMs * (0.5 + tools.random());
    }
    state = 'starting';
    if (error instanceof StaleFence) log.warn('flush.lease_lost', { shard, error: lastError });
    else if (error instanceof BufferUnavailable) log.warn('flush.buffer_away', { shard, error: lastError });
    else log.error('flush.failed', { shard, error: (error as Error).stack });
    return backoffMs(failures, tools.random);
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted;) {
      const before = lastCommit;
      let lease: Lease | null = null;
      try {
        lease = await takeLease({ ...options, ttlMs: options.leaseMs, log });
        if (lease) await hold(lease);
        else {
          state = 'waiting';
          await sleep(Math.min(options.leaseMs / 3, pace.intervalMs()));
        }
        failures = 0;
      } catch (error) {
        if (error instanceof FlushAborted) continue;
        failures = lastCommit === before ? failures + 1 : 0;
        const ms = recover(error, failures);
        await lease?.release();
        await sleep(ms);
      } finally {
        await lease?.release();
      }
    }
  };

  return {
    status: () => ({ backend: buffer.kind, shard, state, lastCommit, lastError, batches }),
    emptied: () => emptied,
    wake: () => wakeUp.abort(),
    run,
  };
};
