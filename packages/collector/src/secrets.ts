import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { BadSettings } from './errors.js';

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

/** @throws {BadSettings} for an empty file: going on without the secret would seal what nobody could open again */
const readSecret = (file: string): string => {
  const secret = readFileSync(file, 'utf8').trim();
  if (secret === '')
    throw new BadSettings(`${file} is empty: bring back its content, or delete it for a new one`);
  return secret;
};

const syncFolder = (folder: string): void => {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
};

/**
 * Puts a whole file under its name unless something is there, and onto the disk. A file that is created first and filled
 * afterwards is empty for whoever starts in between, and for ever after a crash in between.
 */
const createWhole = (file: string, content: string): void => {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, content, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
    syncFolder(dirname(file));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
};

/**
 * A secret that is made at the first start and kept in a file of mode 600: development only, where nobody sets one. All
 * processes that start at once are told the same one.
 * @param bytes of randomness; the file holds them in base64url
 * @throws {BadSettings} when the file is empty
 */
export const keptSecret = (file: string, bytes = 32): string => {
  try {
    return readSecret(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  mkdirSync(dirname(file), { recursive: true });
  createWhole(file, `${randomBytes(bytes).toString('base64url')}\n`);
  return readSecret(file);
};
