import { Redis } from 'ioredis';
import type { Clock } from '../clock.js';
import { StaleFence } from '../errors.js';
import type { JobRuns, Run } from './runs.js';

const KEYS = 'lintel:jobs';
const lease = (job: string): string => `${KEYS}:lease:${job}`;

/**
 * Leases and runs in Redis, for several collectors. Every change is a transaction that watches the lease, so a holder
 * that lost it changes nothing; calls are made one after the other because WATCH belongs to the connection.
 */
export const openRedisRuns = (url: string, clock: Clock): JobRuns => {
  const redis = new Redis(url, { commandTimeout: 2000, maxRetriesPerRequest: 1, lazyConnect: true });
  redis.on('error', () => {
    // each call reports its own failure; without a listener ioredis prints every reconnection
  });
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = queue.then(work, work);
    queue = next.catch(() => undefined);
    return next;
  };
  const stale = (job: string): StaleFence => new StaleFence(`another process holds the job ${job} by now`);

  /** Runs `change` only while the lease is the holder's. */
  const asHolder = (
    job: string,
    fence: number,
    change: (transaction: ReturnType<Redis['multi']>) => void,
  ): Promise<boolean> =>
    inTurn(async () => {
      await redis.watch(lease(job));
      if ((await redis.get(lease(job))) !== String(fence)) {
        await redis.unwatch();
        return false;
      }
      const transaction = redis.multi();
      change(transaction);
      return (await transaction.exec()) !== null;
    });

  const readRun = async (job: string): Promise<Run | null> => {
    const text = await redis.hget(`${KEYS}:runs`, job);
    return text === null ? null : (JSON.parse(text) as Run);
  };

  return {
    acquire: (job, _owner, ttlMs) =>
      inTurn(async () => {
        if ((await redis.exists(lease(job))) === 1) return null;
        const fence = await redis.hincrby(`${KEYS}:fences`, job, 1);
        return (await redis.set(lease(job), String(fence), 'PX', ttlMs, 'NX')) === 'OK' ? fence : null;
      }),
    renew: (job, fence, ttlMs) => asHolder(job, fence, (change) => change.pexpire(lease(job), ttlMs)),
    release: async (job, fence) => {
      await asHolder(job, fence, (change) => change.del(lease(job)));
    },
    lastDone: (job) =>
      inTurn(async () => {
        const at = await redis.hget(`${KEYS}:done`, job);
        return at === null ? null : Number(at);
      }),
    begin: async (job, slot, fence) => {
      const run: Run = {
        job,
        slot: slot.id,
        at: slot.at,
        state: 'running',
        fence,
        started: clock.now(),
        ms: 0,
        rows: 0,
        error: '',
      };
      const held = await asHolder(job, fence, (change) =>
        change.hset(`${KEYS}:runs`, job, JSON.stringify(run)),
      );
      if (!held) throw stale(job);
    },
    finish: async (job, slot, fence, outcome) => {
      const failed = 'error' in outcome;
      const started = (await inTurn(() => readRun(job)))?.started ?? clock.now();
      const before = await inTurn(() => redis.hget(`${KEYS}:done`, job));
      const run: Run = {
        job,
        slot: slot.id,
        at: slot.at,
        state: failed ? 'failed' : 'done',
        fence,
        started,
        ms: clock.now() - started,
        rows: failed ? 0 : outcome.rows,
        error: failed ? outcome.error : '',
      };
      const held = await asHolder(job, fence, (change) => {
        change.hset(`${KEYS}:runs`, job, JSON.stringify(run));
        if (!failed) change.hset(`${KEYS}:done`, job, String(Math.max(slot.at, Number(before ?? 0))));
      });
      if (!held) throw stale(job);
    },
    list: () =>
      inTurn(async () =>
        Object.values(await redis.hgetall(`${KEYS}:runs`)).map((text) => JSON.parse(text) as Run),
      ),
    close: async () => {
      await queue.catch(() => undefined);
      redis.disconnect();
    },
  };
};
