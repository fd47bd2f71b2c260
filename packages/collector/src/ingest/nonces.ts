import type { Clock } from '../clock.js';

/** Longer than any time stamp is valid, early or late. */
const KEPT_MS = 11 * 60_000;

export interface Nonces {
  /** False when the nonce is taken: in flight or used. */
  take(name: string): boolean;
  /** The request it came with is durable. */
  keep(name: string): void;
  /** The request was not stored: its repeat is honest. */
  giveBack(name: string): void;
}

/**
 * Nonces of signed requests in this process. What must outlive a crash or another process does not hang on it: the
 * buffer knows every (stream, seq), so a replay that meets an empty memory is answered `duplicate` and stores nothing.
 */
export const createNonces = (clock: Clock): Nonces => {
  let young = new Set<string>();
  let old = new Set<string>();
  let turnedAt = clock.now();
  const turn = (): void => {
    const now = clock.now();
    if (now - turnedAt < KEPT_MS) return;
    old = now - turnedAt < 2 * KEPT_MS ? young : new Set();
    young = new Set();
    turnedAt = now;
  };
  return {
    take: (name) => {
      turn();
      if (young.has(name) || old.has(name)) return false;
      young.add(name);
      return true;
    },
    keep: (name) => {
      young.add(name);
    },
    giveBack: (name) => {
      young.delete(name);
      old.delete(name);
    },
  };
};
