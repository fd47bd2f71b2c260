import type { Lintel } from './types.js';

const CLIENTS = Symbol.for('lintel.clients');
type Registry = Record<symbol, Record<string, Lintel> | undefined>;

/** The client of a key, made once however many copies of the SDK a page has loaded. */
export const registered = (key: string, create: () => Lintel): Lintel => {
  const clients = ((globalThis as unknown as Registry)[CLIENTS] ??= {});
  return (clients[key] ??= create());
};
