import type { Clock } from '../clock.js';

/** More events than this in a minute is no person: 20 a second. */
const PER_MINUTE = 1200;
const MINUTE_MS = 60_000;

/** Tells whether somebody has been faster than a person for a minute. */
export interface BotRate {
  /**
   * @param who a consented visitor, else a page instance: a daily hash is a whole network with equal browsers
   * @param events of a batch; their own clock counts, not their arrival: an outbox that was offline comes in one burst
   */
  isFast(who: string, events: readonly unknown[]): boolean;
}

/** Counts events by the minute in which they happened; what nobody added to for two minutes is forgotten. */
export const createBotRate = (clock: Clock): BotRate => {
  let turn = 0;
  let now = new Map<string, number>();
  let before = new Map<string, number>();

  const add = (key: string, events: number): boolean => {
    const count = (now.get(key) ?? before.get(key) ?? 0) + events;
    now.set(key, count);
    return count > PER_MINUTE;
  };

  return {
    isFast: (who, events) => {
      const current = Math.floor(clock.now() / MINUTE_MS);
      if (current !== turn) {
        before = current === turn + 1 ? now : new Map();
        now = new Map();
        turn = current;
      }
      let fast = false;
      let minute = Number.NaN;
      let count = 0;
      const end = (): void => {
        if (count > 0 && add(`${who}:${minute}`, count)) fast = true;
      };
      for (const event of events) {
        const at = (event as { at?: unknown } | null)?.at;
        const its = typeof at === 'number' ? Math.floor(at / MINUTE_MS) : minute;
        if (its !== minute) {
          end();
          minute = its;
          count = 0;
        }
        count += 1;
      }
      end();
      return fast;
    },
  };
};
