import type { SealLimits } from '../buffer/buffer.js';
import type { Relief } from './failure.js';

/** A small site spends under a quarter of a core on inserts. */
const SHARE = 4;
const SLOWEST = 32;
const SMALLEST_ROWS = 1000;
/** What an INSERT without trouble gives back of the batch size. */
const GROWTH = 1.25;

/** How often and how much: shared by all shards, since they share one ClickHouse. */
export interface Pace {
  /** From one flush of a shard to its next, ms. */
  intervalMs(): number;
  limits(): SealLimits;
  relieve(relief: Relief): void;
  inserted(durationMs: number): void;
  readonly lastInsertMs: number;
}

export const createPace = (intervalMs: number, full: SealLimits): Pace => {
  let lastInsertMs = 0;
  let slow = 1;
  let rows = full.rows;
  return {
    intervalMs: () => Math.max(intervalMs, SHARE * lastInsertMs) * slow,
    limits: () => ({ rows: Math.round(rows), bytes: Math.round((full.bytes * rows) / full.rows) }),
    relieve: (relief) => {
      if (relief === 'slower') slow = Math.min(SLOWEST, slow * 2);
      if (relief === 'smaller') rows = Math.max(Math.min(SMALLEST_ROWS, full.rows), rows / 2);
    },
    inserted: (durationMs) => {
      lastInsertMs = durationMs;
      slow = Math.max(1, slow / 2);
      rows = Math.min(full.rows, rows * GROWTH);
    },
    get lastInsertMs() {
      return lastInsertMs;
    },
  };
};
