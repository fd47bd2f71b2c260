import type { Database } from 'lmdb';
import { bitmapWith } from './disk-seen.js';
import { runsByPage, type Claim } from './identities.js';

/** Duplicate bits of one page that Redis has not been told yet. */
export interface PageBits {
  /** 17 bytes: stream, page. */
  page: Buffer;
  bitmap: Buffer;
}

/** What a spool must claim in Redis before the intake returns there. */
export interface Unclaimed {
  /** Inside the transaction of the append. */
  add(claim: Claim): void;
  first(most: number): PageBits[];
  /** Inside a transaction: takes off what was claimed; bits that came meanwhile stay. */
  remove(claimed: readonly PageBits[]): void;
}

export const createUnclaimed = (bits: Database<Buffer, Buffer>): Unclaimed => ({
  add: (claim) => {
    runsByPage(claim).forEach((runs, index) => {
      const page = claim.pages[index]!;
      void bits.put(page, bitmapWith(bits.get(page), runs));
    });
  },
  first: (most) =>
    [...bits.getRange({ limit: most })].map(({ key, value }) => ({
      page: Buffer.from(key),
      bitmap: Buffer.from(value),
    })),
  remove: (claimed) => {
    for (const { page, bitmap } of claimed) {
      const now = bits.get(page);
      if (!now) continue;
      const left = Buffer.from(now.map((byte, index) => byte & ~(bitmap[index] ?? 0)));
      if (left.some((byte) => byte !== 0)) void bits.put(page, left);
      else void bits.remove(page);
    }
  },
});
