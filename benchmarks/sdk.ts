/// <reference lib="dom" />
/**
 * What the SDK weighs and what it costs a visitor: sizes as served, main-thread time at a CPU four times slower, bytes
 * on the wire. `--write` keeps the table in `results/sdk.md` and in the README of the package.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launch, until } from '../packages/sdk/test/support/browser.js';
import { startDouble } from '../packages/sdk/test/support/collector.js';
import { startSite } from '../packages/sdk/test/support/site.js';
import { scriptTime, traced } from './sdk/trace.js';

const RUNS = 5;
const SLOWER = 4;
const FILES = /\/sdk\/lintel/;

const median = (values: readonly number[]): number => [...values].sort((p, q) => p - q)[values.length >> 1]!;
const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const { files } = JSON.parse(read('../packages/sdk/dist/manifest.json')) as {
  files: Record<string, { gzip: number; bytes: number }>;
};
const gzip = (...names: string[]): number => names.reduce((sum, name) => sum + files[name]!.gzip, 0);

const double = await startDouble();
const site = await startSite({ collector: double.url, attributes: 'data-consent="statistics"' });
const browser = await launch();

const fresh = async (): Promise<{ page: Page; close(): Promise<void> }> => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  return { page, close: () => context.close() };
};
const ready = (page: Page): Promise<unknown> =>
  page.waitForFunction('window.lintel && lintel.stats && lintel.stats().storage === "indexeddb"');

/** Script of the first three seconds, before the first paint and in all. */
const loading = async (): Promise<{ before: number; total: number; longest: number }> => {
  const runs = [];
  for (let run = 0; run < RUNS; run++) {
    const { page, close } = await fresh();
    const session = await page.context().newCDPSession(page);
    const events = await traced(session, async () => {
      await page.goto(site.url);
      await sleep(3000);
    });
    runs.push(scriptTime(events, FILES));
    await close();
  }
  return {
    before: median(runs.map(({ beforePaintMs }) => beforePaintMs)),
    total: median(runs.map(({ totalMs }) => totalMs)),
    longest: median(runs.map(({ longestMs }) => longestMs)),
  };
};

const CALL = `lintel.track('bench', { i, model: 'nest-80' })`;
/**
 * Milliseconds of the caller for each of `count` calls: the middle one of stretches of fifteen (the clock ticks in tenths), because a stretch in which
 * another program had the processor says nothing about ours.
 */
const synchronous = async (page: Page, call: string, count: number): Promise<number> =>
  median(
    (await page.evaluate(`(() => {
      const stretches = [];
      for (let i = 0, from = performance.now(); i < ${count}; ) {
        ${call};
        if (++i % 15) continue;
        stretches.push((performance.now() - from) / 15);
        from = performance.now();
      }
      return stretches;
    })()`)) as number[],
  );

const BATCH = 20;
/**
 * Milliseconds for each event of a batch. `ours`: the calls themselves, and everything in our files that runs later
 * because of them: timers, the log's answers, compression, sending, the collector's answer. `page`: what the main
 * thread was busy more than at rest, with the browser's own work for them (and whatever else it had to do).
 */
const whole = async (page: Page): Promise<{ ours: number; page: number }> => {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
  };
  const spend = async (work: () => Promise<unknown>): Promise<number> => {
    const from = await busy();
    await work();
    await sleep(3000);
    return (await busy()) - from;
  };
  const idle = await spend(() => page.evaluate('0'));
  const used = await spend(() => synchronous(page, CALL, BATCH));
  // a third batch under a trace, which costs time itself
  let calls = 0;
  const events = await traced(session, async () => {
    calls = await synchronous(page, CALL, BATCH);
    await sleep(3000);
  });
  return { ours: calls + scriptTime(events, FILES).totalMs / BATCH, page: Math.max(0, used - idle) / BATCH };
};

interface Cost {
  urgent: number;
  lane: number;
  ours: number;
  page: number;
}
const perEvent = async (): Promise<Cost> => {
  const runs: Cost[] = [];
  for (let run = 0; run < RUNS; run++) {
    const { page, close } = await fresh();
    await page.goto(site.url);
    await ready(page);
    await sleep(3000);
    // warm: what is measured is an event of a visit, not the first one
    await page.evaluate(`for (let i = 0; i < 10; i++) { lintel.track('warm', { i }); lintel.ready('warm') }`);
    await sleep(3000);
    const urgent = await synchronous(page, CALL, 15);
    await sleep(3000);
    const lane = await synchronous(page, `lintel.ready('bench')`, 30);
    await sleep(3000);
    runs.push({ urgent, lane, ...(await whole(page)) });
    await close();
  }
  const of = (name: keyof Cost): number => median(runs.map((one) => one[name]));
  return { urgent: of('urgent'), lane: of('lane'), ours: of('ours'), page: of('page') };
};

/** Bytes of a request's body for each event, twenty of a configurator's visit in a batch. */
const wire = async (): Promise<number> => {
  const { page, close } = await fresh();
  await page.goto(site.url);
  await ready(page);
  await until(() => double.ofType('page_view').length > 0, 'the first view');
  await sleep(3000);
  const from = double.received.length;
  await page.evaluate(`for (let i = 0; i < 5; i++) {
    lintel.select({ group: 'facade', option: ['wood', 'plaster'][i % 2], previous: ['plaster', 'wood'][i % 2], priceDeltaCents: 450000 });
    lintel.config({ model: 'nest-80', options: { facade: ['wood', 'plaster'][i % 2], floor: 'oak', windows: 'pvc', heating: 'heat-pump' }, priceCents: 18900000 + i * 450000, currency: 'EUR', reason: 'change' });
    lintel.price({ priceCents: 18900000 + i * 450000, currency: 'EUR', model: 'nest-80' });
    lintel.track('step', { step: i });
  }`);
  await sleep(5000);
  const batches = double.received.slice(from);
  await close();
  return (
    batches.reduce((sum, { bytes }) => sum + bytes, 0) /
    batches.reduce((sum, { batch }) => sum + batch.events.length, 0)
  );
};

/** Kilobytes of heap that a long visit leaves, after collection. */
const memory = async (): Promise<number> => {
  const { page, close } = await fresh();
  await page.goto(site.url);
  await ready(page);
  const session = await page.context().newCDPSession(page);
  const used = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  await sleep(3000);
  const from = await used();
  for (let i = 0; i < 40; i++) {
    await page.evaluate(`for (let i = 0; i < 25; i++) lintel.track('long', { i })`);
    await sleep(300);
  }
  await sleep(5000);
  const grown = ((await used()) - from) / 1024;
  await close();
  return grown;
};

const load = await loading();
const event = await perEvent();
const perEventBytes = await wire();
const grown = await memory();
await browser.close();
await site.stop();
await double.stop();

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(2)} kB`;
const ms = (value: number): string => `${value.toFixed(value < 1 ? 3 : 1)} ms`;
const rows: [what: string, measured: string, target: string][] = [
  [
    '`lintel.js`: views, configurator, sessions, consent, durable delivery; gzip',
    kB(gzip('lintel.js')),
    '5.0 kB',
  ],
  ['with attributed vitals', kB(gzip('lintel.js', 'lintel-vitals.js')), '11.0 kB'],
  [
    'everything the script tag loads',
    kB(gzip('lintel.js', 'lintel-vitals.js', 'lintel-signals.js')),
    '15 kB',
  ],
  ['loader stub', `${files['stub.js']!.gzip} B`, '450 B'],
  [`script before first paint, ${SLOWER}× slower CPU`, ms(load.before), '10 ms'],
  [`script in the first 3 s, ${SLOWER}×`, ms(load.total), ''],
  [`longest task of ours, ${SLOWER}×`, ms(load.longest), '50 ms'],
  [`an event, synchronous, lane two, ${SLOWER}×`, ms(event.lane), '0.05 ms'],
  [`an event on the device when the call returns, ${SLOWER}×`, ms(event.urgent), '0.5 ms'],
  [
    `an event in all, batches of ${BATCH}: calls and everything later in our files, ${SLOWER}×`,
    ms(event.ours),
    '0.5 ms',
  ],
  [`the same, with the browser's own work for it, ${SLOWER}×`, ms(event.page), ''],
  ['bytes on the wire an event, batches of 20', `${perEventBytes.toFixed(0)} B`, '60 B'],
  ['heap after 1,000 events', `${grown.toFixed(0)} kB`, '300 kB'],
];
const table = [
  '| what | measured | target |',
  '|---|---|---|',
  ...rows.map((row) => `| ${row.join(' | ')} |`),
].join('\n');
process.stdout.write(`\n${table}\n`);

if (process.argv.includes('--write')) {
  const head = `Median of ${RUNS} runs, headless Chromium, page and collector on two origins of one machine. Script times are those of the main thread's own processor time.\n\n`;
  writeFileSync(new URL('results/sdk.md', import.meta.url), `# The SDK: size and cost\n\n${head}${table}\n`);
  const readme = new URL('../packages/sdk/README.md', import.meta.url);
  const text = readFileSync(readme, 'utf8');
  writeFileSync(
    readme,
    text.replace(
      /(<!-- bench -->\n)[\s\S]*?(\n<!-- \/bench -->)/,
      (_, from: string, to: string) => from + table + to,
    ),
  );
}
