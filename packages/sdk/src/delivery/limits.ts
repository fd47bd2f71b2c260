import type { Reason } from '../types.js';
import type { Outbox } from './outbox.js';
import type { RowKey } from './row.js';

const DAY_MS = 86_400_000;

export interface QueueLimits {
  events: number;
  bytes: number;
  ageMs: number;
}
/** In memory: one page. */
export const MEMORY_LIMITS: QueueLimits = { events: 1000, bytes: 512_000, ageMs: DAY_MS };
/** On the device: all pages of the site. */
export const LOG_LIMITS: QueueLimits = { events: 5000, bytes: 5_000_000, ageMs: 7 * DAY_MS };

/**
 * What must go so that the rest is within the limits: expired first, then rank 2, 1, 0, the oldest first.
 * @param keys in the order of the log
 */
export const excess = (
  keys: readonly RowKey[],
  { events, bytes, ageMs }: QueueLimits,
  now: number,
): [Reason, RowKey[]][] => {
  const expired = keys.filter(([, at]) => at < now - ageMs);
  const left = keys.filter(([, at]) => at >= now - ageMs).sort((p, q) => q[0] - p[0] || p[1] - q[1]);
  let count = left.reduce((sum, key) => sum + key[3], 0);
  let size = left.reduce((sum, key) => sum + key[4], 0);
  const evicted: RowKey[] = [];
  for (const key of left) {
    if (count <= events && size <= bytes) break;
    count -= key[3];
    size -= key[4];
    evicted.push(key);
  }
  return [
    ['expired', expired],
    ['evicted', evicted],
  ];
};

/** Kept by the sender after a failed attempt, never on the path of an event. */
export const keepLimits = async (outbox: Outbox, now: number): Promise<void> => {
  const limits = outbox.durable() ? LOG_LIMITS : MEMORY_LIMITS;
  for (const [reason, keys] of excess(await outbox.keys(), limits, now))
    if (keys.length) await outbox.remove(keys, reason);
};
