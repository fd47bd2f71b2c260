import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { EmbeddedError } from './errors.js';

interface DataVersion {
  /** npm package whose engine last opened the directory. */
  package: string;
  /** What that engine said of itself. */
  engine: string;
}

const fileOf = (dir: string): string => path.join(dir, 'engine.json');

/** ClickHouse's release train: year and month. Parts are written compatibly within one. */
const train = (version: string): number => {
  const match = /^(\d+)\.(\d+)/.exec(version);
  return match ? Number(match[1]) * 100 + Number(match[2]) : 0;
};

/**
 * Refuses data that a newer engine has opened: an older one may not read the parts it wrote.
 * @throws {EmbeddedError} `DATA_NEWER`
 */
export const checkDataVersion = (dir: string, packageVersion: string): void => {
  let stored: Partial<DataVersion>;
  try {
    stored = JSON.parse(readFileSync(fileOf(dir), 'utf8')) as Partial<DataVersion>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new EmbeddedError('DATA_NEWER', `${fileOf(dir)} cannot be read: whose data this is, is unknown`, {
      cause: error,
    });
  }
  const newest = stored.package ?? '';
  if (train(newest) > train(packageVersion)) {
    throw new EmbeddedError(
      'DATA_NEWER',
      `${dir} was written by engine ${newest}, this one is ${packageVersion}`,
    );
  }
};

/** Remembers the engine that has just opened the directory. */
export const recordDataVersion = (dir: string, version: DataVersion): void => {
  const draft = `${fileOf(dir)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(version)}\n`);
  renameSync(draft, fileOf(dir));
};
