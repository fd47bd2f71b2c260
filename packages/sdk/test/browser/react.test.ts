import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch, until } from '../support/browser.js';
import { bundled } from '../support/bundle.js';
import { startDouble, type Double } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';

/** A site in React with the ESM build: StrictMode runs every effect twice. */
const SITE = `
import { createElement as h, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { init } from '@lintel/sdk';
import { errors } from '@lintel/sdk/capture/errors';
import { visibility } from '@lintel/sdk/capture/visibility';
import { LintelBoundary, LintelProvider, useExperiment, useLintel, useSeen } from '@lintel/sdk/react';

const Hero = () => {
  const arm = useExperiment('hero', 3000);
  return h('h2', { id: 'hero' }, arm ?? 'reserved');
};
const Summary = () => h('section', { id: 'summary', ref: useSeen('summary'), style: { height: 100 } }, 'sum');
const Choice = () => {
  const lintel = useLintel();
  return h('button', { id: 'wood', onClick: () => lintel.select({ group: 'facade', option: 'wood' }) }, 'wood');
};
const Broken = ({ broken }) => {
  if (broken) throw new TypeError('no price');
  return h('i', null, 'fine');
};
const App = () => {
  const [broken, setBroken] = useState(false);
  const [shown, setShown] = useState(true);
  Object.assign(window, { setBroken, setShown });
  return shown && h(LintelBoundary, { fallback: h('b', { id: 'sorry' }, 'sorry') },
    h(Hero), h(Summary), h(Choice), h(Broken, { broken }));
};
window.client = init({ key: 'pk_test', endpoint: COLLECTOR, unit: 'somebody', capture: [errors, visibility] });
const root = createRoot(document.getElementById('root'));
root.render(h(StrictMode, null, h(LintelProvider, { client: window.client }, h(App))));
`;

describe('React', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let double: Double;
  let site: Site;

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  beforeEach(async () => {
    double = await startDouble();
    double.settings = {
      experiments: [
        {
          name: 'hero',
          version: 1,
          salt: 's',
          traffic: 10_000,
          arms: [
            { name: 'control', weight: 0 },
            { name: 'large', weight: 10_000 },
          ],
        },
      ],
      sampling: {},
      off: [],
      pause: 0,
      level: null,
    };
    const script = await bundled(SITE.replace('COLLECTOR', JSON.stringify(double.url)));
    site = await startSite({ collector: double.url, stub: false, tag: false, body: '<div id="root"></div>' });
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(site.url);
    await page.addScriptTag({ content: script });
  });
  afterEach(async () => {
    await context.close();
    await site.stop();
    await double.stop();
    expect(double.refused).to.eql([]);
  });

  it('reserves the space, then shows the arm, and tells one exposure in spite of StrictMode', async () => {
    await page.waitForFunction(`document.querySelector('#hero')?.textContent === 'large'`);
    await until(() => double.ofType('exposure').length > 0, 'the exposure');
    await page.evaluate('client.flush()');
    expect(double.ofType('exposure').map(({ experiment, variant }) => [experiment, variant])).to.eql([
      ['hero', 'large'],
    ]);
    expect(double.ofType('page_view').length).to.equal(1);
  });

  it('hands the client down, and watches an element until it is gone', async () => {
    await page.click('#wood');
    await until(() => double.ofType('option_select').length === 1, 'the choice');
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 1500))');
    await page.evaluate('setShown(false)');
    await until(() => double.ofType('visibility').length > 0, 'what was seen');
    await page.evaluate('client.flush()');
    expect(double.ofType('visibility').map(({ name }) => name)).to.eql(['summary']);
  });

  it('tells what the tree throws once, handled, with its component, and shows the fallback', async () => {
    await page.waitForSelector('#wood');
    await page.evaluate('setBroken(true)');
    await page.waitForSelector('#sorry');
    await until(() => double.ofType('error').some(({ kind }) => kind === 'manual'), 'the error');
    await page.evaluate('client.flush()');
    const [told, ...others] = double.ofType('error').filter(({ kind }) => kind === 'manual');
    expect(others).to.eql([]);
    expect(told).to.include({ name: 'TypeError', handled: true });
    expect(told!['message']).to.match(/^no price .*Broken/);
  });
});
