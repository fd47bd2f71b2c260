import type { Entry } from './manifest.js';

/** A member as it lies in the queue: everything `seal` asks for without reading the rows. */
export interface StoredMember extends Omit<Entry, 'id'> {
  /** Epoch ms of its append. */
  at: number;
  member: Uint8Array;
}

/** Two bytes of length, the facts as JSON, the member as it came. */
export const encodeEntry = ({ at, lane, rows, sites, days, member }: StoredMember): Buffer => {
  const facts = Buffer.from(JSON.stringify([at, lane, rows, sites, days]));
  const entry = Buffer.allocUnsafe(2 + facts.length + member.length);
  entry.writeUInt16LE(facts.length, 0);
  facts.copy(entry, 2);
  entry.set(member, 2 + facts.length);
  return entry;
};

export const decodeEntry = (entry: Buffer): StoredMember => {
  const start = 2 + entry.readUInt16LE(0);
  const [at, lane, rows, sites, days] = JSON.parse(entry.toString('utf8', 2, start)) as [
    number,
    string,
    number,
    Record<string, number>,
    number,
  ];
  return { at, lane, rows, sites, days, member: entry.subarray(start) };
};

const PAGE_BYTES = 4096;

/** Bytes an entry takes in LMDB: from half a page on it lies in whole pages of its own (16 bytes of header). */
export const footprint = (sizeBytes: number): number =>
  sizeBytes > PAGE_BYTES / 2 - 40 ? Math.ceil((sizeBytes + 16) / PAGE_BYTES) * PAGE_BYTES : sizeBytes + 16;
