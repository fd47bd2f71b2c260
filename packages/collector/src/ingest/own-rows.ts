import { DROP_REASONS, RESERVED_SEQ, type Batch, type DropReason } from '@lintel/protocol';

/** A note of the collector about a stream, in the reserved numbers of that stream: a repeat is a duplicate. */
export interface OwnRow {
  stream: string;
  seq: number;
  type: 'stream_end' | 'stream_dropped';
  name: string;
  value: number;
}

/** Numbers a reason has for its totals; the roll-up keeps the maximum. */
const TOTALS = 4096;

/** `ended` and `dropped` of a batch as rows. Reasons we do not know come from a newer SDK and are left out. */
export const ownRows = (batch: Batch): OwnRow[] => {
  const rows: OwnRow[] = [];
  for (const { stream, count } of batch.ended ?? []) {
    rows.push({
      stream: stream.toLowerCase(),
      seq: RESERVED_SEQ.end,
      type: 'stream_end',
      name: '',
      value: count,
    });
  }
  for (const [reason, total] of Object.entries(batch.dropped ?? {})) {
    const index = DROP_REASONS.indexOf(reason as DropReason);
    if (index < 0 || total === 0) continue;
    rows.push({
      stream: batch.stream.toLowerCase(),
      seq: RESERVED_SEQ.dropped + TOTALS * index + Math.min(total, TOTALS - 1),
      type: 'stream_dropped',
      name: reason,
      value: total,
    });
  }
  return rows;
};
