import type { LaneTable } from './buffer.js';

/** A finished row of `events` on its way into the buffer. */
export interface EventRow {
  siteId: number;
  /** UUID, lower case. */
  stream: string;
  seq: number;
  /** Corrected event time, epoch ms: decides the month partition. */
  ts: number;
  /** The row as one line of JSON without the newline: columns of `EVENT_COLUMNS` that are not at their default. */
  json: string;
  /** `event`: counted by the ledger; `own`: the collector's note about a stream. */
  kind: 'event' | 'own';
}

export type RowVerdict = 'stored' | 'duplicate';

/** What ingest sees of the buffer: rows in, verdicts out, durable in between. */
export interface RowWriter {
  /** One verdict per row, in order. @throws {BufferUnavailable} nothing may be acknowledged */
  write(rows: readonly EventRow[]): Promise<RowVerdict[]>;
  /** Rows (JSON lines) of a side lane, at least once. @throws {BufferUnavailable} */
  writeSide(table: Exclude<LaneTable, 'events'>, rows: readonly string[]): Promise<void>;
  /** Share of the buffer in use, 0…1, at most a second old: decides who is shed. */
  fill(): number;
  /** Resolves when nothing is in flight. */
  drain(): Promise<void>;
}
