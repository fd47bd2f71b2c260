import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import type { Buffer as MemberBuffer } from './buffer.js';
import { openDisk, type DiskBuffer } from './disk.js';
import { createRedisBuffer } from './redis.js';
import { SEEN_TTL_MS } from './seen-ttl.js';
import { redisForFlush, spoolForFlush } from './spool-drain.js';
import { createSwitch, type Intake, type Switch } from './switch.js';

export interface BufferOptions {
  /** null = on disk. */
  redisUrl: string | null;
  dataDir: string;
  log: Log;
  metrics: Metrics;
  clock: Clock;
  /** How long a repeat is recognised. @default 7 days; at 1,000 events/s and more 1 day (2.9 GB of Redis otherwise) */
  seenTtlMs?: number;
  /** Silence of Redis after which its spool is flushed. @default 60 s, the longest INSERT */
  quietMs?: number;
  /** Time between two attempts to return to Redis. @default 1000 */
  probeMs?: number;
  /** Time between two signs of life to the other collectors. @default 5000 */
  beatMs?: number;
  /** A call of Redis without an answer for so long has an unknown outcome. @default 250 */
  redisTimeoutMs?: number;
  /** Most bytes on disk. @default 2 GiB */
  capBytes?: number;
}

export interface OpenBuffer {
  /** Where rows go in. */
  buffer: Intake;
  /** Everything that may hold rows: the flusher drains each, the ledger is their sum. */
  buffers: readonly MemberBuffer[];
  /** `redis` or `spool` while Redis is away; `disk` without Redis. */
  state(): 'disk' | 'redis' | 'spool';
  close(): Promise<void>;
}

/**
 * Redis with a spool beside it, or the disk alone. A folder of the other mode that still holds rows is drained, too.
 * Redis away: starts on the spool. @throws {BadSettings} for a Redis that would lose rows, or a folder that cannot be
 * written
 */
export const openBuffer = async (options: BufferOptions): Promise<OpenBuffer> => {
  const { redisUrl, dataDir, log, clock, quietMs, probeMs, beatMs, redisTimeoutMs, capBytes } = options;
  const seenTtlMs = options.seenTtlMs ?? SEEN_TTL_MS;
  const open = (name: 'buffer' | 'spool'): DiskBuffer =>
    openDisk({
      dir: join(dataDir, name),
      clock,
      log,
      seenTtlMs,
      spool: name === 'spool',
      ...(capBytes === undefined ? {} : { capBytes }),
    });
  const leftOver = (name: 'buffer' | 'spool'): DiskBuffer[] =>
    existsSync(join(dataDir, name, 'data.mdb')) ? [open(name)] : [];

  if (redisUrl === null) {
    const disk = open('buffer');
    const rest = leftOver('spool');
    return {
      buffer: disk,
      buffers: [disk, ...rest],
      state: () => 'disk',
      close: async () => {
        for (const one of [disk, ...rest]) await one.close();
      },
    };
  }

  const spool = open('spool');
  const rest = leftOver('buffer');
  let intake: Switch | null = null;
  const redis = createRedisBuffer({
    url: redisUrl,
    clock,
    log,
    seenTtlMs,
    ...(redisTimeoutMs === undefined ? {} : { timeoutMs: redisTimeoutMs }),
    inDoubt: () => intake?.state() !== 'redis',
  });
  const way = createSwitch({
    redis,
    spool,
    log,
    ...(probeMs === undefined ? {} : { probeMs }),
    ...(beatMs === undefined ? {} : { beatMs }),
  });
  intake = way;
  const close = async (): Promise<void> => {
    await way.close();
    await redis.close();
    for (const one of [spool, ...rest]) await one.close();
  };
  try {
    if (!(await way.rejoin())) log.warn('buffer.started_on_spool');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    buffer: way,
    buffers: [
      redisForFlush(redis, spool, way),
      spoolForFlush({ spool, redis, intake: way, ...(quietMs === undefined ? {} : { quietMs }) }),
      ...rest,
    ],
    state: way.state,
    close,
  };
};
