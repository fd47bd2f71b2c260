import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';

/** Salts of the daily visitor hash: today's, and yesterday's to carry visits over midnight. Older ones do not exist. */
export interface Salts {
  today(): { day: number; salt: Buffer; before: Buffer | null };
}

const DAY_MS = 86_400_000;
/** `statfs` type of a file system that lives in memory only. */
const TMPFS = 0x01021994;
const SHARED_MEMORY = '/dev/shm';

/** Folder in memory that all ingest processes of this data directory share; null where there is none. */
const memoryFolder = (dataDir: string): string | null => {
  try {
    if (statfsSync(SHARED_MEMORY).type !== TMPFS) return null;
    const name = `lintel-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
    const folder = join(SHARED_MEMORY, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch {
    return null; // no such file system here: this process keeps them to itself
  }
};

/** The salt of a day: whoever asks first makes it, all others read it; a link appears whole or not at all. */
const sharedSalt = (folder: string, day: number): Buffer => {
  const file = join(folder, String(day));
  const draft = join(folder, `${day}.${process.pid}`);
  writeFileSync(draft, randomBytes(16), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file);
};

const readSalt = (folder: string, day: number): Buffer | null => {
  try {
    return readFileSync(join(folder, String(day)));
  } catch {
    return null; // nobody came yesterday
  }
};

/**
 * 16 random bytes per UTC day, never on a disk: in a file on tmpfs, so that a restart and a second process count the
 * same visitors, else in this process only.
 */
export const createSalts = ({ clock, dataDir, log }: { clock: Clock; dataDir: string; log: Log }): Salts => {
  const folder = memoryFolder(dataDir);
  if (folder === null) log.warn('salts.memory_only', { effect: 'a restart begins new visitor hashes' });
  let current: { day: number; salt: Buffer; before: Buffer | null } | null = null;

  const open = (day: number): NonNullable<typeof current> => {
    if (folder === null) {
      return { day, salt: randomBytes(16), before: current?.day === day - 1 ? current.salt : null };
    }
    for (const name of readdirSync(folder))
      if (Number(name) < day - 1) rmSync(join(folder, name), { force: true });
    return { day, salt: sharedSalt(folder, day), before: readSalt(folder, day - 1) };
  };

  return {
    today: () => {
      const day = Math.floor(clock.now() / DAY_MS);
      if (current?.day !== day) current = open(day);
      return current;
    },
  };
};
