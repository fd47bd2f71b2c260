import type { Clock } from '../lib/clock.js';
import type { Outbox } from './outbox.js';

/**
 * Runs `work` while no other tab of the site drains. Saves bytes; decides nothing: what two tabs send twice is stored
 * once.
 * @returns whether it ran
 */
export type Lock = (work: () => Promise<void>) => Promise<boolean>;

const LEASE_MS = 30_000;

/**
 * Web Locks; in browsers without them a lease `{owner, until}` next to the log, which runs out by itself. Memory of one
 * page has nobody to wait for.
 */
export const lockOf =
  (
    { isDurable, update }: Pick<Outbox, 'isDurable' | 'update'>,
    locks: LockManager | undefined,
    name: string,
    owner: string,
    clock: Clock,
  ): Lock =>
  async (work) => {
    let got = true;
    if (!isDurable()) await work();
    else if (locks)
      await locks.request(name, { ifAvailable: true }, async (lock) => {
        got = lock !== null;
        if (got) await work();
      });
    else {
      const take = (until: number) => (old: { owner: string; until: number } | undefined) => {
        got = !old || old.owner === owner || old.until < clock.now();
        return got ? { owner, until } : old!;
      };
      await update('lease', take(clock.now() + LEASE_MS));
      if (got) await work().finally(() => update('lease', take(0)));
    }
    return got;
  };
