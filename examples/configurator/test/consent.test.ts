import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startDemo, type Demo } from '../server/index.js';
import { complaintsOf, launch, leftOn, type Left } from './support/browser.js';
import { SITE_KEY, startStandIn, type StandIn } from './support/collector.js';

const NOTHING: Left = { cookies: '', local: [], session: [], databases: [], caches: [], workers: 0 };

describe('consent and the service worker', () => {
  let browser: Browser;
  let collector: StandIn;
  let demo: Demo;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  before(async () => {
    browser = await launch();
    collector = await startStandIn();
    demo = await startDemo({ port: 0, collectorUrl: collector.url, siteKey: SITE_KEY });
  });
  after(async () => {
    await browser.close();
    await demo.stop();
    await collector.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    complaints = complaintsOf(page);
  });
  afterEach(async () => {
    await context.close();
    expect(complaints).to.eql([]);
  });

  const active = (): Promise<boolean> =>
    page.evaluate(async () => (await navigator.serviceWorker.ready).active !== null);

  it('leaves nothing on the device while the question is open', async () => {
    await page.goto(demo.url);
    await page.locator('[data-lintel="model:nest-100"]').click();
    await page.locator('[data-lintel="facade:wood"] input').check();
    expect(await leftOn(page)).to.eql(NOTHING);
  });

  it('keeps only the answer when the answer is no', async () => {
    await page.goto(demo.url);
    await page.locator('[data-lintel="consent:none"]').click();
    await page.reload();
    await page.locator('h1').waitFor();
    expect(await page.locator('.consent').count()).to.equal(0);
    expect(await leftOn(page)).to.eql({ ...NOTHING, local: ['waldnest.consent'] });
  });

  it('tells the SDK the answer, and a remembered one on the next page', async () => {
    await page.goto(demo.url);
    await page.waitForFunction(() => 'calls' in window);
    await page.locator('[data-lintel="consent:statistics"]').click();
    const told = await page.evaluate(() => (window as unknown as { calls: string[][] }).calls);
    expect(told).to.deep.include(['consent', 'statistics']);
    await page.reload();
    await page.waitForFunction(() => 'calls' in window);
    const again = await page.evaluate(() => (window as unknown as { calls: string[][] }).calls);
    expect(again.filter(([name]) => name === 'consent')).to.eql([['consent', 'statistics']]);
  });

  it('configures and saves offline after consent to statistics', async () => {
    await page.goto(`${demo.url}/konfigurator?model=nest-100`);
    await page.locator('[data-lintel="consent:statistics"]').click();
    expect(await active()).to.equal(true);
    await context.setOffline(true);
    await page.reload();
    expect(await page.locator('h1').innerText()).to.equal('Ihr Haus');
    await page.locator('[data-lintel="facade:wood"] input').check();
    expect((await page.locator('.total').innerText()).replaceAll('\u00a0', ' ')).to.equal('€ 228.700');
    await page.locator('[data-lintel="configurator:save"]').click();
    expect((await leftOn(page)).local.sort()).to.eql(['waldnest.consent', 'waldnest.saved']);
    await page.goto(`${demo.url}/zusammenfassung?model=nest-160`);
    expect(await page.locator('h1').innerText()).to.equal('Nest.160');
    await context.setOffline(false);
  });

  it('takes everything away again when consent is withdrawn in the footer', async () => {
    await page.goto(demo.url);
    await page.locator('[data-lintel="consent:all"]').click();
    expect(await active()).to.equal(true);
    await page.locator('[data-lintel="footer:privacy"]').click();
    expect(await page.locator('[data-lintel="consent:all"]').getAttribute('aria-pressed')).to.equal('true');
    await page.locator('[data-lintel="consent:none"]').click();
    await page.waitForFunction(
      async () =>
        (await caches.keys()).length + (await navigator.serviceWorker.getRegistrations()).length === 0,
    );
    expect(await leftOn(page)).to.eql({ ...NOTHING, local: ['waldnest.consent'] });
  });
});
