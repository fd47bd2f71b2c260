import type { Buffer, Fence } from '../buffer/buffer.js';
import { StaleFence } from '../errors.js';
import type { Log } from '../log.js';

/** The right to flush one shard, kept until `release` or until somebody else has it. */
export interface Lease {
  readonly fence: Fence;
  /**
   * Called right before everything that cannot be taken back: a process that slept past its lease stops here.
   * @throws {StaleFence}
   */
  assertHeld(): void;
  release(): Promise<void>;
}

export interface LeaseOptions {
  buffer: Buffer;
  shard: number;
  owner: string;
  ttlMs: number;
  log: Log;
}

/** Renewed three times in its life, by a timer, so that a slow INSERT does not end it. @returns null while another has it */
export const takeLease = async ({
  buffer,
  shard,
  owner,
  ttlMs,
  log,
}: LeaseOptions): Promise<Lease | null> => {
  let asked = performance.now();
  const fence = await buffer.acquire(shard, owner, ttlMs);
  if (!fence) return null;
  let heldUntil = asked + ttlMs;
  let lost = false;
  const renew = async (): Promise<void> => {
    asked = performance.now();
    const until = asked + ttlMs;
    try {
      if (await buffer.renew(fence, ttlMs)) heldUntil = Math.max(heldUntil, until);
      else lost = true;
    } catch (error) {
      // the next renewal may succeed; without one the lease runs out here as it does there
      log.warn('flush.renew_failed', { shard, error: (error as Error).message });
    }
  };
  const timer = setInterval(() => void renew(), ttlMs / 3);
  timer.unref();
  return {
    fence,
    assertHeld: () => {
      if (lost || performance.now() > heldUntil) throw new StaleFence(`the lease of shard ${shard} is over`);
    },
    release: async () => {
      clearInterval(timer);
      if (lost) return;
      lost = true;
      await buffer.release(fence).catch((error: unknown) => {
        log.warn('flush.release_failed', { shard, error: (error as Error).message });
      });
    },
  };
};
