import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, launch, until } from '../support/browser.js';
import { startDouble, type Double } from '../support/collector.js';
import { dumpOf } from '../support/dump.js';
import { startSite, type Site } from '../support/site.js';
import { gapsOf } from '../support/streams.js';

describe('script tag', () => {
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
    site = await startSite({ collector: double.url, policy: true });
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
  const ready = (): Promise<unknown> =>
    page.waitForFunction(() => 'select' in (window as never as { lintel: object }).lintel);
  const call = (code: string): Promise<unknown> => page.evaluate(code);

  it('runs under a strict policy with Trusted Types, and tells a visit without a gap', async () => {
    await page.goto(site.url);
    await ready();
    await until(() => double.ofType('vital').length > 0, 'the vitals chunk');
    await page.click('#choose');
    await call(
      `lintel.select({ group: 'facade', option: 'wood' }); lintel.price({ priceCents: 18900000, currency: 'EUR' })`,
    );
    await call(
      `lintel.config({ model: 'm', options: { facade: 'wood' }, priceCents: 18900000, reason: 'change' })`,
    );
    await call(`lintel.track('brochure', { pages: 12 }); lintel.inquiry({ id: 'secret', model: 'm' })`);
    await until(
      () => double.ofType('vital').some(({ name }) => name === 'option_to_price'),
      'a painted price',
    );
    await page.goto(`${site.url}/empty`);
    await until(() => double.ended.size === 1, 'the end of the stream');
    const types = [...double.stored.values()].map(({ type }) => type);
    expect(types).to.include.members([
      'page_view',
      'click',
      'option_select',
      'price_view',
      'config',
      'custom',
      'inquiry',
      'page_leave',
      'vital',
    ]);
    expect(gapsOf(double)).to.eql([]);
    const [click] = double.ofType('click');
    expect(double.ofType('option_select')[0]!['after']).to.equal(click!.seq);
    expect(double.ofType('vital').map(({ name }) => name)).to.include.members([
      'FCP',
      'TTFB',
      'LCP',
      'CLS',
      'option_to_price',
    ]);
    // an inquiry is joined at level `all` only
    expect(double.ofType('inquiry')[0]).not.to.have.property('id');
    expect(double.received[0]!.batch).to.include({
      visitor: null,
      session: null,
      consent: 'none',
      key: 'pk_test',
    });
  });

  it('adopts the queue of the stub as its own first events', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/sdk/lintel.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(site.url, { waitUntil: 'commit' });
    await page.waitForSelector('#choose');
    await call(
      `lintel('option_select', { group: 'facade', option: 'wood' }); lintel('consent', 'statistics')`,
    );
    const stream = await call('lintel.s');
    release();
    await ready();
    await until(() => double.ofType('option_select').length === 1, 'the queue');
    expect(double.received[0]!.batch.consent).to.equal('none');
    expect(double.stored.get(`${stream as string}:0`)).to.include({ type: 'page_view', nav: 'load' });
    expect(double.stored.get(`${stream as string}:1`)).to.include({ type: 'option_select', option: 'wood' });
    expect(await call('lintel.consent()')).to.equal('statistics');
  });

  it('is rescued by the stub when the visitor leaves before it came, once however late it comes', async () => {
    await page.route('**/sdk/lintel.js', () => new Promise(() => {}));
    await page.goto(site.url, { waitUntil: 'commit' });
    await page.waitForSelector('#choose');
    await call(`lintel('custom', { name: 'early' })`);
    await page.goto(`${site.url}/empty`);
    await until(() => double.stored.size === 2, 'the rescue');
    expect(double.received[0]!.batch).to.include({ sdk: 'stub', consent: 'none' });
    expect([...double.stored.values()].map(({ seq, type }) => [seq, type])).to.eql([
      [0, 'page_view'],
      [1, 'custom'],
    ]);
  });

  it('sees routes, not query churn, and tells the address that was reached', async () => {
    await page.goto(site.url);
    await ready();
    await call(
      `history.pushState({}, '', '/a?x=1'); history.replaceState({}, '', '/a?x=2'); history.pushState({}, '', '/b')`,
    );
    await page.goBack();
    await until(() => double.ofType('page_view').length === 4, 'four views');
    const views = double.ofType('page_view').sort((p, q) => p.seq - q.seq);
    expect(views.map(({ path, nav, from }) => [path, nav, from])).to.eql([
      ['/', 'load', undefined],
      ['/a', 'route', '/'],
      ['/b', 'route', '/a'],
      ['/a', 'route', '/b'],
    ]);
  });

  it('sees routes without the Navigation API, from before the late chunk came too', async () => {
    await page.addInitScript(`window.navigation = undefined`);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/sdk/lintel-signals.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(site.url);
    await ready();
    expect(await call(`typeof navigation`)).to.equal('undefined');
    await call(`history.pushState({}, '', '/early')`);
    release();
    await until(() => double.ofType('page_view').length === 2, 'the route from before');
    await call(`history.pushState({}, '', '/late'); history.replaceState({}, '', '/late?x=1')`);
    await until(() => double.ofType('page_view').length === 3, 'the patched route');
    await page.goBack();
    await until(() => double.ofType('page_view').length === 4, 'the way back');
    const views = double.ofType('page_view').sort((p, q) => p.seq - q.seq);
    expect(views.map(({ path, nav, from }) => [path, nav, from])).to.eql([
      ['/', 'load', undefined],
      ['/early', 'route', '/'],
      ['/late', 'route', '/early'],
      ['/early', 'route', '/late'],
    ]);
    await call(`lintel.shutdown()`);
    expect(await call(`history.pushState.toString().includes('native code')`)).to.equal(true);
  });

  // Chromium also evicts a cached page for reasons of its own (memory, time): what always costs the cache fails each time
  it('goes into the back/forward cache with everything on, and comes back as a new stream with one more view', async () => {
    site.options.attributes = 'data-consent="all" data-hash data-console';
    await page.addInitScript(
      `addEventListener('pageshow', ({ persisted }) => (window.restored = persisted))`,
    );
    await page.goto(site.url);
    await ready();
    await until(() => double.ofType('vital').length > 0, 'the vitals chunk');
    await page.waitForFunction('lintel.stats().storage === "indexeddb"');
    await page.click('#choose');
    await call(`lintel.track('before'); lintel.experiment('hero')`);
    await page.goto(`${site.url}/empty`);
    await until(() => double.ended.size === 1, 'the end of the stream');
    await page.evaluate('history.back()').catch(() => {});
    await ready();
    expect(await call('restored')).to.equal(true);
    expect(await call(`performance.getEntriesByType('navigation')[0].notRestoredReasons`)).to.equal(null);
    await until(() => double.ofType('page_view').length === 2, 'the second view');
    const [, second] = double.ofType('page_view');
    expect(double.ofType('page_view').map(({ nav, seq }) => [nav, seq])).to.eql([
      ['load', 0],
      ['bfcache', 0],
    ]);
    expect(second).not.to.have.property('from');
    await call(`lintel.track('after')`);
    await until(() => double.ofType('custom').length === 2, 'the event after');
    await until(
      () => double.ofType('vital').some(({ nav }) => nav === 'back-forward-cache'),
      'vitals of the second life',
    );
    const streams = double.streamsOf('vital');
    expect(
      streams.filter(({ event }) => event['nav'] === 'back-forward-cache').map(({ stream }) => stream),
    ).not.to.include(streams[0]!.stream);
    expect(new Set(double.received.map(({ batch }) => batch.visitor)).size).to.equal(1);
    expect(new Set(double.received.map(({ batch }) => batch.session)).size).to.equal(1);
    expect(await call('lintel.stats().storage')).to.equal('indexeddb');
    // nobody told twice, nothing lost between the two lives
    expect(double.ofType('page_view').length).to.equal(2);
    expect(gapsOf(double)).to.eql([]);
  }).retries(2);

  // Chromium also evicts a cached page for reasons of its own (memory, time): what always costs the cache fails each time
  it('lets go of its lock when it goes to sleep, so that other tabs do not cost the cache its page', async () => {
    site.options.attributes = 'data-consent="statistics"';
    // a collector that never answers: the lock is held when the page leaves
    double.fault = () => true;
    await page.goto(site.url);
    await ready();
    await page.waitForFunction('lintel.stats().storage === "indexeddb"');
    await call(`lintel.track('before')`);
    await page.waitForFunction(async () => ((await navigator.locks.query()).held ?? []).length === 1);
    await page.goto(`${site.url}/empty`);
    const second = await context.newPage();
    await second.goto(site.url);
    await second.waitForFunction(async () => ((await navigator.locks.query()).held ?? []).length === 1);
    await page.evaluate('history.back()').catch(() => {});
    await page.waitForFunction('window.lintel && lintel.track');
    expect(
      await call(
        `performance.getEntriesByType('navigation')[0].notRestoredReasons?.reasons.map(({ reason }) => reason) ?? null`,
      ),
    ).to.equal(null);
    double.fault = null;
  }).retries(2);

  it('counts what it gives up, and leaves nothing behind at shutdown', async () => {
    await page.goto(site.url);
    await ready();
    await call(
      `lintel.track('bad', { a: { b: { c: { d: { e: { f: 1 } } } } } }); lintel.price({ priceCents: -1 })`,
    );
    await call(`for (let i = 0; i < 150; i++) lintel.track('burst', { i })`);
    const stats = (await call('lintel.flush()')) as { dropped: object; generated: number };
    const { capped, ...others } = stats.dropped as { capped: number };
    expect(others).to.eql({ invalid: 2 });
    expect(capped).to.be.within(30, 52);
    await until(() => double.ofType('custom').length === 150 - capped, 'the burst');
    await call(`lintel.shutdown().then(() => history.pushState({}, '', '/gone'))`);
    expect(
      await call(
        `fetch.toString().includes('native code') && XMLHttpRequest.prototype.send.toString().includes('native code')`,
      ),
    ).to.equal(true);
    expect(await dumpOf(page)).to.eql([]);
  });
});
