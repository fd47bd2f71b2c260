import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type {
  Buffer as MemberBuffer,
  EventRow,
  Fence,
  Lane,
  Sealed,
  SealedPart,
  Unit,
} from '../../../src/buffer/index.js';
import { eventUnit, sideUnit } from '../../../src/buffer/unit.js';

export const NOVEMBER = Date.UTC(2026, 10, 25, 12);
export const EVENTS: Lane = { table: 'events', month: '202611', doubt: false };

export const aStream = (): string => randomUUID();

export const aRow = (change: Partial<EventRow> = {}): EventRow => {
  const row = { siteId: 1, stream: aStream(), seq: 0, ts: NOVEMBER, kind: 'event' as const, ...change };
  return { json: JSON.stringify({ stream: row.stream, seq: row.seq }), ...row };
};

/** Rows `from … from + count − 1` of a stream. */
export const rowsOf = (stream: string, count: number, from = 0, change: Partial<EventRow> = {}): EventRow[] =>
  Array.from({ length: count }, (_, index) => aRow({ stream, seq: from + index, ...change }));

export const aUnit = (rows: readonly EventRow[], lane: Lane = EVENTS): Unit => eventUnit(lane, rows);

export const aSideUnit = (lines: readonly string[]): Unit =>
  sideUnit({ table: 'monitor', month: '', doubt: false }, lines);

export const LIMITS = { rows: 50_000, bytes: 8_000_000 };

export const fenceOf = async (buffer: MemberBuffer, owner = 'test'): Promise<Fence> => {
  const fence = await buffer.acquire(0, owner, 15_000);
  if (!fence) throw new Error(`${owner} did not get the lease`);
  return fence;
};

export const readMembers = async (
  buffer: MemberBuffer,
  sealed: Sealed,
  part: SealedPart,
): Promise<Buffer[]> => {
  const members = [];
  for await (const member of buffer.read(sealed, part)) members.push(Buffer.from(member));
  return members;
};

/** `stream/seq` of every row of a part. */
export const readRows = async (buffer: MemberBuffer, sealed: Sealed, part: SealedPart): Promise<string[]> =>
  (await readMembers(buffer, sealed, part)).flatMap((member) =>
    gunzipSync(member)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { stream, seq } = JSON.parse(line) as EventRow;
        return `${stream}/${seq}`;
      }),
  );

/** Seals and commits until nothing waits. @returns every row that left, in order */
export const drain = async (buffer: MemberBuffer, fence: Fence, limits = LIMITS): Promise<string[]> => {
  const rows: string[] = [];
  for (;;) {
    const sealed = await buffer.seal(limits, fence);
    if (!sealed) return rows;
    for (const part of sealed.parts) rows.push(...(await readRows(buffer, sealed, part)));
    await buffer.commit(sealed, fence);
  }
};
