import { BufferUnavailable, ClickHouseError, StaleFence } from '../errors.js';

/**
 * What an error of ClickHouse asks for.
 * - `poison`: one row is to blame; `row` is its 0-based place in what was sent, null when the message names none
 * - `later`: outcome unknown, or busy: try again for as long as it takes
 * - `stop`: configuration or schema or a full disk: page, no storm
 */
export type Failure =
  | { kind: 'poison'; code: number; row: number | null; message: string }
  | { kind: 'later'; code: number; relief: Relief; message: string }
  | { kind: 'stop'; code: number; message: string };

/** What would help beside waiting: fewer rows in one INSERT (241), fewer INSERTs (252). */
export type Relief = 'none' | 'smaller' | 'slower';

const POISON = new Set([6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 190, 349, 376, 407, 691]);
/**
 * Never the row's fault, even where the message tells how far the reading had come: time, memory, a query that was
 * ended, keepers, replicas, disks.
 */
const LATER = new Set([
  159, 160, 202, 203, 209, 210, 216, 236, 241, 242, 252, 285, 286, 319, 394, 425, 439, 745, 999,
]);
/** 243 is here, not under `later`: no number of attempts frees a disk. 164 is a read-only profile or replica. */
const STOP = new Set([16, 20, 36, 47, 60, 62, 81, 115, 164, 192, 243, 497, 516]);
const TOO_MUCH_MEMORY = 241;
const TOO_MANY_PARTS = 252;

const rowOf = (message: string): number | null => {
  const match = /\(at row (\d+)\)/.exec(message);
  return match ? Number(match[1]) - 1 : null;
};

/**
 * A code that stands in no list is poison where the message names the row (25, a lone surrogate, was found to hold up
 * everything behind it for ever), else `later`: a row may wait too long, it may not be dropped by a guess.
 * @throws the error itself when it is not about ClickHouse: stale fence, buffer, a defect of ours
 */
export const classify = (error: unknown): Failure => {
  if (error instanceof StaleFence || error instanceof BufferUnavailable) throw error;
  if (error instanceof ClickHouseError) {
    const { number: code, message } = error;
    const row = rowOf(message);
    if (STOP.has(code)) return { kind: 'stop', code, message };
    if (POISON.has(code) || (row !== null && !LATER.has(code))) return { kind: 'poison', code, row, message };
    const relief = code === TOO_MUCH_MEMORY ? 'smaller' : code === TOO_MANY_PARTS ? 'slower' : 'none';
    return { kind: 'later', code, relief, message };
  }
  if ((error as { code?: unknown })?.code === 'CLICKHOUSE_UNREACHABLE') {
    return { kind: 'later', code: 0, relief: 'none', message: (error as Error).message };
  }
  throw error;
};

/** Configuration, schema or a full disk: nothing is lost, and nothing is tried again for a while. */
export class FlushStopped extends Error {
  readonly failure: Extract<Failure, { kind: 'stop' }>;
  constructor(failure: Extract<Failure, { kind: 'stop' }>) {
    super(failure.message);
    this.name = 'FlushStopped';
    this.failure = failure;
  }
}

/** The process stops; the manifest stays open for whoever comes next. */
export class FlushAborted extends Error {
  constructor() {
    super('stopped before the part was stored');
    this.name = 'FlushAborted';
  }
}
