import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sync, writeDurably } from '../durable-file.js';

/** A restore that has begun to exchange tables. */
export interface Unfinished {
  /** Of the backup. */
  id: string;
  /** Each table to exchange, with the UUID of the live one before; null: there was none. */
  tables: { database: string; name: string; uuid: string | null }[];
}

/**
 * Tables are exchanged one by one, so a restore that is cut off there leaves some of each. What was acknowledged on a
 * new machine before its restore then lies only in the replaced ones: the next run must finish, not begin anew.
 */
export interface Journal {
  read(): Promise<Unfinished | null>;
  /** On the disk when it resolves. */
  begin(unfinished: Unfinished): Promise<void>;
  end(): Promise<void>;
}

const FILE = 'restore.json';

export const openJournal = (dataDir: string): Journal => ({
  read: async () => {
    try {
      return JSON.parse(await readFile(join(dataDir, FILE), 'utf8')) as Unfinished;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },
  begin: (unfinished) => writeDurably(dataDir, FILE, Buffer.from(JSON.stringify(unfinished))),
  end: async () => {
    await rm(join(dataDir, FILE), { force: true });
    await sync(dataDir);
  },
});
