import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { launch, until } from '../support/browser.js';
import { bundled } from '../support/bundle.js';
import { startDouble } from '../support/collector.js';
import { startSite } from '../support/site.js';

describe('debug', () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  for (const debug of [true, false])
    it(`${debug ? 'says' : 'otherwise does not say'} what the collector would refuse, and why`, async () => {
      const double = await startDouble();
      const site = await startSite({ collector: double.url, stub: false, tag: false });
      const page = await browser.newPage();
      const warnings: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'warning') warnings.push(message.text());
      });
      await page.goto(site.url);
      await page.addScriptTag({
        content: await bundled(`import { init } from '@lintel/sdk';
          window.client = init({ key: 'pk_test', endpoint: '${double.url}', debug: ${debug} });`),
      });
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
      await page.evaluate(`client.track('fine', { a: 1 });
        client.config({ model: 'm', options: 'none', priceCents: 1, reason: 'change' });
        client.track('deep', { a: { b: { c: { d: { e: { f: 1 } } } } } })`);
      await until(() => double.ofType('custom').length === 1, 'the event that is fine');
      const said = warnings
        .filter((text) => text.startsWith('[lintel]'))
        .map((text) => text.split(/\s/).slice(0, 5).join(' '));
      expect(said).to.eql(
        debug ? ['[lintel] would be refused: config', '[lintel] not sent: custom TypeError'] : [],
      );
      await page.close();
      await site.stop();
      await double.stop();
    });
});
