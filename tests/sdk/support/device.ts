import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 32 * 1024;
/** Of a record: checksum, length, kind. */
const HEADER_BYTES = 7;

/** Whether a piece is a record's first, and whether it is its last. */
const PIECES: Readonly<Record<number, { first: boolean; last: boolean }>> = {
  1: { first: true, last: true },
  2: { first: true, last: false },
  3: { first: false, last: false },
  4: { first: false, last: true },
};

/**
 * The records of a LevelDB log, each what one transaction has put. Where a block of the file ends a record is cut into
 * pieces. One that is not whole, because its writer died meanwhile, is none: the browser will not read it either.
 * Source: https://github.com/google/leveldb/blob/main/doc/log_format.md
 */
const recordsOf = (file: Buffer): Buffer[] => {
  const records: Buffer[] = [];
  let pieces: Buffer[] = [];
  for (let block = 0; block < file.length; block += BLOCK_BYTES) {
    const end = Math.min(block + BLOCK_BYTES, file.length);
    for (let at = block; at + HEADER_BYTES <= end;) {
      const length = file.readUInt16LE(at + 4);
      const piece = PIECES[file[at + 6]!];
      const from = at + HEADER_BYTES;
      at = from + length;
      // the end of a block is filled with zeros, the end of the file may be torn
      if (!piece || at > end) break;
      if (piece.first) pieces = [];
      pieces.push(file.subarray(from, at));
      if (piece.last) records.push(Buffer.concat(pieces));
    }
  }
  return records;
};

/**
 * A transaction of Chromium's IndexedDB is at least three records: what it puts, what it would take to undo that, and the
 * last, which says that it is complete. Without the last one it is undone when the browser starts again.
 */
const BEHIND = 2;

/**
 * Events of a run that the browser's process has written into the IndexedDB of an origin, as its files tell. They are
 * in the hands of the operating system and outlive a browser that is killed; what a page has put and that process has
 * not written yet is nowhere but in the processes that die.
 */
export const writtenEvents = (profile: string, origin: string, run: string): number => {
  const { protocol, hostname, port } = new URL(origin);
  const folder = join(
    profile,
    'Default/IndexedDB',
    `${protocol.slice(0, -1)}_${hostname}_${port}.indexeddb.leveldb`,
  );
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const told = logs
    .flatMap((name) => recordsOf(readFileSync(join(folder, name))).slice(0, -BEHIND))
    .map((record) => record.toString('latin1'))
    .join('\n');
  return new Set(told.match(new RegExp(`"run":"${run}","tab":\\d+,"i":\\d+`, 'g'))).size;
};
