import type { Buffer, SealLimits } from '../buffer/buffer.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import type { ClickHouse } from '../schema/clickhouse.js';
import { CollectorError } from '../errors.js';
import { pause } from './backoff.js';
import type { DeadLetters } from './dead-letters.js';
import { createEventsTable } from './events-table.js';
import { createGate } from './gate.js';
import { createLimit } from './limit.js';
import { createPace } from './pace.js';
import type { StoreTools } from './part-work.js';
import type { ReplayLog } from './replay-log.js';
import { createWorker, type WorkerStatus } from './worker.js';

export interface FlusherOptions {
  /** Everything that may hold rows: Redis with all its shards, and this host's spool. */
  buffers: readonly Buffer[];
  /** As writer. @throws {ClickHouseUnreachable} while the database is not ready */
  clickhouse: () => ClickHouse;
  database: string;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  rollups: { markDirty(days: readonly string[]): Promise<void> };
  deadLetters: Pick<DeadLetters, 'keep' | 'keepPart'>;
  /** Default: keeps nothing. */
  replayLog?: Pick<ReplayLog, 'keep'>;
  /** Shortest time from one flush to the next, ms. */
  intervalMs: number;
  /** Names this process in leases. */
  owner: string;
  /** 0…1. */
  random: () => number;
  /** Default: 50,000 rows or 8 MB. */
  limits?: SealLimits;
  /** Default 15 s, renewed three times in it. */
  leaseMs?: number;
  /** Wait after a stop-class error. Default 60 s. */
  stoppedMs?: number;
  /** Longer than `max_execution_time`: until then the answer may still come. Default 65 s. */
  insertTimeoutMs?: number;
}

export interface FlusherStatus {
  state: 'running' | 'stopped' | 'off';
  insertsInFlight: number;
  lastInsertMs: number;
  intervalMs: number;
  shards: WorkerStatus[];
}

/** A flusher at rest. */
export interface Rest {
  /** False once a shard was lost to another process. */
  held(): boolean;
  end(): void;
}

export interface Flusher {
  start(): void;
  /** Ends after the steps in flight, at most 10 s; leases are handed back, open manifests stay. */
  stop(): Promise<void>;
  /** Flushes without waiting until every shard held here was found empty. @returns false when `ms` were not enough */
  drain(ms: number): Promise<boolean>;
  /**
   * Lets every shard finish its range and rest; intake goes on into the buffers.
   * @throws {CollectorError} `BUSY` when one does not come to rest within `ms`, with the reason
   */
  rest(ms: number): Promise<Rest>;
  /** Forgets the columns of the table: they may be others now. */
  refresh(): void;
  status(): FlusherStatus;
}

const LIMITS: SealLimits = { rows: 50_000, bytes: 8 * 1024 * 1024 };
const MOST_INSERTS = 2;
/** What is in flight then is abandoned: its outcome is unknown, which the next flusher knows how to handle. */
const STOP_MS = 10_000;
const POLL_MS = 10;

const reasonOf = ({ backend, shard, state, lastError }: WorkerStatus): string => {
  if (state === 'waiting') return `another collector flushes shard ${shard} of ${backend}`;
  return `shard ${shard} of ${backend} is ${state}${lastError === null ? '' : `, ${lastError}`}`;
};

/** Moves everything from the buffers into ClickHouse, exactly once, one worker a shard. */
export const createFlusher = (options: FlusherOptions): Flusher => {
  const { clickhouse, database, clock, log, metrics, random } = options;
  const pace = createPace(options.intervalMs, options.limits ?? LIMITS);
  const limit = createLimit(MOST_INSERTS);
  const gate = createGate();
  const stopping = new AbortController();
  let hurried = 0;
  let running: Promise<unknown> | null = null;

  const tools: StoreTools = {
    clickhouse,
    table: createEventsTable(clickhouse, database),
    limit,
    rollups: options.rollups,
    deadLetters: options.deadLetters,
    replayLog: options.replayLog ?? { keep: () => Promise.resolve() },
    clock,
    log,
    metrics,
    random,
    insertTimeoutMs: options.insertTimeoutMs ?? 65_000,
    relieve: pace.relieve,
    inserted: pace.inserted,
  };
  const workers = options.buffers.flatMap((buffer) =>
    Array.from({ length: buffer.shards }, (_, shard) =>
      createWorker({
        buffer,
        shard,
        owner: options.owner,
        leaseMs: options.leaseMs ?? 15_000,
        stoppedMs: options.stoppedMs ?? 60_000,
        tools,
        pace,
        hurry: () => hurried > 0,
        gate,
        signal: stopping.signal,
      }),
    ),
  );

  return {
    start: () => {
      running ??= Promise.all(workers.map((worker) => worker.run()));
    },
    stop: async () => {
      stopping.abort();
      if (running) await Promise.race([running, pause(STOP_MS, new AbortController().signal)]);
    },
    drain: async (ms) => {
      const until = performance.now() + ms;
      const marks = workers.map((worker) => ({ worker, emptied: worker.emptied() }));
      hurried += 1;
      try {
        for (;;) {
          const left = marks.filter(
            ({ worker, emptied }) => worker.emptied() === emptied && worker.status().state !== 'waiting',
          );
          if (left.length === 0 && running) return true;
          if (performance.now() >= until || stopping.signal.aborted || !running) return false;
          for (const { worker } of left) if (worker.status().state === 'idle') worker.wake();
          await pause(POLL_MS, stopping.signal);
        }
      } finally {
        hurried -= 1;
      }
    },
    rest: async (ms) => {
      if (gate.closed || !running) throw new CollectorError('BUSY', 'the flush is not running');
      const awake = () => workers.filter((worker) => worker.status().state !== 'resting');
      const until = performance.now() + ms;
      gate.close();
      while (awake().length > 0) {
        if (performance.now() >= until || stopping.signal.aborted) {
          gate.open();
          throw new CollectorError(
            'BUSY',
            `the flush does not come to rest: ${reasonOf(awake()[0]!.status())}`,
          );
        }
        for (const worker of awake()) if (worker.status().state === 'idle') worker.wake();
        await pause(POLL_MS, stopping.signal);
      }
      return { held: () => awake().length === 0, end: gate.open };
    },
    refresh: tools.table.refresh,
    status: () => {
      const shards = workers.map((worker) => worker.status());
      const stopped = shards.some(({ state }) => state === 'stopped');
      return {
        state: !running || stopping.signal.aborted ? 'off' : stopped ? 'stopped' : 'running',
        insertsInFlight: limit.active,
        lastInsertMs: pace.lastInsertMs,
        intervalMs: pace.intervalMs(),
        shards,
      };
    },
  };
};
