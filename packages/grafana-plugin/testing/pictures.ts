/** `npm run pictures`: Home as the README shows it, in the mini-host, in front of a running collector. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { testIds } from '../src/testIds.js';
import { launch } from '../test/support/browser.js';
import { openPage, startHost } from '../test/support/hostPage.js';
import { visitTo } from '../test/support/visits.js';
import { startWorld } from '../test/support/world.js';
import { pinnedHost } from './mini-host/bundle.js';

const folder = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));
/** How far visitors come: many look, few ask. */
const STEPS = [1, 1, 2, 1, 3, 1, 2, 4, 1, 3, 1, 2, 1, 5, 1, 2, 3, 1, 4, 1, 2, 1, 1, 5];
const HALF_HOUR_S = 1700;

await mkdir(folder, { recursive: true });
const world = await startWorld();
const host = await startHost(pinnedHost(), world);
const browser = await launch();
try {
  const visits = STEPS.map((step, i) => {
    // more towards now, and one page in the middle that lost an event on its way
    const agoS = Math.round(30 + HALF_HOUR_S * (i / STEPS.length) ** 1.6);
    return visitTo(step, agoS, i === 12 ? step + 3 : undefined);
  });
  await world.visit(visits);
  for (const theme of ['dark', 'light'] as const) {
    const { page, close } = await openPage(browser, host, '/a/lintel-app/home', { theme });
    await page.getByTestId(testIds.home.captured).filter({ hasText: 'generated' }).waitFor();
    await page.screenshot({ path: `${folder}home-${theme}.png` });
    await close();
  }
} finally {
  await browser.close();
  await host.stop();
  await world.stop();
}
