import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { EmbeddedError } from './errors.js';

const PACKAGE = '@chdb/lib-linux-x64-gnu';

export interface EngineLibrary {
  file: string;
  /** Version of the npm package, e.g. `26.7.3-stable.1`. Its engine reports 26.7.2.1: only year and month agree. */
  packageVersion: string;
}

/**
 * Finds the installed `libchdb.so`.
 * @throws {EmbeddedError} `PLATFORM_UNSUPPORTED` outside Linux x64, `ENGINE_MISSING` when npm left the package out
 */
export const findLibrary = (): EngineLibrary => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new EmbeddedError(
      'PLATFORM_UNSUPPORTED',
      `the engine runs on linux x64, not on ${process.platform} ${process.arch}`,
    );
  }
  try {
    const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { file: path.join(path.dirname(manifest), 'libchdb.so'), packageVersion: version };
  } catch (error) {
    throw new EmbeddedError('ENGINE_MISSING', `${PACKAGE} is not installed (it needs glibc)`, {
      cause: error,
    });
  }
};
