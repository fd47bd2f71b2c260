import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder of its own; `remove` takes it away with everything in it. */
export const freshFolder = (): { path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'lintel-system-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
