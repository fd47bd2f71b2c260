import type { Clock } from '../lib/clock.js';

/**
 * Runs `work` while no other tab of the site drains. Saves bytes; decides nothing: what two tabs send twice is stored
 * once.
 * @returns whether it ran
 */
export type Lock = (work: () => Promise<void>) => Promise<boolean>;

export const webLock =
  (locks: LockManager, name: string): Lock =>
  async (work) => {
    let got = false;
    await locks.request(name, { ifAvailable: true }, async (lock) => {
      got = lock !== null;
      if (got) await work();
    });
    return got;
  };

const LEASE_MS = 30_000;

/** `update` reads and writes one value in one transaction. */
export type Update = <T>(key: string, change: (old: T | undefined) => T) => Promise<void>;

/** For browsers without Web Locks: a lease `{owner, until}` that runs out by itself. */
export const leaseLock =
  (update: Update, name: string, owner: string, clock: Clock): Lock =>
  async (work) => {
    let got = false;
    const take = (until: number) => (old: { owner: string; until: number } | undefined) => {
      got = !old || old.owner === owner || old.until < clock.now();
      return got ? { owner, until } : old!;
    };
    await update(name, take(clock.now() + LEASE_MS));
    if (!got) return false;
    await work().finally(() => update(name, take(0)));
    return true;
  };

/** Memory of one page: nobody to wait for. */
export const noLock: Lock = async (work) => {
  await work();
  return true;
};
