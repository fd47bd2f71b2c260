import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { startDemo, type Demo } from '../server/index.js';
import { BUNDLED_CATALOGUE as catalogue } from '../src/catalogue.js';
import { fit, totalCents } from '../src/configuration.js';
import { formatCents } from '../src/money.js';
import { complaintsOf, launch, queued } from './support/browser.js';
import { SITE_KEY, startStandIn, vacantOrigin, type StandIn } from './support/collector.js';

const ROUTES = ['/', '/konfigurator', '/zusammenfassung', '/anfrage', '/danke'];
const price = (page: Page): Promise<string> => page.locator('.total').innerText();
const expected = (model: string, options: Record<string, string>): string =>
  formatCents(totalCents(catalogue, fit(catalogue, { model, options })), 'de', 'EUR');

describe('page', () => {
  let browser: Browser;
  let collector: StandIn;
  let demo: Demo;
  let alone: Demo;
  let page: Page;
  let complaints: string[];

  before(async () => {
    browser = await launch();
    collector = await startStandIn();
    demo = await startDemo({ port: 0, collectorUrl: collector.url, siteKey: SITE_KEY });
    alone = await startDemo({ port: 0, collectorUrl: await vacantOrigin(), siteKey: SITE_KEY });
  });
  after(async () => {
    await browser.close();
    await Promise.all([demo.stop(), alone.stop()]);
    await collector.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    complaints = complaintsOf(page);
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).to.eql([]);
  });

  it('shows the price of every choice at once', async () => {
    await page.goto(`${demo.url}/konfigurator?model=nest-100`);
    expect(await price(page)).to.equal(expected('nest-100', {}));
    await page.locator('[data-lintel="facade:wood"] input').check();
    expect(await price(page)).to.equal(expected('nest-100', { facade: 'wood' }));
    await page.locator('[data-lintel="photovoltaics:more"]').click();
    expect(await price(page)).to.equal(expected('nest-100', { facade: 'wood', photovoltaics: '4' }));
    await page.locator('[data-lintel="model:nest-160"] input').check();
    expect(await price(page)).to.equal(expected('nest-160', { facade: 'wood', photovoltaics: '4' }));
  });

  it('draws what was chosen', async () => {
    await page.goto(`${demo.url}/konfigurator?model=nest-80`);
    const scene = page.locator('.stage .scene');
    expect(await scene.getAttribute('data-facade')).to.equal('trapezoid');
    expect(await scene.locator('.panel').count()).to.equal(0);
    await page.locator('[data-lintel="facade:cement-white"] input').check();
    await page.locator('[data-lintel="photovoltaics:more"]').click();
    expect(await scene.getAttribute('data-facade')).to.equal('cement-white');
    expect(await scene.locator('.panel').count()).to.equal(1);
    expect(await scene.locator('title').first().textContent()).to.include(
      'Faserzement Weiß, Ohne Verkleidung',
    );
  });

  it('tells Lintel each choice, its configuration and its price, in that order', async () => {
    await page.goto(`${demo.url}/konfigurator?model=nest-100`);
    await page.waitForFunction(() => 'calls' in window);
    await page.locator('[data-lintel="floor:tiles"] input').check();
    const calls = await page.evaluate(
      () => (window as unknown as { calls: [string, Record<string, unknown>][] }).calls,
    );
    const priceCents = 21_690_000 + 1_080_000;
    expect(calls.slice(-3)).to.eql([
      [
        'select',
        {
          group: 'floor',
          option: 'tiles',
          previous: 'raw',
          priceDeltaCents: 1_080_000,
          catalogue: '2026-11',
        },
      ],
      [
        'config',
        {
          model: 'nest-100',
          options: {
            facade: 'trapezoid',
            interior: 'raw',
            floor: 'tiles',
            windows: 'pvc',
            photovoltaics: '0',
            heating: 'infrared',
          },
          priceCents,
          currency: 'EUR',
          catalogue: '2026-11',
          reason: 'change',
        },
      ],
      ['price', { priceCents, model: 'nest-100', currency: 'EUR', catalogue: '2026-11' }],
    ]);
  });

  it('queues the same as wire events while no SDK is there', async () => {
    await page.goto(`${alone.url}/konfigurator`);
    await page.locator('[data-lintel="floor:tiles"] input').check();
    const types = (await queued(page)).map(([type]) => type);
    expect(types).to.eql(['page_view', 'consent', 'config', 'option_select', 'config', 'price_view']);
  });

  it('works by keyboard alone and moves focus to the new heading', async () => {
    await page.goto(demo.url);
    await page.locator('[data-lintel="consent:none"]').press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.className)).to.equal('skip');
    await page.locator('[data-lintel="hero:start"]').focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).to.equal('H1');
    expect(new URL(page.url()).pathname).to.equal('/konfigurator');
    await page.locator('[data-lintel="facade:trapezoid"] input').focus();
    await page.keyboard.press('ArrowDown');
    expect(await price(page)).to.equal(expected('nest-80', { facade: 'wood' }));
    await page.locator('[data-lintel="configurator:summary"]').press('Enter');
    expect(await page.title()).to.equal('Zusammenfassung · Waldnest');
    await page.goBack();
    expect(await price(page)).to.equal(expected('nest-80', { facade: 'wood' }));
  });

  it('keeps the house through reload, in the address only', async () => {
    await page.goto(`${demo.url}/konfigurator`);
    await page.locator('[data-lintel="windows:wood"] input').check();
    await page.reload();
    expect(await price(page)).to.equal(expected('nest-80', { windows: 'wood' }));
    expect(await page.evaluate(() => Object.keys(localStorage))).to.eql([]);
  });

  it('saves a house on this device when asked to, and opens it again', async () => {
    await page.goto(`${demo.url}/konfigurator?model=nest-140&floor=parquet`);
    await page.locator('[data-lintel="configurator:save"]').click();
    await page.locator('[data-lintel="header:home"]').click();
    await page.locator('[data-lintel="saved:open"]').click();
    expect(await price(page)).to.equal(expected('nest-140', { floor: 'parquet' }));
    await page.locator('[data-lintel="header:home"]').click();
    await page.locator('[data-lintel="saved:remove"]').click();
    await page.reload();
    expect(await page.locator('[data-lintel="saved:open"]').count()).to.equal(0);
  });

  it('speaks English when asked to', async () => {
    await page.goto(`${demo.url}/konfigurator?model=nest-100`);
    await page.locator('[data-lintel="header:language"]').click();
    expect(await page.locator('h1').innerText()).to.equal('Your house');
    expect(await page.getAttribute('html', 'lang')).to.equal('en');
    await page.locator('[data-lintel="configurator:summary"]').click();
    expect(await page.locator('.eyebrow').innerText()).to.equal('Summary');
  });

  it('sends an inquiry and shows its reference', async () => {
    await page.goto(`${demo.url}/anfrage?model=nest-120&facade=wood`);
    await page.locator('[data-lintel="inquiry:send"]').click();
    expect(await page.locator('#name-error').innerText()).to.equal('Bitte ausfüllen.');
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal('name');
    await page.locator('#name').fill('Anna Berger');
    await page.locator('#email').fill('anna@example.at');
    await page.locator('[data-lintel="inquiry:send"]').click();
    await page.locator('.reference').waitFor();
    expect(new URL(page.url()).pathname).to.equal('/danke');
    expect(await page.locator('.reference').innerText()).to.include('0b6f2f0e-6f0a-4d5c-9d5c-1f2e3d4c5b6a');
    const sent = collector.inquiries.at(-1)!;
    expect(sent).to.include({
      key: SITE_KEY,
      model: 'nest-120',
      priceCents: 26_306_000,
      currency: 'EUR',
      website: '',
    });
    expect(sent['contact']).to.include({ name: 'Anna Berger', email: 'anna@example.at' });
    const calls = await page.evaluate(() => (window as unknown as { calls: [string, object][] }).calls);
    expect(calls.filter(([name]) => name === 'inquiry')).to.eql([
      ['inquiry', { id: '0b6f2f0e-6f0a-4d5c-9d5c-1f2e3d4c5b6a', model: 'nest-120', priceCents: 26_306_000 }],
    ]);
  });

  it('goes all the way without a collector, the inquiry as an e-mail', async () => {
    await page.goto(alone.url);
    await page.locator('[data-lintel="consent:all"]').click();
    await page.locator('[data-lintel="model:nest-100"]').click();
    await page.locator('[data-lintel="heating:heat-pump"] input').check();
    await page.locator('[data-lintel="configurator:summary"]').click();
    await page.locator('[data-lintel="summary:inquire"]').click();
    await page.locator('#name').fill('Anna Berger');
    await page.locator('#email').fill('anna@example.at');
    await page.locator('[data-lintel="inquiry:send"]').click();
    const mail = await page.locator('[data-lintel="thanks:mail"]').getAttribute('href');
    expect(decodeURIComponent(mail!)).to.include('Anna Berger').and.to.include('heating=heat-pump');
    const inquiry = (await queued(page)).find(([type]) => type === 'inquiry')!;
    expect(inquiry[1]).to.eql({ model: 'nest-100', priceCents: 21_690_000 + 1_520_000 });
  });

  it('shows what the SDK says about itself with ?debug', async () => {
    await page.goto(`${demo.url}/konfigurator?debug`);
    await page.waitForFunction(() => 'calls' in window);
    await page.locator('[data-lintel="debug:toggle"]').click();
    await page.waitForFunction(() =>
      document.querySelector('.debug-numbers')?.textContent?.includes('"generated"'),
    );
  });

  for (const width of [390, 820, 1440]) {
    it(`fits into ${width} pixels without scrolling sideways`, async () => {
      await page.setViewportSize({ width, height: 900 });
      for (const path of ROUTES) {
        await page.goto(demo.url + path);
        await page.locator('h1').waitFor();
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(over, path).to.equal(0);
      }
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility fault that axe can find, ${colorScheme}`, async () => {
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const path of ROUTES) {
        await page.goto(demo.url + path);
        await page.locator('h1').waitFor();
        await page.evaluate(axe);
        const found = await page.evaluate(async () => {
          const { violations } = await (
            window as unknown as {
              axe: {
                run(): Promise<{
                  violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
                }>;
              };
            }
          ).axe.run();
          return violations.map(
            ({ id, nodes }) =>
              `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
          );
        });
        expect(found, path).to.eql([]);
      }
    });
  }
});
