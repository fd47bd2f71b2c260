import type { Clock } from '../clock.js';

/** More events than this in a minute is no person: 20 a second. */
const PER_MINUTE = 1200;
const MINUTE_MS = 60_000;

/** Tells whether a visitor has been faster than a person for a minute. */
export interface BotRate {
  isFast(visitor: string, events: number): boolean;
}

/** Counts events of each visitor in fixed minutes; a visitor over the limit stays marked until a quiet minute. */
export const createBotRate = (clock: Clock): BotRate => {
  let minute = 0;
  let now = new Map<string, number>();
  let before = new Map<string, number>();
  return {
    isFast: (visitor, events) => {
      if (visitor === '0') return false;
      const current = Math.floor(clock.now() / MINUTE_MS);
      if (current !== minute) {
        before = current === minute + 1 ? now : new Map();
        now = new Map();
        minute = current;
      }
      const count = (now.get(visitor) ?? 0) + events;
      now.set(visitor, count);
      return count > PER_MINUTE || (before.get(visitor) ?? 0) > PER_MINUTE;
    },
  };
};
