import type { Page } from 'playwright-core';

/** All that a site can leave on a device, a line for each thing; empty when there is nothing. */
export type Dump = string[];

/**
 * Runs in the page; text, because a compiled function calls helpers that the page does not have. A database is opened at
 * the version it has and closed at once: looking changes nothing.
 */
const LOOK = `(async () => {
  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const lines = [];
  for (const name of Object.keys(localStorage)) lines.push('localStorage ' + name);
  for (const name of Object.keys(sessionStorage)) lines.push('sessionStorage ' + name);
  for (const { name, version } of await indexedDB.databases()) {
    const request = indexedDB.open(name, version);
    // deleted since it was listed: looking must not make it anew
    request.onupgradeneeded = () => request.transaction.abort();
    const database = await asked(request).catch(() => null);
    if (!database) continue;
    if (!database.objectStoreNames.length) lines.push('database ' + name);
    for (const store of database.objectStoreNames) {
      const keys = await asked(database.transaction(store).objectStore(store).getAllKeys());
      const held = !keys.length ? 'empty' : store === 'values' ? keys.join(' ') : 'filled';
      lines.push('database ' + name + ', ' + store + ': ' + held);
    }
    database.close();
  }
  for (const name of await caches.keys()) lines.push('cache ' + name);
  for (const { scope } of await navigator.serviceWorker.getRegistrations()) lines.push('worker ' + scope);
  return lines.sort();
})()`;

/** What is on the device of `page` now; cookies also of other paths, and those that scripts cannot see. */
export const dumpOf = async (page: Page): Promise<Dump> => [
  ...(await page.context().cookies()).map(({ name }) => `cookie ${name}`),
  ...(await page.evaluate<Dump>(LOOK)),
];
