import { createHash } from 'node:crypto';
import type { LaneTable } from '../buffer/buffer.js';

/** Rows of one batch, as they were stored: the gzip members without what was cut out of them. */
export interface ReplayPart {
  batch: string;
  table: LaneTable | 'dead_letters';
  /** Month partition `YYYYMM` and its days; empty and 0 where the table is not `events`. */
  month: string;
  days: number;
  rows: number;
  members: readonly Uint8Array[];
}

interface Head {
  format: 1;
  sha256: string;
  parts: (Omit<ReplayPart, 'members'> & { bytes: number })[];
}

const NEWLINE = 10;

/** One line of JSON, then the members of all parts one after the other. Pure. */
export const encodeReplayFile = (parts: readonly ReplayPart[]): Buffer => {
  const bodies = parts.map(({ members }) => Buffer.concat(members));
  const body = Buffer.concat(bodies);
  const head: Head = {
    format: 1,
    sha256: createHash('sha256').update(body).digest('hex'),
    parts: parts.map(({ members: _members, ...facts }, index) => ({
      ...facts,
      bytes: bodies[index]!.length,
    })),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
};

/** @returns null when the bytes are not those that were written. Pure. */
export const decodeReplayFile = (bytes: Buffer): ReplayPart[] | null => {
  const end = bytes.indexOf(NEWLINE);
  if (end === -1) return null;
  let head: Head;
  try {
    head = JSON.parse(bytes.toString('utf8', 0, end)) as Head;
  } catch {
    return null;
  }
  const body = bytes.subarray(end + 1);
  if (head.format !== 1 || createHash('sha256').update(body).digest('hex') !== head.sha256) return null;
  let at = 0;
  return head.parts.map(({ bytes: length, ...facts }) => {
    const members = [body.subarray(at, at + length)];
    at += length;
    return { ...facts, members };
  });
};
