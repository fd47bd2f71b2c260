import type { Outbox } from './outbox.js';
import { keysOf, lose } from './shared.js';
import { total, type RowKey } from './row.js';

const DAY_MS = 86_400_000;

export interface QueueLimits {
  events: number;
  bytes: number;
  ageMs: number;
}
/** In memory: one page. */
const MEMORY: QueueLimits = { events: 1000, bytes: 512_000, ageMs: DAY_MS };
/** On the device: all pages of the site. */
const LOG: QueueLimits = { events: 5000, bytes: 5_000_000, ageMs: 7 * DAY_MS };

/**
 * Keeps the queue within its limits: the expired go first, then rank 2, 1, 0, the oldest first. Called after a failed
 * attempt, never on the path of an event.
 */
export const keepLimits = async (outbox: Outbox, now: number): Promise<void> => {
  const { events, bytes, ageMs } = outbox.isDurable() ? LOG : MEMORY;
  const expired: RowKey[] = [];
  const left: RowKey[] = [];
  for (const key of await keysOf(outbox)) (key[1] < now - ageMs ? expired : left).push(key);
  left.sort((p, q) => q[0] - p[0] || p[1] - q[1]);
  let count = total(left, 3);
  let size = total(left, 4);
  let over = 0;
  for (; count > events || size > bytes; over++) {
    count -= left[over]![3];
    size -= left[over]![4];
  }
  if (expired[0]) await lose(outbox, expired, 'expired');
  if (over) await lose(outbox, left.slice(0, over), 'evicted');
};
