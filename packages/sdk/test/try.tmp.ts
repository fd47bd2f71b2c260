import { startDouble } from './support/collector.js';
import { startSite } from './support/site.js';
import { launch, leftOn, complaintsOf, until } from './support/browser.js';
const c = await startDouble();
const s = await startSite({
  collector: c.url,
  attributes: `data-consent="${process.argv[2] ?? 'none'}"`,
  policy: true,
});
const b = await launch();
const p = await b.newPage();
p.on('console', (m) => console.log('console', m.text()));
await p.goto(s.url);
await new Promise((r) => setTimeout(r, 2500));
await p.goto(s.url + '/empty');
await new Promise((r) => setTimeout(r, 500));
console.log('ended', [...c.ended]);
await p.evaluate(() => history.back()).catch(() => {});
await new Promise((r) => setTimeout(r, 2500));
console.log(p.url());
console.log(
  await p.evaluate(() =>
    JSON.stringify([
      (performance.getEntriesByType('navigation')[0] as any).notRestoredReasons,
      (performance.getEntriesByType('navigation')[0] as any).type,
      performance.now(),
    ]),
  ),
);
console.log(c.ofType('page_view'));
await b.close();
await c.stop();
await s.stop();
