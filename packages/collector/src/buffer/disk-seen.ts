import type { Database } from 'lmdb';
import type { Clock } from '../clock.js';
import { hasBit, runsByPage, setBits, type Claim } from './identities.js';

const DAY_MS = 86_400_000;
/** Two bytes: days since 1970 of the last claim. */
const HEAD = 2;
/** A key, a short bitmap and LMDB's node in a B-tree two thirds full. */
const ENTRY_BYTES = 64;

/** Duplicate bits in LMDB. Calls that write run inside a transaction. */
export interface Seen {
  /** Positions whose bit is set, and repeats inside the unit; ascending. */
  taken(claim: Claim): number[];
  claim(claim: Claim): void;
  /** Estimate. */
  sizeBytes(): number;
}

/** A bitmap with the runs of a page set in it, long enough for the highest. */
export const bitmapWith = (old: Buffer | undefined, runs: { offset: number; width: number }[]): Buffer => {
  const highest = Math.max(...runs.map(({ offset, width }) => offset + width - 1));
  const bitmap = Buffer.alloc(Math.max(old?.length ?? 0, (highest >> 3) + 1));
  old?.copy(bitmap);
  for (const run of runs) setBits(bitmap, run);
  return bitmap;
};

export const createSeen = (bits: Database<Buffer, Buffer>, clock: Clock, ttlMs: number): Seen => {
  let broom: Buffer | null = null;

  const today = (): number => Math.floor(clock.now() / DAY_MS);

  /** LMDB knows no expiry: every claim looks at more old pages than it adds, so the sweep goes round. */
  const sweep = (pages: number): void => {
    const oldest = today() - Math.ceil(ttlMs / DAY_MS);
    const seen = [...bits.getRange({ ...(broom ? { start: broom } : {}), limit: pages })];
    for (const { key, value } of seen) if (value.readUInt16LE(0) < oldest) void bits.remove(key);
    broom = seen.length < pages ? null : Buffer.from(seen.at(-1)!.key);
  };

  return {
    taken: ({ pages, runs, repeats }) => {
      const stored = pages.map((key) => bits.get(key)?.subarray(HEAD));
      const at = [...repeats];
      for (const { page, offset, positions } of runs) {
        const bitmap = stored[page];
        if (!bitmap) continue;
        positions.forEach((position, index) => {
          if (hasBit(bitmap, offset + index)) at.push(position);
        });
      }
      return at.sort((a, b) => a - b);
    },
    claim: (claim) => {
      const day = Buffer.alloc(HEAD);
      day.writeUInt16LE(today(), 0);
      runsByPage(claim).forEach((runs, page) => {
        const key = claim.pages[page]!;
        const bitmap = bitmapWith(bits.get(key)?.subarray(HEAD), runs);
        void bits.put(key, Buffer.concat([day, bitmap]));
      });
      sweep(2 * claim.pages.length + 1);
    },
    sizeBytes: () => (bits.getStats() as { entryCount: number }).entryCount * ENTRY_BYTES,
  };
};
