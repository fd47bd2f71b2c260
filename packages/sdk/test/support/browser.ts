import { chromium, type Browser, type Page } from 'playwright-core';

export const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
    // playwright turns it off by default, and it is one of the guarantees
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });

/** Console errors, uncaught errors, policy violations; what the browser says about a network that is down is none. */
export const complaintsOf = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !/net::ERR_|status of (429|503|413|400)/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
};

/** Waits until `probe` holds; the test's own timeout ends it otherwise. */
export const until = async (
  probe: () => boolean | Promise<boolean>,
  what = 'condition',
  ms = 60_000,
): Promise<void> => {
  const end = Date.now() + ms;
  while (!(await probe())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
