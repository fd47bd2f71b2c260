import { total, type Row } from './row.js';

/** Most of one body, inflated. */
const EVENTS = 500;
const BYTES = 200 * 1024;

const sum = (rows: readonly Row[], part: 3 | 4): number =>
  total(
    rows.map(({ k }) => k),
    part,
  );
export const countOf = (rows: readonly Row[]): number => sum(rows, 3);
export const bytesOf = (rows: readonly Row[]): number => sum(rows, 4);

/** Rank 0 first, then the oldest: the order of the log. */
export const inOrder = (p: Row, q: Row): number => p.k[0] - q.k[0] || p.k[1] - q.k[1] || p.k[2] - q.k[2];

/** The first rows that may share a body: one stream, one session; one row at least. */
export const together = (rows: readonly Row[], events = EVENTS, bytes = BYTES): Row[] => {
  const picked: Row[] = [];
  for (const row of rows) {
    if (row.k[5] !== rows[0]!.k[5] || row.i !== rows[0]!.i) continue;
    picked.push(row);
    if (countOf(picked) > events || bytesOf(picked) > bytes) {
      if (picked.length > 1) picked.pop();
      break;
    }
  }
  return picked;
};
