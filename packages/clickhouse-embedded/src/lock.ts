import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedError } from './errors.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';

/** What stands in `owner.json`: who supervises the directory, and the engine he runs. */
interface Owner {
  owner: ProcessIdentity;
  engine: ProcessIdentity | null;
}

export interface DirectoryLock {
  /** The owner before us, when he died without releasing. */
  recovered: { ownerPid: number; enginePid: number | null } | null;
  /** Notes the engine's process, so that whoever comes after a crash can end it. */
  setEngine(pid: number | null): void;
  release(): void;
}

const ATTEMPTS = 5;

const isIdentity = (value: unknown): value is ProcessIdentity => {
  const candidate = value as Partial<ProcessIdentity> | null;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    Number.isInteger(candidate.pid) &&
    typeof candidate.startTicks === 'string' &&
    typeof candidate.bootId === 'string'
  );
};

/** A file that is not ours to read counts as stale: it is written whole or not at all. */
const parseOwner = (text: string): Owner | null => {
  try {
    const value = JSON.parse(text) as Partial<Owner>;
    if (!isIdentity(value.owner)) return null;
    return { owner: value.owner, engine: isIdentity(value.engine) ? value.engine : null };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const readOrNull = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** `link` fails when the name exists, and the file behind it is already complete: nobody can read half an owner. */
const createExclusively = (file: string, text: string): boolean => {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

/** An engine normally ends itself with its parent; one that was stopped (SIGSTOP) could not. */
const endEngine = async (engine: ProcessIdentity): Promise<void> => {
  for (let waitedMs = 0; isAlive(engine); waitedMs += 50) {
    if (waitedMs % 1000 === 0) process.kill(engine.pid, 'SIGKILL');
    if (waitedMs > 10_000) {
      throw new EmbeddedError('DIRECTORY_IN_USE', `engine ${engine.pid} of a dead owner does not end`);
    }
    await sleep(50);
  }
};

/**
 * Makes this process the only owner of `dir`.
 * @throws {EmbeddedError} `DIRECTORY_IN_USE`, naming the live owner's process id
 */
export const acquireLock = async (dir: string): Promise<DirectoryLock> => {
  const file = path.join(dir, 'owner.json');
  const self = identify(process.pid);
  if (self === null) throw new EmbeddedError('PLATFORM_UNSUPPORTED', '/proc is not mounted');
  mkdirSync(dir, { recursive: true, mode: 0o700 });

  const text = (engine: ProcessIdentity | null): string =>
    `${JSON.stringify({ owner: self, engine } satisfies Owner)}\n`;
  let recovered: DirectoryLock['recovered'] = null;

  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (createExclusively(file, text(null))) {
      return {
        recovered,
        setEngine(pid) {
          const draft = `${file}.${process.pid}.engine`;
          writeFileSync(draft, text(pid === null ? null : identify(pid)), { mode: 0o600 });
          renameSync(draft, file);
        },
        release() {
          rmSync(file, { force: true });
        },
      };
    }
    const found = readOrNull(file);
    if (found === null) continue;
    const previous = parseOwner(found);
    if (previous !== null && isAlive(previous.owner)) {
      throw new EmbeddedError('DIRECTORY_IN_USE', `${dir} is in use by process ${previous.owner.pid}`);
    }
    if (previous?.engine) await endEngine(previous.engine);
    // Two processes may find the same stale file. Only the one that takes away what it judged goes on; who catches
    // the other's fresh file puts it back. The engine's own lock on `data/status` covers the instant in between.
    const removed = `${file}.${process.pid}.stale`;
    try {
      renameSync(file, removed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    const taken = readOrNull(removed);
    if (taken !== null && taken !== found) createExclusively(file, taken);
    else recovered = { ownerPid: previous?.owner.pid ?? 0, enginePid: previous?.engine?.pid ?? null };
    rmSync(removed, { force: true });
  }
  throw new EmbeddedError('DIRECTORY_IN_USE', `${dir}: several processes try to own it at once`);
};
