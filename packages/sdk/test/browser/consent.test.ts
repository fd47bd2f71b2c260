import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, launch, until } from '../support/browser.js';
import { startDouble, type Double, type Fault } from '../support/collector.js';
import { dumpOf, type Dump } from '../support/dump.js';
import { startSite, type Site } from '../support/site.js';

type Level = 'off' | 'none' | 'statistics' | 'all';
const LEVELS: Level[] = ['off', 'none', 'statistics', 'all'];
const EVENTS = 5;
const NOTHING: Dump = [];
/** A device with events that could not be sent yet: rows, the record of their stream, ids and settings. */
const STORED: Dump = [
  'database lintel, rows: filled',
  'database lintel, streams: filled',
  'database lintel, values: settings visitor',
];
const WITHIN_MS = 1000;

/** Everything a browser can keep for a site, for each level, before and after it is withdrawn. */
const MATRIX: { level: Level; tabs: 1 | 2; before: Dump; to: Level; after: Dump }[] = [
  { level: 'off', tabs: 1, before: NOTHING, to: 'off', after: NOTHING },
  { level: 'off', tabs: 2, before: NOTHING, to: 'off', after: NOTHING },
  { level: 'none', tabs: 1, before: NOTHING, to: 'off', after: NOTHING },
  { level: 'none', tabs: 2, before: NOTHING, to: 'off', after: NOTHING },
  { level: 'statistics', tabs: 1, before: STORED, to: 'none', after: NOTHING },
  { level: 'statistics', tabs: 2, before: STORED, to: 'none', after: NOTHING },
  { level: 'statistics', tabs: 1, before: STORED, to: 'off', after: NOTHING },
  { level: 'statistics', tabs: 2, before: STORED, to: 'off', after: NOTHING },
  { level: 'all', tabs: 1, before: STORED, to: 'none', after: NOTHING },
  { level: 'all', tabs: 2, before: STORED, to: 'none', after: NOTHING },
  { level: 'all', tabs: 1, before: STORED, to: 'off', after: NOTHING },
  { level: 'all', tabs: 2, before: STORED, to: 'off', after: NOTHING },
];
/** Where something is, whatever it holds at this moment. */
const placesOf = (dump: Dump): string[] => dump.map((line) => line.split(':')[0]!);
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

  /** Waits until the device holds just this; says what it holds otherwise. */
  const holds = async (on: Page, wanted: Dump, when: string): Promise<void> => {
    let last: Dump = [];
    await until(async () => String((last = await dumpOf(on))) === String(wanted), when).catch(() => {});
    expect(last, when).to.eql(wanted);
  };
  const track = (on: Page, count: number): Promise<unknown> =>
    on.evaluate(`for (let i = 0; i < ${count}; i++) lintel.track('x', { i })`);

  describe('a dump of the device, before and after', () => {
    for (const { level, tabs, before, to, after } of MATRIX)
      it(`${level} → ${to}, ${tabs === 1 ? 'one tab' : 'two tabs'}: ${before === STORED ? 'rows and ids' : 'nothing'}, then nothing`, async () => {
        const all = [page];
        if (tabs === 2) all.push(await context.newPage());
        for (const one of all) {
          await open(one, level);
          await settled(one, level);
        }
        if (level !== 'off') await until(() => double.ofType('page_view').length === tabs, 'the views');
        double.fault = cut;
        for (const one of all) await track(one, EVENTS);
        await holds(page, before, 'before');
        const askedAt = Date.now();
        await page.bringToFront();
        await consent(page, to);
        expect(Date.now() - askedAt, 'ms until it was gone').to.be.below(WITHIN_MS);
        for (const one of all) expect(await dumpOf(one), 'after').to.eql(after);
        // and it stays so, whatever the tabs do
        double.fault = null;
        for (const one of all) {
          await track(one, EVENTS);
          await one.evaluate('lintel.flush()');
          await one.waitForFunction(`lintel.consent() === "${to}"`);
          expect(await dumpOf(one), 'later').to.eql(after);
        }
        if (level === 'off') expect(double.received).to.eql([]);
      });
  });

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
          expect(placesOf(await dumpOf(page)), 'before').to.eql(placesOf(stores(from) ? STORED : NOTHING));
          if (network === 'offline') double.fault = cut;
          await page.evaluate(() => {
            for (let i = 0; i < 5; i++)
              (window as never as { lintel: { track(name: string): void } }).lintel.track('x');
          });
          await consent(page, to);
          await settled(page, to);
          expect(placesOf(await dumpOf(page)), 'after').to.eql(placesOf(stores(to) ? STORED : NOTHING));
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
    expect(await dumpOf(page)).to.eql(NOTHING);
    await second.evaluate(`lintel.track('later')`);
    await page.evaluate(`lintel.track('later')`);
    await until(() => double.ofType('custom').length === 2, 'events of both tabs');
    expect(await dumpOf(second)).to.eql(NOTHING);
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

  const SIGNALS: [name: string, property: string, value: unknown][] = [
    ['Global Privacy Control', 'globalPrivacyControl', true],
    ['Do Not Track', 'doNotTrack', '1'],
  ];
  const CAPPED: [site: Level, starts: Level][] = [
    ['off', 'off'],
    ['none', 'none'],
    ['statistics', 'none'],
    ['all', 'none'],
  ];
  for (const [signal, property, value] of SIGNALS)
    for (const [wish, starts] of CAPPED)
      it(`starts at ${starts} where the site says ${wish} and the browser sends ${signal}, until somebody answers`, async () => {
        await page.addInitScript(
          ([name, said]) => Object.defineProperty(navigator, name as string, { value: said }),
          [property, value],
        );
        await open(page, wish);
        expect(await page.evaluate('lintel.consent()')).to.equal(starts);
        await track(page, EVENTS);
        await page.evaluate('lintel.flush()');
        expect(await dumpOf(page)).to.eql(NOTHING);
        expect(new Set(double.received.map(({ batch }) => batch.consent))).to.eql(
          new Set(starts === 'off' ? [] : ['none']),
        );
        await consent(page, 'all');
        expect(await page.evaluate('lintel.consent()')).to.equal('all');
        await settled(page, 'all');
      });

  it('may be lowered by the collector, never raised', async () => {
    double.settings = { experiments: [], sampling: {}, off: [], pause: 0, level: 'none' };
    await open(page, 'statistics');
    await page.waitForFunction('lintel.consent() === "none"');
    await holds(page, NOTHING, 'lowered');
    double.settings = { ...double.settings, level: 'all' };
    await open(page, 'none');
    await until(() => double.ofType('vital').length > 0, 'the chunks');
    expect(await page.evaluate('lintel.consent()')).to.equal('none');
    expect(await dumpOf(page)).to.eql(NOTHING);
  });

  describe('a tab that slept through the withdrawal', () => {
    /** Two tabs; the first sleeps, the second withdraws. */
    const sleepAndWithdraw = async (sleep: () => Promise<unknown>): Promise<Page> => {
      await open(page, 'statistics');
      await settled(page, 'statistics');
      const second = await context.newPage();
      await open(second, 'statistics');
      await settled(second, 'statistics');
      await page.bringToFront();
      await sleep();
      await consent(second, 'none');
      expect(await dumpOf(second), 'while it sleeps').to.eql(NOTHING);
      return second;
    };
    /** Awake again it has fallen to `none`, tells what happens without ids, and makes nothing anew. */
    const expectForgotten = async (second: Page): Promise<void> => {
      await page.waitForFunction('window.lintel && lintel.consent && lintel.consent() === "none"');
      await page.evaluate(`lintel.track('awake'); lintel.select({ group: 'facade', option: 'wood' })`);
      await until(() => double.ofType('option_select').length === 1, 'the event after');
      const told = double.received.filter(({ batch }) =>
        (batch.events as { type: string }[]).some(({ type }) => type === 'option_select'),
      );
      expect(told.map(({ batch }) => [batch.consent, batch.visitor, batch.session])).to.eql([
        ['none', null, null],
      ]);
      expect(await page.evaluate('lintel.visitor()')).to.equal(null);
      for (const one of [page, second]) expect(await dumpOf(one)).to.eql(NOTHING);
    };

    it('frozen: falls to none, and makes no database anew', async () => {
      const devtools = await context.newCDPSession(page);
      const second = await sleepAndWithdraw(() =>
        devtools.send('Page.setWebLifecycleState', { state: 'frozen' }),
      );
      await devtools.send('Page.setWebLifecycleState', { state: 'active' });
      await expectForgotten(second);
    });

    // Chromium also evicts a cached page for reasons of its own (memory, time): what always costs the cache fails each time
    it('in the back/forward cache: comes back without consent, and makes no database anew', async () => {
      // routes do without the HTTP cache, which would answer with the page as it was
      await page.route('**/nothing', (route) => route.continue());
      const second = await sleepAndWithdraw(() => page.goto(`${site.url}/empty`));
      // Chromium throws a page out of its cache when a database goes whose last transaction ended while the page slept;
      // then it is loaded anew, and the site knows by now what the visitor wants
      site.options.attributes = 'data-consent="none"';
      await page.evaluate('history.back()').catch(() => {});
      await expectForgotten(second);
    }).retries(2);
  });
});
