import { performance } from 'node:perf_hooks';
import { BadSettings, BufferUnavailable } from '../errors.js';
import type { Log } from '../log.js';
import type { Appended, Buffer as MemberBuffer, LedgerCounts, Unit } from './buffer.js';
import type { DiskBuffer } from './disk.js';
import type { SpoolState } from './redis-hosts.js';
import type { RedisBuffer } from './redis.js';

/** Where rows go in, and what is in there altogether. */
export type Intake = Pick<
  MemberBuffer,
  'kind' | 'shards' | 'append' | 'depth' | 'oldest' | 'ledger' | 'fill'
>;

export interface SwitchOptions {
  redis: RedisBuffer;
  spool: DiskBuffer;
  log: Log;
  /** Time between two attempts to return to Redis. @default 1000 */
  probeMs?: number;
  /** Time between two signs of life. @default 5000; others call 15 s of silence a spool */
  beatMs?: number;
}

export interface Switch extends Intake {
  /** `redis`: rows go there. `spool`: they go to the disk until `rejoin` succeeded. */
  state(): 'redis' | 'spool';
  /** Tries to (re)turn to Redis; false while it cannot be. @throws {BadSettings} when Redis would lose rows */
  rejoin(): Promise<boolean>;
  /** Tells the other collectors at once what the spool holds. */
  tell(): Promise<void>;
  /** Ends the timers and says goodbye. */
  close(): Promise<void>;
}

/** Set when the spool was flushed while Redis was away: what waits in Redis may be in ClickHouse already. */
export const DRAINED = 'drained';

/** Pages claimed in one call: about 1 ms of Redis. */
const PAGES = 500;
/** A Redis fuller than this would refuse again at once. */
const FULL = 0.95;
/**
 * From here on the disk takes over. Ingest puts everything off when the buffer is as full, so Redis would never be asked
 * again and never say that it is out of memory, while the disk lies empty.
 */
const BRIM = 0.99;
/** A unit changes its way at most so often. */
const TURNS = 3;

/** Spooled events are acknowledged without asking Redis, so the flush asks ClickHouse. */
const inDoubt = (unit: Unit): Unit =>
  unit.lane.table === 'events' ? { ...unit, lane: { ...unit.lane, doubt: true } } : unit;

/**
 * Redis while it answers, this host's disk while it does not. The way back is a handshake: claim in Redis the bits of
 * all that was spooled, mark what waits there as doubtful, then switch; nothing is acknowledged in between.
 */
export const createSwitch = (options: SwitchOptions): Switch => {
  const { redis, spool, log, probeMs = 1000, beatMs = 5000 } = options;
  let state: 'redis' | 'spool' = 'spool';
  /** Grows with every switch, so that a late failure does not open a breaker that was closed since. */
  let epoch = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let rejoining: Promise<boolean> | null = null;
  /** Appends wait for it during the last step of the way back. */
  let pause: Promise<unknown> | null = null;
  const spooling = new Set<Promise<unknown>>();

  const later = (ms: number, act: () => Promise<unknown>): void => {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => {
      act().catch((error: unknown) => {
        log.error('buffer.switch_failed', { error: String(error) });
      });
    }, ms);
    timer.unref();
  };

  const spoolState = async (): Promise<SpoolState> => {
    if (spool.isSealed()) return 'busy';
    return (await spool.depth()).members > 0 ? 'hold' : 'free';
  };

  const tell = async (): Promise<void> => {
    try {
      await redis.hosts.beat(spool.id, await spoolState());
    } catch (error) {
      log.warn('buffer.beat_failed', { error: (error as Error).message });
    }
  };

  const beat = async (): Promise<void> => {
    const own = epoch;
    await tell();
    if (own === epoch) later(beatMs, beat);
  };

  const probe = async (): Promise<void> => {
    const own = epoch;
    try {
      await rejoin();
    } catch (error) {
      log.error('buffer.redis_unfit', { error: (error as Error).message });
    }
    if (own === epoch) later(probeMs, probe);
  };

  const open = (error: BufferUnavailable): void => {
    state = 'spool';
    epoch += 1;
    log.warn('buffer.spool_opened', { outcome: error.outcome, error: error.message });
    later(probeMs, probe);
  };

  const claimAll = async (): Promise<number> => {
    let claimed = 0;
    for (;;) {
      const pages = await spool.unclaimed(PAGES);
      await redis.hosts.claim(pages);
      if (pages.length > 0) {
        // else a replica that is promoted now would take a repeat of what was spooled for new
        await redis.copied();
        await spool.claimed(pages);
      }
      claimed += pages.length;
      if (pages.length < PAGES) return claimed;
    }
  };

  const finish = async (): Promise<number> => {
    await Promise.all(spooling);
    const claimed = await claimAll();
    const drained = spool.hasRemark(DRAINED);
    const spooled = await spoolState();
    await redis.hosts.join(spool.id, spooled, drained || spooled !== 'free' || claimed > 0);
    await redis.copied();
    if (drained) await spool.remark(DRAINED, false);
    state = 'redis';
    epoch += 1;
    return claimed;
  };

  const tryRejoin = async (): Promise<boolean> => {
    const started = performance.now();
    try {
      await redis.prepare();
      if ((await redis.fill()) >= FULL) return false;
      // most of the claims while the intake goes on, the rest while it waits
      const early = await claimAll();
      const last = finish().finally(() => {
        pause = null;
      });
      pause = last.catch(() => {});
      const claimedPages = early + (await last);
      log.info('buffer.joined_redis', {
        claimedPages,
        spooled: (await spool.depth()).rows,
        ms: Math.round(performance.now() - started),
      });
      later(beatMs, beat);
      return true;
    } catch (error) {
      if (error instanceof BadSettings) throw error;
      if (error instanceof BufferUnavailable) return false;
      throw error;
    }
  };

  const rejoin = (): Promise<boolean> => {
    if (state === 'redis') return Promise.resolve(true);
    rejoining ??= tryRejoin().finally(() => {
      rejoining = null;
    });
    return rejoining;
  };

  const toSpool = async (unit: Unit): Promise<Appended> => {
    const append = spool.append(0, inDoubt(unit));
    // only awaited for its end
    const ended = append.catch(() => {});
    spooling.add(ended);
    void ended.then(() => spooling.delete(ended));
    return append;
  };

  const append = async (shard: number, unit: Unit): Promise<Appended> => {
    for (let turn = 1; ; turn += 1) {
      while (pause) await pause;
      if (state === 'spool') return toSpool(unit);
      const own = epoch;
      try {
        return await redis.append(shard, unit);
      } catch (error) {
        if (!(error instanceof BufferUnavailable) || turn === 2 * TURNS) throw error;
        // Others may have left and returned while this call waited. One that fails again and again opens the breaker
        // whatever they did: a Redis at the edge of its time limit let requests go round until they were refused.
        if (own === epoch || (turn >= TURNS && state === 'redis')) open(error);
      }
    }
  };

  /** What Redis says, or what the disk alone knows while Redis is away. */
  const known = async <T>(ask: () => Promise<T>, unknown: T): Promise<T> => {
    if (state === 'spool' && redis.silentMs() > probeMs * 2) return unknown;
    try {
      return await ask();
    } catch (error) {
      if (error instanceof BufferUnavailable) return unknown;
      throw error;
    }
  };

  return {
    kind: 'redis',
    shards: redis.shards,
    append,
    depth: async () => {
      const [there, here] = await Promise.all([
        known(redis.depth, { members: 0, rows: 0, bytes: 0 }),
        spool.depth(),
      ]);
      return {
        members: there.members + here.members,
        rows: there.rows + here.rows,
        bytes: there.bytes + here.bytes,
      };
    },
    oldest: async () => {
      const times = await Promise.all([known(redis.oldest, null), spool.oldest()]);
      const waiting = times.filter((time) => time !== null);
      return waiting.length > 0 ? Math.min(...waiting) : null;
    },
    ledger: async () => {
      const sum = new Map<number, LedgerCounts>();
      for (const counts of [await redis.ledger(), await spool.ledger()]) {
        for (const [site, { accepted, committed, known: twice }] of counts) {
          const of = sum.get(site) ?? { accepted: 0, committed: 0, known: 0 };
          sum.set(site, {
            accepted: of.accepted + accepted,
            committed: of.committed + committed,
            known: of.known + twice,
          });
        }
      }
      return sum;
    },
    fill: async () => {
      const own = epoch;
      const share = state === 'redis' ? await known(redis.fill, null) : null;
      if (share !== null && share >= BRIM && state === 'redis' && own === epoch)
        open(new BufferUnavailable(`Redis is ${Math.floor(share * 100)} % full`, 'refused'));
      // a Redis that is gone without anybody having noticed is no reason to shed: the next append goes to the disk
      return share !== null && share < BRIM ? share : spool.fill();
    },
    state: () => state,
    tell: async () => {
      if (state === 'redis') await tell();
    },
    rejoin: async () => {
      const joined = await rejoin();
      if (!joined) later(probeMs, probe);
      return joined;
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      if (state !== 'redis') return;
      const empty = (await spool.depth()).members === 0;
      await redis.hosts.leave(spool.id, empty).catch((error: unknown) => {
        log.warn('buffer.leave_failed', { error: String(error) });
      });
    },
  };
};
