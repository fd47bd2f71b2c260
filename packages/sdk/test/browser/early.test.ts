import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, launch, until } from '../support/browser.js';
import { startDouble, type Double } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';

/** Code that keeps the page's databases of these names from ever opening. */
const stuck = (...names: string[]): string => `{
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (name, ...rest) {
    if (!localStorage.free && ${JSON.stringify(names)}.includes(name)) return {};
    return open.call(this, name, ...rest);
  };
}`;

/** Code that keeps the ids from ever being read, while rows are written. */
const SLOW_IDS = `{
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (names, ...rest) {
    if (localStorage.free || String(names) !== 'values') return transaction.call(this, names, ...rest);
    return { objectStore: () => ({ get: () => ({}) }) };
  };
}`;

describe('a visitor who leaves before he is known', () => {
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
    site = await startSite({ collector: double.url, attributes: 'data-consent="statistics"' });
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
  const open = async (): Promise<void> => {
    await page.goto(site.url);
    await page.waitForFunction(() => 'select' in ((window as never as { lintel?: object }).lintel ?? {}));
  };
  const tell = (): Promise<unknown> =>
    page.evaluate(`lintel.track('early'); lintel.select({ group: 'facade', option: 'wood' })`);
  /** A consented stream with nobody in it would count as one more person. */
  const expectNobody = (): void => {
    for (const { batch } of double.received)
      expect(batch.visitor === null, `${batch.consent} ${String(batch.visitor)}`).to.equal(
        batch.consent === 'none',
      );
  };

  it('is told as a visit without ids when nothing could be kept either', async () => {
    await page.addInitScript(stuck('lintel'));
    await open();
    await tell();
    await page.goto(`${site.url}/empty`);
    await until(() => double.ofType('option_select').length === 1, 'the event');
    expect(double.ofType('custom').length).to.equal(1);
    expect(double.ofType('page_view').length).to.equal(1);
    expectNobody();
    const [{ batch }] = double.received as [(typeof double.received)[0]];
    expect(batch.consent).to.equal('none');
    expect(batch.page).not.to.have.any.keys('language', 'timeZone', 'screen');
  });

  it('is told by the next page, as the visitor he is, when the device has kept it', async () => {
    await page.addInitScript(SLOW_IDS);
    await open();
    await page.waitForFunction('lintel.stats().storage === "indexeddb"');
    await tell();
    await page.goto(`${site.url}/empty`);
    await page.evaluate(`localStorage.free = 1`);
    expectNobody();
    expect(double.ofType('option_select')).to.eql([]);
    await open();
    await until(() => double.ofType('option_select').length === 1, 'the event');
    expectNobody();
    const told = double.received.filter(({ batch }) => batch.events.length);
    expect(new Set(told.map(({ batch }) => batch.visitor)).size).to.equal(1);
    expect(new Set(told.map(({ batch }) => batch.consent))).to.eql(new Set(['statistics']));
  });

  it('is not told while he only looks away', async () => {
    await page.addInitScript(stuck('lintel'));
    await open();
    await tell();
    await page.evaluate(`Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'))`);
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
    expect(double.received).to.eql([]);
    expect(await page.evaluate('lintel.consent()')).to.equal('statistics');
  });
});
