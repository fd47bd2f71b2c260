import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, launch, until } from '../support/browser.js';
import { startDouble, type Double } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';

const FILES = ['lintel.js', 'lintel-signals.js', 'lintel-vitals.js'];

describe('policy and integrity', () => {
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
    await page.addInitScript(`window.violations = [];
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        violations.push(violatedDirective + ' ' + blockedURI))`);
  });
  afterEach(async () => {
    await context.close();
    await site.stop();
    await double.stop();
    expect(double.refused).to.eql([]);
  });
  const ready = (): Promise<unknown> =>
    page.waitForFunction(() => 'select' in ((window as never as { lintel?: object }).lintel ?? {}));
  const names = (): string[] => double.served.map((path) => path.replace('/sdk/', ''));

  it('violates nothing under a strict policy with Trusted Types, with everything loaded and used', async () => {
    site.options.attributes = 'data-consent="all" data-hash data-console';
    await page.goto(site.url);
    await ready();
    await until(() => double.ofType('vital').length > 0, 'the vitals');
    await page.click('#choose');
    await until(() => double.ofType('click').length === 1, 'the click');
    await page.evaluate(`lintel.error(new Error('told')); lintel.experiment('hero')`);
    await page.evaluate(`lintel.consent('off').then(() => lintel.consent('all'))`);
    await page.evaluate('lintel.flush()');
    expect(new Set(names())).to.eql(new Set(FILES));
    expect(await page.evaluate('violations')).to.eql([]);
    expect(await page.evaluate('lintel.stats().faults')).to.equal(0);
    expect(complaints).to.eql([]);
  });

  it('goes on without chunks where the site does not allow its Trusted Types policy', async () => {
    site.options.policy = 'no lintel';
    await page.goto(site.url);
    await ready();
    await page.evaluate(`lintel.track('still')`);
    await until(() => double.ofType('custom').length === 1, 'the event');
    expect(double.ofType('page_view').length).to.equal(1);
    expect(names()).to.eql(['lintel.js']);
    expect(complaints.filter((text) => !/Trusted ?Type/i.test(text))).to.eql([]);
  });

  it('refuses a chunk that somebody changed, and goes on with the core', async () => {
    let asked = 0;
    await page.route('**/sdk/lintel-signals.js', async (route) => {
      asked++;
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: `window.stolen = true;${await answer.text()}` });
    });
    await page.goto(site.url);
    await ready();
    await until(() => complaints.some((text) => /integrity/.test(text)), "the browser's refusal");
    await page.click('#choose');
    await page.evaluate(`lintel.track('still'); lintel.select({ group: 'facade', option: 'wood' })`);
    await until(() => double.ofType('option_select').length === 1, 'the calls');
    expect(await page.evaluate('typeof stolen')).to.equal('undefined');
    expect(double.ofType('click')).to.eql([]);
    expect(await page.evaluate('lintel.stats().faults')).to.be.above(0);
    // one more attempt, not a loop
    await until(() => asked === 2, 'the second attempt');
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(asked).to.equal(2);
    expect(complaints.filter((text) => !/integrity/.test(text))).to.eql([]);
  });

  it('is not run when somebody changed the core: the page and the stub go on', async () => {
    await page.route('**/sdk/lintel.js', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: `window.stolen = true;${await answer.text()}` });
    });
    await page.goto(site.url);
    await until(() => complaints.some((text) => /integrity/.test(text)), "the browser's refusal");
    expect(await page.evaluate('typeof stolen')).to.equal('undefined');
    await page.evaluate(`lintel('custom', { name: 'queued' })`);
    await page.goto(`${site.url}/empty`);
    await until(() => double.ofType('custom').length === 1, 'the rescue');
    expect(double.received[0]!.batch).to.include({ sdk: 'stub', consent: 'none' });
  });

  it('tries a chunk that did not load once more when the network is back, and misses no click', async () => {
    let asked = 0;
    await page.route('**/sdk/lintel-signals.js', async (route) => {
      if (asked++ === 0) await route.abort();
      else await route.continue();
    });
    await page.goto(site.url);
    await ready();
    await until(() => asked === 1, 'the first attempt');
    await page.click('#choose');
    await page.evaluate(`dispatchEvent(new Event('online'))`);
    await until(() => double.ofType('click').length === 1, 'the click that was kept');
    expect(asked).to.equal(2);
    expect(double.ofType('click')[0]).to.include({ label: 'facade:wood' });
  });
});
