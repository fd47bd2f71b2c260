import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { pinnedHost } from '../testing/mini-host/bundle.js';
import type { MiniHost } from '../testing/mini-host/server/index.js';
import { testIds } from '../src/testIds.js';
import { launch } from './support/browser.js';
import { openPage, panelText, startHost, violations } from './support/hostPage.js';
import { expectedOf, visitTo } from './support/visits.js';
import { startWorld, type World } from './support/world.js';

const HOME = '/a/lintel-app/home';
const pictures = fileURLToPath(new URL('../../../tests/output/plugin/', import.meta.url));

const VISITS = [
  { step: 1, agoS: 30 },
  { step: 2, agoS: 60 },
  { step: 3, agoS: 90 },
  { step: 4, agoS: 400 },
  { step: 5, agoS: 120 },
  { step: 5, agoS: 500 },
];
const EXPECTED = expectedOf(VISITS);

interface RealTime {
  visitors5m: number;
  steps: { step: string; visitors: number }[];
}
interface Funnel {
  steps: { step: string; n: number }[];
}
interface Overview {
  totals: { inquiries: number };
}
interface Quality {
  streams: { generated: number; stored: number };
}

describe('Home, in the mini-host, in Chromium', () => {
  let world: World;
  let host: MiniHost;
  let browser: Browser;
  let away = false;

  before(async function () {
    this.timeout(120_000);
    await mkdir(pictures, { recursive: true });
    world = await startWorld();
    await world.visit(VISITS.map(({ step, agoS }) => visitTo(step, agoS)));
    host = await startHost(pinnedHost(), world, () =>
      away ? { ...world.reader(), url: 'http://127.0.0.1:1' } : world.reader(),
    );
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
    await world?.stop();
  });

  /** Since midnight in the zone of the site, as the page asks. */
  const today = (): { from: string; to: string } => {
    const now = new Date();
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Vienna', timeStyle: 'medium' }).format(
      now,
    );
    const [hours, minutes, seconds] = clock.split(':').map(Number);
    const midnight =
      now.getTime() - ((hours! * 60 + minutes!) * 60 + seconds!) * 1000 - now.getMilliseconds();
    return { from: String(midnight), to: String(now.getTime()) };
  };

  it('shows the numbers that the admin API answers', async () => {
    const { page, complaints, close } = await openPage(browser, host, HOME);
    await page.getByTestId(testIds.home.sentence).filter({ hasText: 'Visitors now' }).waitFor();
    await page.getByTestId(testIds.home.captured).filter({ hasText: 'generated' }).waitFor();
    const range = today();
    const [now, funnel, overview, quality] = await Promise.all([
      world.ask<RealTime>('real-time'),
      world.ask<Funnel>('conversion-funnel', { ...range, window: '86400' }),
      world.ask<Overview>('overview', range),
      world.ask<Quality>('data-quality', range),
    ]);
    // the API is not compared with itself: the visits say what both must say
    expect(now.visitors5m).to.equal(EXPECTED.visitorsNow);
    expect(funnel.steps.map(({ step, n }) => ({ step, visitors: n }))).to.deep.equal(EXPECTED.funnel);

    expect(await panelText(page, 'Visitors now')).to.equal(String(now.visitors5m));
    expect(await panelText(page, 'Events in 30 minutes')).to.equal(String(EXPECTED.events));
    expect(await panelText(page, 'Configuring now')).to.equal(String(EXPECTED.configuringNow));
    expect(await panelText(page, 'At the price now')).to.equal(String(EXPECTED.atPriceNow));
    expect(await panelText(page, 'Inquiries today')).to.equal(String(overview.totals.inquiries));
    const bars = (await panelText(page, 'How far visitors came today')).split(/\n+/);
    expect(bars.filter((_, index) => index % 2 === 1).map(Number)).to.deep.equal(
      funnel.steps.map(({ n }) => n),
    );
    expect(bars[0]).to.equal('Looking around');
    const live = (await panelText(page, 'What visitors do, last 30 minutes')).split(/\n+/);
    expect(live.filter((_, index) => index % 2 === 1).map(Number)).to.deep.equal(
      ['page_view', 'option_select', 'price_view', 'config', 'inquiry'].map(
        (step) => now.steps.find((one) => one.step === step)!.visitors,
      ),
    );
    expect(await page.getByTestId(testIds.home.captured).innerText()).to.equal(
      `${quality.streams.stored} of ${quality.streams.generated} generated`,
    );
    expect(await panelText(page, 'Capture rate today')).to.contain('100.0%');
    expect(await page.getByTestId(testIds.home.sentence).innerText()).to.equal(
      `Visitors now: ${now.visitors5m}, of them choosing options: ${EXPECTED.configuringNow}. Inquiries today: ${overview.totals.inquiries}.`,
    );
    expect(complaints).to.deep.equal([]);
    expect(host.unknown).to.deep.equal([]);
    await close();
  });

  for (const theme of ['dark', 'light'] as const) {
    it(`has no accessibility violation and no complaint in the ${theme} theme, in German`, async () => {
      const { page, complaints, close } = await openPage(browser, host, HOME, {
        theme,
        language: 'de-DE',
        role: 'Viewer',
      });
      await page.getByTestId(testIds.home.captured).filter({ hasText: 'von' }).waitFor();
      expect(await panelText(page, 'Besucher jetzt')).to.equal(String(EXPECTED.visitorsNow));
      await page.screenshot({ path: `${pictures}home-${theme}.png` });
      expect(await violations(page)).to.deep.equal([]);
      expect(complaints).to.deep.equal([]);
      await close();
    });
  }

  it('asks each statement once a refresh', async () => {
    host.requests.length = 0;
    const { page, close } = await openPage(browser, host, HOME);
    await page.getByTestId(testIds.home.captured).filter({ hasText: 'generated' }).waitFor();
    const panels = host.requests.filter(({ statements }) => statements.length > 1);
    const first = panels.flatMap(({ statements }) => statements.map((sql) => /lintel\.(\w+)/.exec(sql)![1]));
    expect(new Set(first).size).to.equal(7);
    await close();
  });

  it('says what is wrong while the database is away, and shows numbers again afterwards', async () => {
    const { page, close } = await openPage(browser, host, HOME);
    const sentence = page.getByTestId(testIds.home.sentence);
    await sentence.filter({ hasText: 'Visitors now' }).waitFor();
    away = true;
    await sentence.filter({ hasText: 'cannot be read' }).waitFor();
    away = false;
    await sentence.filter({ hasText: 'Visitors now' }).waitFor();
    await close();
  });

  it('stands still while it is paused', async () => {
    const { page, close } = await openPage(browser, host, HOME);
    await page.getByTestId(testIds.home.sentence).filter({ hasText: 'Visitors now' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    const before = host.requests.length;
    await page.waitForTimeout(6000);
    expect(host.requests.length).to.equal(before);
    await page.getByRole('button', { name: 'Resume' }).press('Enter');
    await page.waitForResponse(/ds\/query/);
    await close();
  });

  it('warns when events are missing', async () => {
    await world.visit([visitTo(2, 40, 40)]);
    const { page, close } = await openPage(browser, host, HOME);
    const stored = EXPECTED.events + 4;
    await page
      .getByRole('alert')
      .filter({
        hasText: `Data is missing: ${stored} of ${EXPECTED.generated + 40} events of today are stored.`,
      })
      .waitFor();
    await close();
  });
});
