import { BufferUnavailable } from '../errors.js';
import type { Buffer as MemberBuffer } from './buffer.js';
import type { DiskBuffer } from './disk.js';
import type { RedisBuffer } from './redis.js';
import { DRAINED, type Switch } from './switch.js';

export interface SpoolDrainOptions {
  spool: DiskBuffer;
  redis: RedisBuffer;
  intake: Pick<Switch, 'state' | 'tell'>;
  /** Silence of Redis after which the spool may be flushed: no INSERT from before outlives it. @default 60 s */
  quietMs?: number;
}

/**
 * The spool as the flusher sees it: nothing to seal while rows of it may be on their way to ClickHouse from Redis.
 * An open range goes on always; everybody else waits for it.
 */
export const spoolForFlush = ({
  spool,
  redis,
  intake,
  quietMs = 60_000,
}: SpoolDrainOptions): MemberBuffer => {
  const mayDrain = async (): Promise<boolean> => {
    if (spool.isSealed()) return true;
    if ((await spool.depth()).members === 0) return false;
    if (intake.state() === 'spool') {
      if (redis.silentMs() < quietMs) return false;
      if (!spool.hasRemark(DRAINED)) await spool.remark(DRAINED, true);
      return true;
    }
    try {
      return await redis.hosts.turn(spool.id);
    } catch (error) {
      if (error instanceof BufferUnavailable) return false;
      throw error;
    }
  };
  return {
    ...spool,
    seal: async (limits, fence) => ((await mayDrain()) ? spool.seal(limits, fence) : null),
    commit: async (sealed, fence) => {
      await spool.commit(sealed, fence);
      // what waits in Redis, here and elsewhere, waits for the last of these
      if ((await spool.depth()).members === 0) await intake.tell();
    },
  };
};

/** A broken spool stores nothing any more, so it is no reason to stop the flush of Redis. */
const isSealed = (spool: DiskBuffer): boolean => {
  try {
    return spool.isSealed();
  } catch (error) {
    if (error instanceof BufferUnavailable) return false;
    throw error;
  }
};

/**
 * Redis as this host's flusher sees it: while the host spools, everything is in doubt; and a range of the spool that
 * was opened while Redis was away comes first, because the check of one would not see the INSERT of the other.
 */
export const redisForFlush = (
  redis: RedisBuffer,
  spool: DiskBuffer,
  intake: Pick<Switch, 'state'>,
): MemberBuffer => ({
  ...redis,
  seal: async (limits, fence) =>
    intake.state() === 'spool' && isSealed(spool) ? null : redis.seal(limits, fence),
});
