import { gunzipSync, gzipSync } from 'node:zlib';
import type { RowIdentity } from '../buffer/buffer.js';

const NEWLINE = 10;

/** What the flush needs to know of a row, or null where the line is no JSON object. */
export interface RowHead extends RowIdentity {
  site: number;
  visitor: string;
  type: string;
}

/** Lines of one gzip member, without their newlines; views into one inflated buffer. */
export const memberLines = (member: Uint8Array): Uint8Array[] => {
  const text = gunzipSync(member);
  const lines: Uint8Array[] = [];
  for (let start = 0; start < text.length;) {
    const end = text.indexOf(NEWLINE, start);
    const stop = end === -1 ? text.length : end;
    // ClickHouse skips empty lines too, so they are no rows
    if (stop > start) lines.push(text.subarray(start, stop));
    start = stop + 1;
  }
  return lines;
};

export const joinLines = (lines: readonly Uint8Array[]): Buffer => {
  const joined = Buffer.allocUnsafe(lines.reduce((bytes, line) => bytes + line.length + 1, 0));
  let at = 0;
  for (const line of lines) {
    joined.set(line, at);
    at += line.length;
    joined[at++] = NEWLINE;
  }
  return joined;
};

/**
 * Leaves out the rows of `cut` (0-based over the joined members, ascending). A member without one of them is passed on
 * byte for byte; one that loses all its rows disappears.
 */
export const withoutRows = (members: readonly Uint8Array[], cut: readonly number[]): Uint8Array[] => {
  if (cut.length === 0) return [...members];
  const left = new Set(cut);
  let first = 0;
  return members.flatMap((member) => {
    const lines = memberLines(member);
    const kept = lines.filter((_line, index) => !left.has(first + index));
    first += lines.length;
    if (kept.length === lines.length) return [member];
    return kept.length === 0 ? [] : [gzipSync(joinLines(kept), { level: 1 })];
  });
};

/** Pure: never throws, because the rows it reads are the ones something is wrong with. */
export const rowHead = (line: Uint8Array): RowHead | null => {
  try {
    const row = JSON.parse(Buffer.from(line).toString('utf8')) as Record<string, unknown>;
    const site = Number(row['site_id']);
    const seq = Number(row['seq']);
    return {
      site: Number.isInteger(site) && site >= 0 && site <= 65_535 ? site : 0,
      stream: typeof row['stream'] === 'string' ? row['stream'] : '',
      seq: Number.isInteger(seq) && seq >= 0 && seq <= 0xffff_ffff ? seq : 0,
      visitor: visitorOf(line),
      type: typeof row['type'] === 'string' ? row['type'] : '',
    };
  } catch {
    return null;
  }
};

/** As text: a 64-bit number would lose its last digits in `JSON.parse`. */
const visitorOf = (line: Uint8Array): string =>
  /"visitor":\s*"?(\d{1,20})"?/.exec(Buffer.from(line).toString('latin1'))?.[1] ?? '0';
