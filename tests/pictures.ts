/** `npm run pictures`: the README's pictures of the configurator, from the running system. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startDemo } from '@lintel/example-configurator';
import { launchBrowser } from './support/browser.js';
import { startCollector } from './support/collector.js';
import { SITE } from './support/site.js';

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
mkdirSync(folder, { recursive: true });

const collector = await startCollector();
const demo = await startDemo({ port: 0, collectorUrl: collector.publicUrl, siteKey: SITE.key });
const browser = await launchBrowser();
try {
  for (const [name, viewport, colorScheme] of [
    ['configurator', { width: 1280, height: 800 }, 'light'],
    ['configurator-mobile', { width: 390, height: 844 }, 'dark'],
  ] as const) {
    const context = await browser.newContext({
      viewport,
      colorScheme,
      deviceScaleFactor: 1.5,
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.goto(`${demo.url}/konfigurator`);
    await page.click('[data-lintel="consent:statistics"]');
    for (const label of ['model:nest-120', 'facade:wood', 'floor:parquet', 'photovoltaics:more'])
      await page.click(`[data-lintel="${label}"]`);
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${folder}${name}.png` });
    await context.close();
  }
} finally {
  await browser.close();
  await demo.stop();
  await collector.remove();
}
