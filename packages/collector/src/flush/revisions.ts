import type { Buffer, Sealed, SealedPart } from '../buffer/buffer.js';
import type { Lease } from './lease.js';

/** Changes of one sealed range's manifest. */
export interface Revisions {
  /** Puts `parts` in the place of `part`; resolves when the manifest says so. @throws {StaleFence|BufferUnavailable} */
  replace(part: SealedPart, parts: readonly SealedPart[]): Promise<void>;
}

/** One after the other: two parts of a range are at work at a time, and the newest manifest must be written last. */
export const createRevisions = (buffer: Buffer, lease: Lease, sealed: Sealed): Revisions => {
  let last: Promise<void> = Promise.resolve();
  return {
    replace: (part, parts) => {
      sealed.parts.splice(sealed.parts.indexOf(part), 1, ...parts);
      const turn = last.then(() => buffer.revise(sealed, lease.fence));
      last = turn.catch(() => {});
      return turn;
    },
  };
};
