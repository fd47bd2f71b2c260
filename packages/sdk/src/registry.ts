import type { Lintel } from './types.js';

type Registry = Record<symbol, Lintel | undefined>;

/** The client of a key, made once however many copies of the SDK a page has loaded. */
export const registered = (key: string, create: () => Lintel): Lintel =>
  ((globalThis as unknown as Registry)[Symbol.for(`lintel.${key}`)] ??= create());
