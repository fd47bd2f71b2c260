import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { launch } from '../support/browser.js';
import { bundled } from '../support/bundle.js';
import { startDouble, type Double } from '../support/collector.js';
import { BEFORE, WATCH } from '../support/leaks.js';
import { startSite, type Site } from '../support/site.js';

const FOLDER = new URL('../../src/capture/', import.meta.url);
/** Every signal: the files whose export of the file's name is a `Capture`. */
const SIGNALS = readdirSync(FOLDER)
  .map((file) => file.slice(0, -3))
  .filter((name) =>
    new RegExp(`export const ${name}: Capture`).test(readFileSync(new URL(`${name}.ts`, FOLDER), 'utf8')),
  );
const CYCLES = 100;
/** Cycles mostly wait: pages side by side take a fifth of the time, and see no more of each other than tabs do. */
const SIDE_BY_SIDE = 6;

const SITE = `
import { init } from '@lintel/sdk';
${SIGNALS.map((name) => `import { ${name} } from '@lintel/sdk/capture/${name}';`).join('\n')}
const all = { ${SIGNALS.join(', ')} };
// nobody is welcome: nothing is tried again, so what runs on is a leak
const refuse = () => Promise.resolve(new Response('{"reason":"key"}', { status: 403 }));
const transport = { fetch: refuse, last: { keepalive: true, beacon: () => true } };
let cycle = 0;
const once = async (capture) => {
  const client = init({ key: 'pk_' + cycle++, endpoint: location.origin, capture, console: true, hash: true, seams: { transport } });
  client.track('x');
  document.querySelector('#choose').click();
  document.querySelector('[name=email]').focus();
  scrollTo(0, (cycle % 2) * 500);
  client.error(new Error('told'));
  const stop = client.observe(document.body, 'body');
  // idle callbacks, observers and late parts come in between
  await rest(15);
  stop();
  await client.shutdown();
  return client.stats().faults;
};
/** → what runs before, after the first cycle and after the hundredth, and the errors of ours in between */
window.cycles = async (name, count) => {
  const capture = name === 'all' ? Object.values(all) : [all[name]];
  const before = leaks();
  let faults = await once(capture);
  await rest(300);
  const first = leaks();
  for (let i = 1; i < count; i++) faults += await once(capture);
  await rest(1000);
  return { before, first, last: leaks(), faults };
};
`;

interface Left {
  running: [what: string, count: number][];
  patched: string[];
}

interface Outcome extends Record<'before' | 'first' | 'last', Left> {
  faults: number;
}

describe('a signal that starts and stops a hundred times', () => {
  let browser: Browser;
  let double: Double;
  let site: Site;
  const outcomes = new Map<string, Promise<Outcome>>();

  before(async () => {
    const script = await bundled(SITE);
    browser = await launch();
    double = await startDouble();
    site = await startSite({ collector: double.url, stub: false, tag: false });
    const run = async (name: string): Promise<Outcome> => {
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        await page.addInitScript(`${BEFORE}${WATCH}`);
        await page.goto(site.url);
        await page.addScriptTag({ content: script });
        return await page.evaluate<Outcome>(`cycles('${name}', ${CYCLES})`);
      } finally {
        await context.close();
      }
    };
    [...SIGNALS, 'all'].forEach((name, place, names) => {
      const ahead = Promise.resolve(outcomes.get(names[place - SIDE_BY_SIDE] ?? '')).catch(() => undefined);
      outcomes.set(
        name,
        ahead.then(() => run(name)),
      );
    });
    // whoever awaits one hears of its failure
    for (const outcome of outcomes.values()) outcome.catch(() => undefined);
  });
  after(async () => {
    await Promise.allSettled(outcomes.values());
    await browser.close();
    await site.stop();
    await double.stop();
  });

  it('knows every signal', () => {
    expect(SIGNALS).to.include.members(['clicks', 'dead', 'errors', 'forms', 'frames', 'requests', 'vitals']);
    expect(SIGNALS.length).to.be.at.least(14);
  });

  for (const name of [...SIGNALS, 'all'])
    it(`${name}: leaves no listener, observer, timer, channel or patch behind`, async () => {
      const { before, first, last, faults } = await outcomes.get(name)!;
      // vitals cannot be stopped, so a page has it once, however often a client starts
      const allowed = name === 'vitals' || name === 'all' ? first : before;
      // a timer that ran at the start may have ended by itself since
      const was = new Map(allowed.running);
      expect(last.running.filter(([what, count]) => count > (was.get(what) ?? 0))).to.eql([]);
      expect(last.patched).to.eql(allowed.patched);
      expect(faults).to.equal(0);
    });
});
