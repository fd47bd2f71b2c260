import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch, until } from '../support/browser.js';
import { startDouble, type Double } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';
import { gapsOf } from '../support/streams.js';

const EACH = 20;

describe('several tabs', () => {
  let browser: Browser;
  let context: BrowserContext;
  let double: Double;
  let site: Site;

  beforeEach(async () => {
    // one of them is killed, and with it what a renderer holds: each test has a browser of its own
    browser = await launch();
    double = await startDouble();
    site = await startSite({ collector: double.url, attributes: 'data-consent="statistics"' });
    context = await browser.newContext();
  });
  afterEach(async () => {
    await browser.close();
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
  const several = async (count: number): Promise<Page[]> => {
    const tabs: Page[] = [];
    for (let i = 0; i < count; i++) tabs.push(await open());
    await until(() => double.ofType('page_view').length === count, 'all views');
    return tabs;
  };
  /** Which tab holds the lock of the sender: a lock taken in each tells their client ids apart. */
  const holder = async (tabs: readonly Page[]): Promise<Page | undefined> => {
    for (const tab of tabs) {
      const mine = await tab.evaluate(async () => {
        const held = (await navigator.locks.query()).held ?? [];
        const sender = held.find(({ name }) => name?.startsWith('lintel:'));
        const me = await navigator.locks.request(`probe-${Math.random()}`, async (lock) =>
          ((await navigator.locks.query()).held ?? []).find(({ name }) => name === lock?.name),
        );
        return sender !== undefined && sender.clientId === me?.clientId;
      });
      if (mine) return tab;
    }
    return undefined;
  };
  const track = (tab: Page, place: number): Promise<unknown> =>
    tab.evaluate(`for (let i = 0; i < ${EACH}; i++) lintel.track('tab', { tab: ${place}, i })`);

  for (const count of [2, 5])
    it(`lets one of ${count} tabs drain the log of all, one request at a time`, async () => {
      const tabs = await several(count);
      let flying = 0;
      let most = 0;
      const answers: (() => void)[] = [];
      // answers wait for us; what a hidden page throws out of the window is not the sender's
      double.fault = (request, response) => {
        most = Math.max(most, ++flying);
        response.once('close', () => flying--);
        answers.push(() => request.socket.destroy());
        return true;
      };
      await Promise.all(tabs.map(track));
      await until(() => flying > 0, 'the first request');
      // long enough for every tab's own timer to have asked for the lock
      await new Promise((resolve) => setTimeout(resolve, 4000));
      expect([most, flying]).to.eql([1, 1]);
      const held = await tabs[0]!.evaluate(async () =>
        ((await navigator.locks.query()).held ?? []).map(({ name }) => name),
      );
      expect(held).to.eql(['lintel:pk_test']);
      double.fault = null;
      for (const answer of answers) answer();
      await until(() => double.ofType('custom').length === count * EACH, 'all events', 60_000);
      expect(gapsOf(double)).to.eql([]);
    });

  for (const count of [2, 5])
    it(`goes on when the one of ${count} tabs that holds the lock is killed while it sends`, async () => {
      const tabs = await several(count);
      // a collector that answers nobody: the sender dies with its request under way
      double.fault = () => true;
      await Promise.all(tabs.map(track));
      let victim: Page | undefined;
      await until(async () => (victim = await holder(tabs)) !== undefined, 'a sender');
      const crashed = new Promise((resolve) => victim!.once('crash', resolve));
      const devtools = await context.newCDPSession(victim!);
      void devtools.send('Page.crash').catch(() => {});
      await crashed;
      double.fault = null;
      const after = await open();
      await until(
        () => double.ofType('custom').length === count * EACH,
        'the events of all, also of the dead',
        60_000,
      );
      expect(await after.evaluate('lintel.stats().storage')).to.equal('indexeddb');
      expect(gapsOf(double)).to.eql([]);
    });
});
