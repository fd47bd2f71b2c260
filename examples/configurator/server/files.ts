import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

export interface StaticFile {
  type: string;
  etag: string;
  cacheControl: string;
  /** Body by content encoding; compressed only where that pays. */
  bodies: Readonly<Record<'identity' | 'gzip' | 'br', Buffer>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

const load = async (path: string, address: string): Promise<StaticFile> => {
  const identity = await readFile(path);
  const squeeze = !path.endsWith('.png');
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`,
    // Vite puts a hash into the name of everything below /assets/, so its bytes never change.
    cacheControl: address.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    bodies: {
      identity,
      gzip: squeeze ? gzipSync(identity) : identity,
      br: squeeze ? brotliCompressSync(identity) : identity,
    },
  };
};

/**
 * Reads a built site into memory (about 250 kB), so that no request ever names a path on the disk.
 * @returns address → file
 */
export const readSite = async (folder: string): Promise<ReadonlyMap<string, StaticFile>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry): Promise<[string, StaticFile]> => {
      const path = join(entry.parentPath, entry.name);
      const address = `/${relative(folder, path).split(sep).join('/')}`;
      return [address, await load(path, address)];
    });
  return new Map(await Promise.all(files));
};
