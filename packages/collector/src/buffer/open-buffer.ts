import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import type { Buffer as MemberBuffer } from './buffer.js';
import { openDisk } from './disk.js';
import { createRedisBuffer } from './redis.js';
import { SEEN_TTL_MS } from './seen-ttl.js';

export interface BufferOptions {
  /** null = on disk. */
  redisUrl: string | null;
  dataDir: string;
  log: Log;
  metrics: Metrics;
  clock: Clock;
}

export interface OpenBuffer {
  /** Where rows go in. */
  buffer: MemberBuffer;
  /** Everything that may hold rows: the flusher drains each, the ledger is their sum. */
  buffers: readonly MemberBuffer[];
  close(): Promise<void>;
}

/** @throws {BadSettings} for a Redis that would lose rows, or a folder that cannot be written */
export const openBuffer = async ({ redisUrl, dataDir, log, clock }: BufferOptions): Promise<OpenBuffer> => {
  const seenTtlMs = SEEN_TTL_MS;
  if (redisUrl === null) {
    const disk = openDisk({ dir: join(dataDir, 'buffer'), clock, log, seenTtlMs });
    return { buffer: disk, buffers: [disk], close: disk.close };
  }
  const redis = createRedisBuffer({ url: redisUrl, clock, log, seenTtlMs });
  try {
    await redis.prepare();
  } catch (error) {
    await redis.close();
    throw error;
  }
  return { buffer: redis, buffers: [redis], close: redis.close };
};
