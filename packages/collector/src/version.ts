import { createRequire } from 'node:module';

export const VERSION = (
  createRequire(import.meta.url)('@lintel/collector/package.json') as { version: string }
).version;
