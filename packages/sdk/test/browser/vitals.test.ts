import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch, until } from '../support/browser.js';
import { startDouble, type Double } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';

const ATTRIBUTION = createRequire(import.meta.url)
  .resolve('web-vitals')
  .replace(/[^/]*$/, 'web-vitals.attribution.iife.js');
/** web-vitals itself, on the same page; what it tells is written down at once, as it may be the last thing of a page. */
const THEIRS = `${readFileSync(ATTRIBUTION, 'utf8')};
  if (location.pathname !== '/empty') for (const on of ['onCLS', 'onFCP', 'onINP', 'onLCP', 'onTTFB'])
    webVitals[on](({ name, value, delta, rating, navigationType: nav, attribution: all }) => {
      const attribution = {};
      for (const key in all) if (typeof all[key] !== 'object') attribution[key] = all[key];
      const told = JSON.parse(sessionStorage.told ?? '[]');
      sessionStorage.told = JSON.stringify([...told, { name, value, delta, rating, nav, attribution }]);
    }, { reportSoftNavs: true, generateTarget: (node) => node?.id && '#' + node.id });`;
const BODY = `<h1 id="title" style="font-size: 60px">A house</h1>
<button id="slow">Slow</button><button id="route">Route</button>
<main id="main"><p id="text">Text</p></main>
<script>
  const wait = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
  slow.onclick = () => wait(60 + Math.random() * 60);
  route.onclick = () => { wait(50); history.pushState({}, '', '/route'); main.innerHTML = '<h2 id="large" style="font-size: 80px">Another house altogether</h2>'; };
  const shift = (px) => title.before(Object.assign(document.createElement('div'), { style: 'height: ' + px + 'px' }));
</script>`;

const ALL = ['CLS', 'FCP', 'INP', 'LCP', 'TTFB'];

interface Vital {
  name: string;
  value: number;
  delta: number;
  rating: string;
  nav: string;
  attribution: Record<string, unknown>;
}

const isRestored = ({ name, nav }: Vital): boolean =>
  nav === 'back-forward-cache' && (name === 'FCP' || name === 'LCP');

describe('vitals', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let double: Double;
  let site: Site;
  let theirs: Vital[];

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  beforeEach(async () => {
    double = await startDouble();
    site = await startSite({ collector: double.url, body: BODY });
    context = await browser.newContext();
    await context.addInitScript(THEIRS);
    page = await context.newPage();
    theirs = [];
  });
  afterEach(async () => {
    await context.close();
    await site.stop();
    await double.stop();
    expect(double.refused).to.eql([]);
  });

  const round = ({ name }: Vital, value: unknown): unknown => {
    const digits = name === 'CLS' ? 1e4 : 10;
    return typeof value === 'number' ? Math.round(value * digits) / digits : value;
  };
  /** A vital in the form of the wire; of the attribution what both tell, as far as there is something to tell. */
  const told = (of: readonly Vital[]): object[] =>
    of
      .map((vital) => (isRestored(vital) ? { ...vital, value: 0, delta: 0, attribution: {} } : vital))
      .map((vital) => ({
        ...{ name: vital.name, rating: vital.rating, nav: vital.nav },
        value: round(vital, vital.value),
        delta: round(vital, vital.delta),
        attribution: Object.fromEntries(
          Object.entries(vital.attribution)
            .filter(([key, value]) => value && KEYS.test(key))
            .map(([key, value]) => [key, round(vital, value)])
            .sort(),
        ),
      }))
      .sort((p, q) => (JSON.stringify(p) < JSON.stringify(q) ? -1 : 1));
  const KEYS =
    /^(timeToFirstByte|firstByteToFCP|largestShift|interactionT|nextPaint|input|processingD|presentation|element|resourceLoad|target|waiting|cache|dns|connection|request|loadState)/;
  const ours = (): Vital[] => double.ofType('vital') as never;

  const ready = async (): Promise<void> => {
    await page.waitForFunction(() => 'select' in ((window as never as { lintel?: object }).lintel ?? {}));
    await until(() => ours().some(({ name }) => name === 'TTFB'), 'the chunk');
  };
  const act = async (clicks: number): Promise<void> => {
    await page.evaluate('shift(40)');
    for (let n = 0; n < clicks; n++) await page.click('#slow');
    await page.keyboard.press('Tab');
    // by now the shifts are none that the visitor asked for
    await page.waitForTimeout(700);
    await page.evaluate('shift(90)');
    await page.waitForTimeout(300);
  };
  /** Away, and everything is told. */
  const leave = async (): Promise<void> => {
    await page.goto(`${site.url}/empty`);
    theirs = JSON.parse(await page.evaluate('sessionStorage.told')) as Vital[];
    await until(() => ours().length >= theirs.length, 'what was told last', 5000).catch(() => {});
  };
  const agree = (): void => {
    expect(told(ours())).to.eql(told(theirs));
    // a page that comes back has no entries: both look at the clock themselves, one after the other in one frame
    for (const { name, value } of theirs.filter(isRestored))
      expect(
        ours()
          .filter(isRestored)
          .find((one) => one.name === name)!.value,
      ).to.be.closeTo(value, 10);
  };

  it('are those of web-vitals: a load, and a page that comes back', async () => {
    await page.goto(site.url);
    await ready();
    await act(60);
    await leave();
    agree();
    expect(theirs.map(({ name }) => name)).to.have.members(ALL);
    await page.evaluate('history.back()').catch(() => {});
    await page.waitForFunction('window.lintel');
    await page.waitForTimeout(500);
    await act(3);
    await leave();
    agree();
    expect(theirs.filter(({ nav }) => nav === 'back-forward-cache').map(({ name }) => name)).to.have.members(
      ALL,
    );
  }).retries(2);

  it('are those of web-vitals: routes', async () => {
    await page.goto(site.url);
    await ready();
    await act(2);
    await page.click('#route');
    await page.waitForTimeout(700);
    await act(2);
    await leave();
    agree();
    expect(theirs.filter(({ nav }) => nav === 'soft-navigation').map(({ name }) => name)).to.have.members(
      ALL,
    );
  });
});
