import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch, until } from '../support/browser.js';
import { startDouble, type Double } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';
import { gapsOf } from '../support/streams.js';

describe("the site's service worker", () => {
  let browser: Browser;
  let context: BrowserContext;
  let double: Double;
  let site: Site;

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  beforeEach(async () => {
    double = await startDouble();
    site = await startSite({ collector: double.url, attributes: 'data-consent="statistics"' });
    site.options.worker = `importScripts('${double.url}/sdk/lintel-sw.js');
      addEventListener('install', () => skipWaiting());
      addEventListener('activate', (event) => event.waitUntil(clients.claim()));`;
    context = await browser.newContext();
  });
  afterEach(async () => {
    await context.close();
    await site.stop();
    await double.stop();
    expect(double.refused).to.eql([]);
  });

  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(site.url);
    await page.waitForFunction(
      'window.lintel && lintel.stats && lintel.stats().storage === "indexeddb" && lintel.visitor()',
    );
    return page;
  };
  /** What the browser does when the network is back. */
  const sync = async (page: Page): Promise<void> => {
    const devtools = await context.newCDPSession(page);
    const registered = new Promise<string>((resolve) =>
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [one] = registrations;
        if (one) resolve(one.registrationId);
      }),
    );
    await devtools.send('ServiceWorker.enable');
    await devtools.send('ServiceWorker.dispatchSyncEvent', {
      origin: site.url,
      registrationId: await registered,
      tag: 'lintel',
      lastChance: false,
    });
  };

  it('sends what a page could not, when no page of the SDK is open any more', async () => {
    const page = await open();
    await page.evaluate(
      `navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready)`,
    );
    await until(() => double.ofType('page_view').length === 1, 'the view');
    double.fault = (request) => {
      request.socket.destroy();
      return true;
    };
    await page.evaluate(`for (let i = 0; i < 10; i++) lintel.track('offline', { i })`);
    await page.waitForFunction('lintel.stats().retries > 0');
    const seen = double.ofType('custom').length;
    await page.goto(`${site.url}/empty`);
    double.fault = null;
    expect(seen).to.equal(0);
    // the page that left lets go of the sender's lock, and a slow machine takes its time
    await page.waitForFunction(async () => !((await navigator.locks.query()).held ?? []).length);
    await sync(page);
    await until(() => double.ofType('custom').length === 10, 'the events');
    expect(gapsOf(double)).to.eql([]);
  });
});
