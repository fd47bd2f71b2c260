import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, launch, leftOn, NOTHING, until } from '../support/browser.js';
import { startDouble, type Double, type Fault } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';

type Level = 'off' | 'none' | 'statistics' | 'all';
const LEVELS: Level[] = ['off', 'none', 'statistics', 'all'];
const STORED = { ...NOTHING, databases: ['lintel', 'lintel-cold'] };
const stores = (level: Level): boolean => level === 'statistics' || level === 'all';

/** The network is gone: what was sent gets no answer. */
const cut: Fault = (request) => {
  request.socket.destroy();
  return true;
};

describe('consent in a browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let double: Double;
  let site: Site;
  let complaints: string[];

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  beforeEach(async () => {
    double = await startDouble();
    site = await startSite({ collector: double.url });
    context = await browser.newContext();
    page = await context.newPage();
    complaints = complaintsOf(page);
  });
  afterEach(async () => {
    await context.close();
    await site.stop();
    await double.stop();
    expect(complaints).to.eql([]);
    expect(double.refused).to.eql([]);
  });

  const open = async (on: Page, level: Level): Promise<void> => {
    site.options.attributes = `data-consent="${level}"`;
    site.options.stub = level !== 'off';
    await on.goto(site.url);
    await on.waitForFunction(() => 'select' in ((window as never as { lintel?: object }).lintel ?? {}));
  };
  const settled = (on: Page, level: Level): Promise<unknown> =>
    on.waitForFunction(
      (stored) =>
        (window as never as { lintel: { stats(): { storage: string } } }).lintel.stats().storage === stored,
      stores(level) ? 'indexeddb' : 'memory',
    );
  const consent = (on: Page, level: Level): Promise<number> =>
    on.evaluate(async (to) => {
      const startedAt = performance.now();
      await (window as never as { lintel: { consent(level: string): Promise<void> } }).lintel.consent(to);
      return performance.now() - startedAt;
    }, level);

  it('sends nothing of a consented stream before it knows the visitor: one person stays one', async () => {
    await open(page, 'none');
    await settled(page, 'none');
    // the old stream is told slowly, so that the new one has time to be in a hurry
    let slow = 1;
    double.fault = (request, _response, batch) => {
      if (batch.consent !== 'none' || slow-- <= 0) return false;
      setTimeout(() => request.socket.destroy(), 400);
      return true;
    };
    await page.evaluate(async () => {
      type Client = {
        track(name: string): void;
        consent(level: string): Promise<void>;
        select(choice: object): void;
        flush(): Promise<object>;
      };
      const { lintel } = window as never as { lintel: Client };
      lintel.track('before');
      const done = lintel.consent('statistics');
      for (let i = 0; i < 10; i++) {
        lintel.select({ group: 'facade', option: `o${i}` });
        void lintel.flush();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await done;
    });
    await until(() => double.ofType('option_select').length === 10, 'all choices to be stored');
    const consented = double.received.filter(
      ({ batch }) => batch.consent === 'statistics' && batch.events.length > 0,
    );
    expect(new Set(consented.map(({ batch }) => batch.visitor)).size).to.equal(1);
    expect(new Set(consented.map(({ batch }) => batch.session)).size).to.equal(1);
    expect(consented[0]!.batch.visitor).to.be.a('string');
    expect(consented[0]!.batch.session).to.be.a('string');
  });

  for (const from of LEVELS)
    for (const to of LEVELS)
      for (const network of ['online', 'offline'] as const)
        it(`${from} → ${to}, ${network}: the device holds what the level allows`, async () => {
          await open(page, from);
          await settled(page, from);
          expect(await leftOn(page), 'before').to.eql(stores(from) ? STORED : NOTHING);
          if (network === 'offline') double.fault = cut;
          await page.evaluate(() => {
            for (let i = 0; i < 5; i++)
              (window as never as { lintel: { track(name: string): void } }).lintel.track('x');
          });
          await consent(page, to);
          await settled(page, to);
          expect(await leftOn(page), 'after').to.eql(stores(to) ? STORED : NOTHING);
          expect(await page.evaluate('lintel.consent()')).to.equal(to);
          if (from === 'off' && to === 'off') expect(double.received.length).to.equal(0);
          for (const { batch } of double.received) {
            expect(batch.visitor === null, batch.consent).to.equal(batch.consent === 'none');
            expect(batch.session === null).to.equal(batch.consent === 'none');
          }
        });

  it('takes everything away in both tabs when it is withdrawn in one, within a second', async () => {
    const second = await context.newPage();
    await open(page, 'all');
    await open(second, 'all');
    await settled(page, 'all');
    await settled(second, 'all');
    await page.bringToFront();
    const ms = await consent(page, 'none');
    expect(ms).to.be.below(1000);
    await second.waitForFunction('lintel.consent() === "none"');
    expect(await leftOn(page)).to.eql(NOTHING);
    await second.evaluate(`lintel.track('later')`);
    await page.evaluate(`lintel.track('later')`);
    await until(() => double.ofType('custom').length === 2, 'events of both tabs');
    expect(await leftOn(second)).to.eql(NOTHING);
    const last = double.received.filter(({ batch }) => batch.consent === 'none');
    for (const { batch } of last) expect([batch.visitor, batch.session]).to.eql([null, null]);
  });

  it('ties no consented part of a visit to an unconsented one', async () => {
    await open(page, 'none');
    await page.evaluate(`lintel.track('without')`);
    await consent(page, 'statistics');
    await page.evaluate(`lintel.track('with')`);
    await until(() => double.ofType('custom').length === 2, 'both events');
    const levels = new Map(double.received.map(({ batch }) => [batch.stream, batch.consent]));
    expect([...levels.values()].sort()).to.eql(['none', 'statistics']);
    for (const { batch } of double.received)
      for (const { stream } of batch.ended ?? []) expect(levels.get(stream)).to.equal(batch.consent);
  });

  it('counts what a withdrawal gave up in the stream after it', async () => {
    await open(page, 'statistics');
    await settled(page, 'statistics');
    await until(() => double.ofType('page_view').length === 1, 'the view');
    double.fault = cut;
    await page.evaluate(`for (let i = 0; i < 5; i++) lintel.track('x' + i)`);
    await consent(page, 'none');
    double.fault = null;
    await page.evaluate(`lintel.track('after')`);
    await until(() => double.received.some(({ batch }) => batch.consent === 'none'), 'the next stream');
    const { dropped } = double.received.find(({ batch }) => batch.consent === 'none')!.batch;
    expect(dropped!['consent_withdrawn']).to.be.at.least(5);
  });

  it('holds the first view back until the banner is answered, and sends it once', async () => {
    site.options.attributes = 'data-consent="none" data-hold="5000"';
    site.options.stub = true;
    await page.goto(site.url);
    await page.waitForFunction(() => 'select' in ((window as never as { lintel?: object }).lintel ?? {}));
    await page.evaluate(`lintel.track('held')`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(double.received.length).to.equal(0);
    await consent(page, 'statistics');
    await until(() => double.ofType('custom').length === 1, 'the held event');
    expect(double.received.every(({ batch }) => batch.consent === 'statistics' && batch.visitor)).to.equal(
      true,
    );
    expect(double.ofType('page_view').length).to.equal(1);
  });

  it('starts at none where Global Privacy Control is set, until somebody answers', async () => {
    await page.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
    await open(page, 'all');
    await until(() => double.received.length > 0, 'a batch');
    expect(await leftOn(page)).to.eql(NOTHING);
    expect(double.received[0]!.batch.consent).to.equal('none');
    await consent(page, 'all');
    expect(await page.evaluate('lintel.consent()')).to.equal('all');
  });

  it('falls to none in a tab that slept through the withdrawal', async () => {
    await open(page, 'statistics');
    await settled(page, 'statistics');
    const second = await context.newPage();
    await open(second, 'statistics');
    await settled(second, 'statistics');
    const devtools = await context.newCDPSession(page);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    await consent(second, 'none');
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await page.waitForFunction('window.lintel && lintel.consent && lintel.consent() === "none"');
    expect(await leftOn(page)).to.eql(NOTHING);
  });
});
