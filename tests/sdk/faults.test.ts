import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import {
  createStage,
  events,
  expectSameCaptureRate,
  expectStored,
  startCollector,
  type Collector,
  type Stage,
} from './support/stage.js';

/** Runs of each fault at each RTT; the long form: `LINTEL_FAULT_RUNS=20`. */
const RUNS = Number(process.env['LINTEL_FAULT_RUNS'] ?? 1);
const RTTS = (process.env['LINTEL_FAULT_RTT'] ?? '0,200').split(',').map(Number);
const EVENTS = 20;

interface Fault {
  name: string;
  count?: number;
  /** Makes the events of `run` happen and the page, the browser or the network fail. */
  happen(stage: Stage, page: Page, run: string): Promise<void>;
}

/** Events, and in the same task something from which the page does not come back. */
const inOneTask = (page: Page, code: string): void => void page.evaluate(code).catch(() => {});
const comeBack = async (stage: Stage): Promise<void> => void (await stage.open());

const FAULTS: Fault[] = [
  {
    name: 'navigation in the task of the events',
    async happen({ site }, page, run) {
      inOneTask(page, `${events(run, EVENTS)} location.href = '${site.url}/empty'`);
      await page.waitForURL('**/empty');
    },
  },
  {
    name: 'tab closed right after the events',
    async happen(_stage, page, run) {
      await page.evaluate(events(run, EVENTS));
      await page.close();
    },
  },
  {
    name: 'renderer dies in the task of the events',
    async happen(stage, page, run) {
      const before = await stage.chromium().renderers();
      // the task never ends by itself: whatever is written later is not written
      inOneTask(page, `${events(run, EVENTS)} for (;;);`);
      await sleep(300);
      for (const pid of before) process.kill(pid, 'SIGKILL');
      await sleep(200);
      await comeBack(stage);
    },
  },
  {
    name: 'browser killed with -9 and started again',
    async happen(stage, page, run) {
      await page.evaluate(events(run, EVENTS));
      await sleep(100 + Math.random() * 900);
      await stage.restart();
      await comeBack(stage);
    },
  },
  {
    name: 'offline, closed, and back the next time',
    async happen(stage, page, run) {
      stage.line.set('cut');
      await page.evaluate(events(run, EVENTS));
      await sleep(300);
      await page.close();
      await stage.restart();
      stage.line.set('open');
      await comeBack(stage);
    },
  },
  {
    name: 'network outage with the tab open',
    async happen({ line }, page, run) {
      line.set('cut');
      await page.evaluate(events(run, EVENTS));
      await sleep(3000);
      line.set('open');
    },
  },
  {
    name: '503 for a while with the tab open',
    async happen({ line }, page, run) {
      line.set('busy');
      await page.evaluate(events(run, EVENTS));
      await sleep(3000);
      line.set('open');
    },
  },
  {
    name: 'burst of 100 × 2 kB, and gone',
    count: 100,
    async happen(stage, page, run) {
      await page.evaluate(events(run, 100, 1000) + `location.href = '${stage.site.url}/empty'`);
      await page.waitForURL('**/empty');
      await comeBack(stage);
    },
  },
  {
    name: 'three tabs at once, one of which dies while it sends',
    count: 3 * EVENTS,
    async happen(stage, page, run) {
      const others = [await stage.open(), await stage.open()];
      const before = await stage.chromium().renderers();
      await Promise.all([page, ...others].map((tab) => tab.evaluate(events(run, EVENTS))));
      await sleep(Math.random() * 300);
      // tabs of one site may share a renderer: the survivors are those that answer
      process.kill(before[Math.floor(Math.random() * before.length)]!, 'SIGKILL');
      await sleep(200);
      await comeBack(stage);
    },
  },
];

describe('SDK under faults', function () {
  this.timeout(180_000);
  let collector: Collector;
  before(async () => {
    collector = await startCollector();
  });
  after(() => collector.remove());

  for (const rtt of RTTS)
    for (const { name, happen, count = EVENTS } of FAULTS)
      for (let run = 1; run <= RUNS; run++)
        it(`RTT ${rtt}, ${name}${RUNS > 1 ? `, run ${run}` : ''}: stored once`, async () => {
          const stage = await createStage(collector, rtt);
          try {
            const id = `${rtt}/${name}/${run}`;
            await happen(stage, await stage.open(), id);
            await expectStored(collector, id, count);
          } finally {
            await stage.remove();
          }
        });

  it('and data-quality reports what was stored of what was numbered', async () => {
    const { generated, stored } = await expectSameCaptureRate(collector);
    expect(stored).to.be.above(0);
    console.log(`      ${stored} of ${generated} numbered events stored`);
  });
});
