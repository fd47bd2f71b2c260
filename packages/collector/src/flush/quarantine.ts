import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * The last place: files under `DATA_DIR/quarantine`, for what not even the table of dead letters takes.
 * - `<name>.ndjson`: refused rows, moved into `dead_letters` as soon as it takes them
 * - `<batch>.gz`, `<batch>.json`: members and manifest of a part that was stored in parts; for people
 */
export interface Quarantine {
  /** Durable when it returns. A file of the same name holds the same bytes and is replaced. */
  write(name: string, bytes: Uint8Array): void;
  /** Names of the files that end in `.ndjson`. */
  refused(): string[];
  read(name: string): string;
  remove(name: string): void;
}

const writeDurably = (file: string, bytes: Uint8Array): void => {
  const descriptor = openSync(file, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const syncDirectory = (directory: string): void => {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

export const openQuarantine = (dataDir: string): Quarantine => {
  const directory = join(dataDir, 'quarantine');
  return {
    write: (name, bytes) => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const unfinished = join(directory, `${name}.tmp`);
      writeDurably(unfinished, bytes);
      renameSync(unfinished, join(directory, name));
      syncDirectory(directory);
    },
    refused: () => {
      try {
        return readdirSync(directory).filter((name) => name.endsWith('.ndjson'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    },
    read: (name) => readFileSync(join(directory, name), 'utf8'),
    remove: (name) => rmSync(join(directory, name), { force: true }),
  };
};
