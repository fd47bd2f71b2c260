import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Log } from '../log.js';

export interface SdkFile {
  type: string;
  etag: string;
  body: Buffer;
  gzip: Buffer;
}

/** The built SDK, read once at the start: what is served cannot change under a running process. */
export interface SdkFiles {
  /** Null when the SDK is not built. */
  version: string | null;
  get(name: string): SdkFile | undefined;
}

interface Manifest {
  version: string;
  files: Record<string, { integrity: string }>;
  /** File with its detached signature; null when the build had no key. */
  signature?: string | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.sig': 'text/plain; charset=utf-8',
};

/** @param folder with `manifest.json` (`{version, files: {name → {integrity, …}}}`) and the files it names */
export const readSdkFiles = (folder: string, log: Log): SdkFiles => {
  const files = new Map<string, SdkFile>();
  const add = (name: string): Buffer => {
    const body = readFileSync(join(folder, name));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    files.set(name, {
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      etag,
      body,
      gzip: gzipSync(body, { level: 9 }),
    });
    return body;
  };
  try {
    const manifest = JSON.parse(add('manifest.json').toString()) as Manifest;
    for (const [name, { integrity }] of Object.entries(manifest.files)) {
      const [algorithm = '', digest = ''] = integrity.split('-', 2);
      const body = add(name);
      if (createHash(algorithm).update(body).digest('base64') !== digest) {
        throw new Error(`${name} does not match its integrity in manifest.json`);
      }
    }
    if (manifest.signature) add(manifest.signature);
    return { version: manifest.version, get: (name) => files.get(name) };
  } catch (error) {
    // intake must not depend on it; `/sdk/*` answers 404 and says why here
    log.warn('sdk.not_served', { folder, error: (error as Error).message });
    return { version: null, get: () => undefined };
  }
};
