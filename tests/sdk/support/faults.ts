import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Stage } from './stage.js';

/** Events of a tab in one run. */
const EVENTS = 20;

export interface Fault {
  name: string;
  /** Events that `happen` makes. */
  count: number;
  /**
   * Makes the events of `run` happen, and the page, the browser or the network fail. Who kills a process waits until
   * the events are `safe`: before, they are on no device, and no SDK can bring them back.
   * @returns how many of them were on the device when it failed, if not all
   */
  happen(stage: Stage, page: Page, run: string): Promise<number | void>;
}

/** Code for the page: `count` events of a run, as `track` writes them, with two strings of `bytes`. */
export const events = (run: string, count = EVENTS, bytes = 0, tab = 0): string =>
  `for (let i = 0; i < ${count}; i++) lintel.track('fault', { run: '${run}', tab: ${tab}, i, pad: 'x'.repeat(${bytes}), more: 'y'.repeat(${bytes}) });`;

/** Events, and in the same task something from which the page does not come back. */
const inOneTask = (page: Page, code: string): void => void page.evaluate(code).catch(() => {});
const comeBack = async (stage: Stage): Promise<void> => void (await stage.open());

export const FAULTS: readonly Fault[] = [
  {
    name: 'navigation in the task of the events',
    count: EVENTS,
    async happen({ site }, page, run) {
      inOneTask(page, `${events(run)} location.href = '${site.url}/empty'`);
      await page.waitForURL('**/empty');
    },
  },
  {
    name: 'tab closed right after the events',
    count: EVENTS,
    async happen(_stage, page, run) {
      await page.evaluate(events(run));
      await page.close();
    },
  },
  {
    name: 'renderer dies in the task of the events',
    count: EVENTS,
    async happen(stage, page, run) {
      const before = await stage.chromium().renderers();
      const happened = page.waitForEvent('console', { predicate: (message) => message.text() === run });
      // the task never ends by itself: whatever is written later is not written
      inOneTask(page, `${events(run)} console.log('${run}'); for (;;);`);
      await happened;
      await stage.safe(run, EVENTS);
      for (const pid of before) process.kill(pid, 'SIGKILL');
      await sleep(200);
      await comeBack(stage);
    },
  },
  {
    name: 'browser killed with -9 once the events are on the device, and started again',
    count: EVENTS,
    async happen(stage, page, run) {
      await page.evaluate(events(run));
      await stage.safe(run, EVENTS);
      await sleep(Math.random() < 0.5 ? 0 : Math.random() * 1000);
      await stage.restart();
      await comeBack(stage);
    },
  },
  {
    name: 'browser killed with -9 while it writes the events, and started again',
    count: EVENTS,
    async happen(stage, page, run) {
      const most = Math.random() * EVENTS;
      inOneTask(page, events(run));
      while (stage.written(run) < most) await sleep(1);
      await stage.chromium().kill();
      const written = stage.written(run);
      await stage.restart();
      await comeBack(stage);
      return written;
    },
  },
  {
    name: 'offline, closed, and back the next time',
    count: EVENTS,
    async happen(stage, page, run) {
      stage.line.set('cut');
      await page.evaluate(events(run));
      await stage.safe(run, EVENTS);
      await page.close();
      await stage.restart();
      stage.line.set('open');
      await comeBack(stage);
    },
  },
  {
    name: 'network outage with the tab open',
    count: EVENTS,
    async happen({ line }, page, run) {
      line.set('cut');
      await page.evaluate(events(run));
      await sleep(3000);
      line.set('open');
    },
  },
  {
    name: '503 for a while with the tab open',
    count: EVENTS,
    async happen({ line }, page, run) {
      line.set('busy');
      await page.evaluate(events(run));
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
      const tabs = [page, await stage.open(), await stage.open()];
      const before = await stage.chromium().renderers();
      await Promise.all(tabs.map((tab, n) => tab.evaluate(events(run, EVENTS, 0, n))));
      await stage.safe(run, 3 * EVENTS);
      await sleep(Math.random() * 300);
      // tabs of one site may share a renderer: the survivors are those that answer
      process.kill(before[Math.floor(Math.random() * before.length)]!, 'SIGKILL');
      await sleep(200);
      await comeBack(stage);
    },
  },
];
