import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A directory of its own for each test, gone when `remove` is called. */
export const freshDirectory = (): { dir: string; remove(): void } => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'clickhouse-embedded-'));
  return {
    // One level below: `start` has to make it.
    dir: path.join(parent, 'engine'),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
};
