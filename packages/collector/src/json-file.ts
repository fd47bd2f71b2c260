import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from './clock.js';

/** A change made by another process of this host is seen within this time. */
const RELOAD_MS = 1000;

export interface JsonFile<T> {
  /** @param fresh look at the file now, not once a second */
  read(fresh?: boolean): T;
  /** Replaces the content whole: a reader sees the old or the new one. */
  write(value: T): void;
}

/**
 * A small record kept in one file of mode 600, so that it is there while every database is away.
 * @param empty what stands until something was written
 */
export const openJsonFile = <T>(file: string, empty: T, clock: Clock): JsonFile<T> => {
  let known = empty;
  let readAt = -Infinity;
  let mtimeMs = -1;

  const read = (fresh = false): T => {
    if (!fresh && clock.now() - readAt < RELOAD_MS) return known;
    readAt = clock.now();
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) known = empty;
    else if (stat.mtimeMs !== mtimeMs) {
      known = JSON.parse(readFileSync(file, 'utf8')) as T;
      mtimeMs = stat.mtimeMs;
    }
    return known;
  };

  return {
    read,
    write: (value) => {
      mkdirSync(dirname(file), { recursive: true });
      const draft = `${file}.${process.pid}.tmp`;
      writeFileSync(draft, JSON.stringify(value, null, 1), { mode: 0o600 });
      renameSync(draft, file);
      mtimeMs = -1;
      read(true);
    },
  };
};
