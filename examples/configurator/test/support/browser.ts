import { chromium, type Browser, type Page } from 'playwright-core';

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/**
 * Complaints of a page: console errors, uncaught errors, violations of its policy. What the browser itself says about
 * a server that is not there is no complaint.
 */
export const complaintsOf = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      !/net::ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED|FAILED)/.test(message.text())
    ) {
      complaints.push(message.text());
    }
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
};

/** What a site can leave on a device. */
export interface Left {
  cookies: string;
  local: string[];
  session: string[];
  databases: string[];
  caches: string[];
  workers: number;
}
export const leftOn = (page: Page): Promise<Left> =>
  page.evaluate(async () => ({
    cookies: document.cookie,
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name ?? ''),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));

/** Calls the page made before an SDK arrived: `[type, fields]`. */
export const queued = (page: Page): Promise<[string, Record<string, unknown>][]> =>
  page.evaluate(() =>
    (window as unknown as { lintel: { q: [number, string, Record<string, unknown>][] } }).lintel.q.map(
      ([, type, fields]) => [type, fields] as [string, Record<string, unknown>],
    ),
  );
