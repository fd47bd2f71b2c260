import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { startDemo, type Demo } from '../../examples/configurator/server/index.js';
import { repositoryFile } from './program.js';
import { SITE } from './site.js';
import { until } from './until.js';

/** The example configurator in front of a collector, with the SDK as the collector serves it, checked by its hash. */
export const startConfigurator = (collectorUrl: string): Promise<Demo> => {
  const manifest = JSON.parse(readFileSync(repositoryFile('packages/sdk/dist/manifest.json'), 'utf8')) as {
    files: Record<string, { integrity: string }>;
  };
  const sdkIntegrity = manifest.files['lintel.js']!.integrity;
  return startDemo({ port: 0, collectorUrl, siteKey: SITE.key, sdkIntegrity });
};

export interface Stats {
  /** Events that got a number. */
  generated: number;
  /** Of those, events the collector has answered for. */
  delivered?: number;
  [name: string]: unknown;
}

export interface Journey {
  /** `data-lintel` of every element that was clicked, in order. */
  clicked: readonly string[];
  /** What the SDK said of itself before the page was closed. */
  stats: Stats;
}

const statsOf = (page: Page): Promise<Stats> =>
  page.evaluate(() => (window as unknown as { lintel: { stats(): Stats } }).lintel.stats());

/** What the site has kept on the device of a visitor who agreed on an earlier visit. */
const agreedOn = (siteUrl: string) => ({
  cookies: [],
  origins: [{ origin: new URL(siteUrl).origin, localStorage: [{ name: 'waldnest.consent', value: 'all' }] }],
});

/**
 * A visitor builds a Nest.100 with a wooden facade, parquet and a heat pump, saves it, asks for it, and leaves.
 * Real clicks of a real Chromium; the page is closed as people close pages.
 * @param consent the answer given to the banner, or `remembered`: agreed on an earlier visit, so no banner is shown
 */
export const buildAndAsk = async (
  browser: Browser,
  siteUrl: string,
  consent: 'none' | 'all' | 'remembered',
): Promise<Journey & { left: { cookies: number; storage: string[]; databases: number } }> => {
  const context = await browser.newContext({
    locale: 'de-AT',
    viewport: { width: 1280, height: 900 },
    ...(consent === 'remembered' ? { storageState: agreedOn(siteUrl) } : {}),
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  const clicked: string[] = [];
  const click = async (name: string): Promise<void> => {
    await page.locator(`[data-lintel="${name}"]`).first().click();
    clicked.push(name);
  };

  await page.goto(siteUrl);
  await page.waitForFunction(() => 'stats' in ((window as unknown as { lintel?: object }).lintel ?? {}));
  if (consent !== 'remembered') await click(`consent:${consent}`);
  await click('model:nest-100');
  await click('facade:wood');
  await click('floor:parquet');
  await click('heating:heat-pump');
  await click('configurator:save');
  await click('configurator:summary');
  await click('summary:inquire');
  await page.locator('#name').fill('Anna Berger');
  await page.locator('#email').fill('anna@example.at');
  await click('inquiry:send');
  await page.locator('.reference').waitFor();

  let stats = await statsOf(page);
  await until('the SDK has numbered what happened', async () => {
    const before = stats.generated;
    stats = await statsOf(page);
    return stats.generated === before && before > 0;
  });
  const left = await page.evaluate(async () => ({
    storage: [...Object.keys(localStorage), ...Object.keys(sessionStorage)],
    databases: (await indexedDB.databases()).length,
  }));
  const cookies = (await context.cookies()).length;
  await page.close({ runBeforeUnload: false });
  await context.close();
  if (errors.length > 0) throw new Error(`errors of the page: ${errors.join('; ')}`);
  return { clicked, stats, left: { cookies, ...left } };
};
