import { join } from 'node:path';
import type { Buffer, LedgerCounts } from '../buffer/buffer.js';
import type { Clock } from '../clock.js';
import { openJsonFile } from '../json-file.js';

/** What one buffer has counted for one site. */
export interface Book extends LedgerCounts {
  /** Name of the buffer. */
  buffer: string;
  site: number;
}

/**
 * Books of this host: those its buffers keep, and those of buffers that are gone with another machine, whose rows came
 * back by a restore. Without them what was restored would count as stored and never accepted.
 */
export interface Books {
  /** Of all buffers, and the closed ones. @throws {BufferUnavailable} */
  read(): Promise<Book[]>;
  /** Closes the books of a backup that no buffer here goes on with; anything closed before is forgotten. */
  close(ofBackup: readonly Book[]): Promise<void>;
  /** The closed ones, as the ledger reads a buffer. */
  ledger(): Promise<Map<number, LedgerCounts>>;
}

/** Books nobody goes on with: what waited in that buffer is lost, so only what was committed counts. Pure. */
export const lostBooks = (ofBackup: readonly Book[], here: readonly Book[]): Book[] =>
  ofBackup
    .filter(({ buffer, site, committed }) => {
      const same = here.find((one) => one.buffer === buffer && one.site === site);
      return !same || same.committed < committed;
    })
    .map((book) => ({ ...book, accepted: book.committed }));

export const openBooks = (
  dataDir: string,
  buffers: readonly Pick<Buffer, 'name' | 'ledger'>[],
  clock: Clock,
): Books => {
  const file = openJsonFile<readonly Book[]>(join(dataDir, 'closed-books.json'), [], clock);
  const kept = async (): Promise<Book[]> => {
    const all = await Promise.all(
      buffers.map(async ({ name, ledger }) =>
        [...(await ledger())].map(([site, counts]) => ({ buffer: name, site, ...counts })),
      ),
    );
    return all.flat();
  };
  return {
    read: async () => [...(await kept()), ...file.read()],
    close: async (ofBackup) => {
      const lost = lostBooks(ofBackup, await kept());
      if (lost.length > 0 || file.read(true).length > 0) file.write(lost);
    },
    ledger: () => {
      const counts = new Map<number, LedgerCounts>();
      for (const { site, accepted, committed, known } of file.read()) {
        const of = counts.get(site) ?? { accepted: 0, committed: 0, known: 0 };
        counts.set(site, {
          accepted: of.accepted + accepted,
          committed: of.committed + committed,
          known: of.known + known,
        });
      }
      return Promise.resolve(counts);
    },
  };
};
