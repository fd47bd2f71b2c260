import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 32 * 1024;
/** Of a record: checksum, length, kind. */
const HEADER_BYTES = 7;

/**
 * The content of a LevelDB log. Records are cut where a block of the file ends, so a text may have a header in its midst.
 * Source: https://github.com/google/leveldb/blob/main/doc/log_format.md
 */
const contentOf = (file: Buffer): Buffer => {
  const parts: Buffer[] = [];
  for (let block = 0; block < file.length; block += BLOCK_BYTES) {
    const end = Math.min(block + BLOCK_BYTES, file.length);
    for (let at = block; at + HEADER_BYTES <= end;) {
      const length = file.readUInt16LE(at + 4);
      parts.push(file.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length));
      at += HEADER_BYTES + length;
    }
  }
  return Buffer.concat(parts);
};

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
  const told = logs.map((name) => contentOf(readFileSync(join(folder, name))).toString('latin1')).join();
  return new Set(told.match(new RegExp(`"run":"${run}","tab":\\d+,"i":\\d+`, 'g'))).size;
};
