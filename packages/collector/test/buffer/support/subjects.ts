import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Buffer as MemberBuffer } from '../../../src/buffer/index.js';
import { openDisk, type DiskOptions } from '../../../src/buffer/disk.js';
import { createRedisBuffer } from '../../../src/buffer/redis.js';
import { SEEN_TTL_MS } from '../../../src/buffer/seen-ttl.js';
import { systemClock } from '../../../src/clock.js';
import { silentLog } from '../../../src/log.js';
import { startRedis } from './redis-server.js';

/** An implementation under test. `open` after `close` finds the same data. */
export interface Subject {
  open(): Promise<MemberBuffer>;
  /** Throws the data away; the buffer must be closed. */
  clear(): Promise<void>;
  end(): Promise<void>;
}

/** Where a sync costs nothing, for tests that do many thousand steps and kill nothing. */
export const fastFolder = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

export const diskSubject = (under = tmpdir(), options: Partial<DiskOptions> = {}): Promise<Subject> => {
  const folder = (): string => mkdtempSync(join(under, 'lintel-disk-'));
  let dir = folder();
  return Promise.resolve({
    open: () =>
      Promise.resolve(
        openDisk({
          dir,
          clock: systemClock,
          log: silentLog,
          seenTtlMs: SEEN_TTL_MS,
          reserveBytes: 0,
          ...options,
        }),
      ),
    clear: () => {
      rmSync(dir, { recursive: true, force: true });
      dir = folder();
      return Promise.resolve();
    },
    end: () => {
      rmSync(dir, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
};

export const redisSubject = async (settings: readonly string[] = []): Promise<Subject & { url: string }> => {
  const server = await startRedis(settings);
  return {
    url: server.url,
    open: async () => {
      const buffer = createRedisBuffer({
        url: server.url,
        clock: systemClock,
        log: silentLog,
        seenTtlMs: SEEN_TTL_MS,
        // a loaded test machine may need longer than 250 ms for nothing at all
        timeoutMs: 5000,
      });
      await buffer.prepare();
      return buffer;
    },
    clear: async () => {
      const redis = new Redis(server.url);
      await redis.flushall();
      redis.disconnect();
    },
    end: server.stop,
  };
};
