import type { Database } from 'lmdb';
import type { Clock } from '../clock.js';
import type { Claim, Run } from './identities.js';

const DAY_MS = 86_400_000;
/** Two bytes: days since 1970 of the last claim. */
const HEAD = 2;
/** A key, a short bitmap and LMDB's node in a B-tree two thirds full. */
const ENTRY_BYTES = 64;

/** Duplicate bits in LMDB. All calls run inside a write transaction. */
export interface Seen {
  /** Positions whose bit is set, and repeats inside the unit; ascending. */
  taken(claim: Claim): number[];
  claim(claim: Claim): void;
  /** Estimate. */
  sizeBytes(): number;
}

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
      const stored = pages.map((key) => bits.get(key));
      const at = [...repeats];
      for (const { page, offset, positions } of runs) {
        const bitmap = stored[page];
        if (!bitmap) continue;
        positions.forEach((position, index) => {
          const bit = offset + index;
          if (((bitmap[HEAD + (bit >> 3)] ?? 0) >> (bit & 7)) & 1) at.push(position);
        });
      }
      return at.sort((a, b) => a - b);
    },
    claim: ({ pages, runs }) => {
      const day = today();
      const runsOf: Run[][] = pages.map(() => []);
      for (const run of runs) runsOf[run.page]!.push(run);
      pages.forEach((key, page) => {
        const old = bits.get(key);
        const own = runsOf[page]!;
        const highest = Math.max(...own.map(({ offset, width }) => offset + width - 1));
        const bitmap = Buffer.alloc(Math.max(old?.length ?? 0, HEAD + (highest >> 3) + 1));
        old?.copy(bitmap);
        bitmap.writeUInt16LE(day, 0);
        for (const { offset, width } of own) {
          for (let bit = offset; bit < offset + width; bit += 1) bitmap[HEAD + (bit >> 3)]! |= 1 << (bit & 7);
        }
        void bits.put(key, bitmap);
      });
      sweep(2 * pages.length + 1);
    },
    sizeBytes: () => (bits.getStats() as { entryCount: number }).entryCount * ENTRY_BYTES,
  };
};
