import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startSite, type Site } from '../../../packages/sdk/test/support/site.js';
import { freshFolder } from '../../support/folder.js';
import { until } from '../../support/until.js';
import { startChromium, type Chromium } from './chromium.js';
import { writtenEvents } from './device.js';
import { startLine, type RttProxy } from './line.js';

/** One person with one browser, whose profile survives whatever happens to the process. */
export interface Visitor {
  chromium(): Chromium;
  /** kill -9, and a second start with the profile as it was left. */
  restart(): Promise<void>;
  remove(): Promise<void>;
}

/** @param prepare makes the person's home before the browser is started in it; by default it is ours */
export const createVisitor = async (prepare?: (home: string) => void): Promise<Visitor> => {
  const folder = freshFolder();
  prepare?.(folder.path);
  const env: Record<string, string> = prepare ? { HOME: folder.path } : {};
  const start = (): Promise<Chromium> => startChromium(join(folder.path, 'profile'), env);
  let chromium = await start();
  return {
    chromium: () => chromium,
    async restart() {
      await chromium.kill();
      chromium = await start();
    },
    async remove() {
      await chromium.close();
      folder.remove();
    },
  };
};

/** A visitor on a site of its own (an origin, so nothing stored before is seen) at the end of a line. */
export interface Stage extends Pick<Visitor, 'chromium' | 'restart'> {
  line: RttProxy;
  site: Site;
  /** Opens the page and waits until the SDK knows who is there and writes to the device. */
  open(): Promise<Page>;
  /** Events of a run that are in the browser's files; also while no browser is there. */
  written(run: string): number;
  /** Waits until as many events of a run are on the device: from then on they outlive the browser. */
  safe(run: string, count: number): Promise<void>;
  /** Closes every tab; what they still send has a line to travel on. */
  leave(): Promise<void>;
  remove(): Promise<void>;
}

/** The SDK knows who is there and writes to the device. */
export const READY =
  'window.lintel && lintel.stats && lintel.stats().storage === "indexeddb" && lintel.visitor() !== null';

export const createStage = async (
  visitor: Visitor,
  { port, rttMs, key }: { port: number; rttMs: number; key: string },
): Promise<Stage> => {
  const line = await startLine(port, rttMs);
  const site = await startSite({ collector: line.url, attributes: 'data-consent="statistics"', key });
  const written: Stage['written'] = (run) => writtenEvents(visitor.chromium().profile, site.url, run);
  return {
    line,
    site,
    written,
    safe: async (run, count) =>
      void (await until(`${count} events of ${run} on the device`, () => written(run) >= count)),
    chromium: visitor.chromium,
    restart: visitor.restart,
    async open() {
      const { context } = visitor.chromium();
      // a tab may be given the spare renderer that a fault has just killed: the visitor opens another one
      const page = await context.newPage().catch(() => context.newPage());
      await page.goto(site.url);
      await page.waitForFunction(READY);
      // what the page had to say first is told, as on any page that is open for a moment
      await page.evaluate('lintel.flush().then(() => {})');
      return page;
    },
    async leave() {
      for (const page of visitor.chromium().context.pages()) await page.close();
    },
    async remove() {
      await site.stop();
      await line.remove();
    },
  };
};
