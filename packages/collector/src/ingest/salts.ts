import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
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

type Kept = Record<string, string>;

/** Folder in memory that all ingest processes of this data directory share; null where there is none. */
const memoryFile = (dataDir: string): string | null => {
  try {
    if (statfsSync(SHARED_MEMORY).type !== TMPFS) return null;
    const folder = join(
      SHARED_MEMORY,
      `lintel-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`,
    );
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return join(folder, 'salts.json');
  } catch {
    return null; // no such file system here: this process keeps them to itself
  }
};

/**
 * 16 random bytes per UTC day, never on a disk: in a file on tmpfs, so that a restart and a second process count the
 * same visitors, else in this process only.
 */
export const createSalts = ({ clock, dataDir, log }: { clock: Clock; dataDir: string; log: Log }): Salts => {
  const file = memoryFile(dataDir);
  if (file === null) log.warn('salts.memory_only', { effect: 'a restart begins new visitor hashes' });
  let kept: Kept = {};
  let current: { day: number; salt: Buffer; before: Buffer | null } | null = null;

  const read = (): Kept => {
    if (file === null) return kept;
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Kept;
    } catch {
      return kept; // not there yet, or cut short by a crash: both mean a new salt
    }
  };
  const write = (): void => {
    if (file === null) return;
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(kept), { mode: 0o600 });
    renameSync(draft, file);
  };

  const open = (day: number): NonNullable<typeof current> => {
    const known = read();
    const salt = known[day] ?? randomBytes(16).toString('hex');
    const before = known[day - 1];
    kept = { ...(before === undefined ? {} : { [day - 1]: before }), [day]: salt };
    if (known[day] === undefined || Object.keys(known).length > 2) write();
    return { day, salt: Buffer.from(salt, 'hex'), before: before ? Buffer.from(before, 'hex') : null };
  };

  return {
    today: () => {
      const day = Math.floor(clock.now() / DAY_MS);
      if (current?.day !== day) current = open(day);
      return current;
    },
  };
};
