import { randomBytes } from 'node:crypto';
import { MOST_TOLD, type Limiter, type Taken } from './limiter.js';

/** How processes that share their limits reach each other. */
export interface Exchange {
  /** To all others; lost when they cannot be reached now. Never throws, never waits. */
  send(message: string): void;
  /** May hear what was sent here, too. */
  onMessage(listener: (message: string) => void): void;
  close(): void;
}

const EVERY_MS = 1000;
const MOST_CHARACTERS = 64 * MOST_TOLD;
/** Nobody takes more in one exchange; what says more is no message of ours. */
const MOST_REQUESTS = 1e6;

const isTaken = (value: unknown): value is Taken =>
  Array.isArray(value) &&
  value.length === 2 &&
  typeof value[0] === 'string' &&
  value[0].length <= 16 &&
  Number.isInteger(value[1]) &&
  value[1] > 0 &&
  value[1] <= MOST_REQUESTS;

/** What another process said, or null: whoever reaches the Redis can write into it. */
const parse = (text: string): { from: unknown; taken: Taken[] } | null => {
  if (text.length > MOST_CHARACTERS) return null;
  try {
    const { from, taken } = JSON.parse(text) as { from: unknown; taken: unknown };
    if (!Array.isArray(taken) || taken.length > MOST_TOLD || !taken.every(isTaken)) return null;
    return { from, taken };
  } catch {
    return null;
  }
};

/**
 * Once a second one message with what passed here, if there is anything worth telling; what others say counts at once. So
 * processes allow together one rate and at most what all of them took within a second more, which is paid back.
 * @returns ends it; the exchange stays open
 */
export const shareLimits = (limiter: Limiter, exchange: Exchange, everyMs = EVERY_MS): (() => void) => {
  const self = randomBytes(6).toString('base64url');
  let stopped = false;
  exchange.onMessage((text) => {
    const message = stopped ? null : parse(text);
    if (message && message.from !== self) limiter.hear(message.taken);
  });
  const timer = setInterval(() => {
    const taken = limiter.tell();
    if (taken.length > 0) exchange.send(JSON.stringify({ from: self, taken }));
  }, everyMs).unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
};
