import type { Clock } from '../lib/clock.js';
import { tokens } from '../lib/tokens.js';

/** Lane two: a row each so often, or each so many events. */
const LANE_MS = 100;
const LANE_EVENTS = 50;
/** A row must fit into what a dying page may send. */
const ROW_BYTES = 8 * 1024;
/** Rows of lane one a second; more go to lane two. */
const URGENT_PER_SECOND = 20;

/** Writes a row. */
export type Write = (rank: number, at: number, events: readonly string[]) => void;

export interface Lane {
  /** @param urgent must not be lost even if the page dies in this task */
  add(rank: number, at: number, json: string, urgent: boolean): void;
  /** Writes what waits, a row for each rank. */
  commit(): void;
  /** Events that wait. */
  pending(): number;
}

/** A row of its own costs a millisecond at a CPU four times slower, so what may wait a moment shares one. */
export const createLane = (clock: Clock, write: Write): Lane => {
  const urgentLeft = tokens(clock, URGENT_PER_SECOND, URGENT_PER_SECOND);
  let waiting: { rank: number; at: number; json: string }[] = [];
  let bytes = 0;
  let timer: (() => void) | undefined;

  const commit = (): void => {
    timer?.();
    timer = undefined;
    const events = waiting;
    waiting = [];
    bytes = 0;
    for (const rank of [0, 1, 2]) {
      const own = events.filter((event) => event.rank === rank);
      if (own[0])
        write(
          rank,
          own[0].at,
          own.map(({ json }) => json),
        );
    }
  };

  return {
    add(rank, at, json, urgent) {
      waiting.push({ rank, at, json });
      bytes += json.length;
      // with what waited: a log without gaps leaves none when the page dies in this task
      if ((urgent && urgentLeft()) || waiting.length >= LANE_EVENTS || bytes >= ROW_BYTES) commit();
      else timer ??= clock.after(LANE_MS, commit);
    },
    commit,
    pending: () => waiting.length,
  };
};
