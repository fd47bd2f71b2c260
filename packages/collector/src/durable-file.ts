import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Flushes a file or a folder to the disk. */
export const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Replaces a file whole, with mode 600; it is on the disk when this resolves, whatever happens to the power. */
export const writeDurably = async (folder: string, name: string, content: Uint8Array): Promise<void> => {
  const draft = join(folder, `${name}.tmp`);
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, name));
  await sync(folder);
};
