import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startSite, type Site } from '../../../packages/sdk/test/support/site.js';
import { startCollector, type Collector } from '../../support/collector.js';
import { freshFolder } from '../../support/folder.js';
import { settled } from '../../support/settled.js';
import { SITE } from '../../support/site.js';
import { until } from '../../support/until.js';
import { startChromium, type Chromium } from './chromium.js';
import { startLine, type RttProxy } from './line.js';

/** One visitor in front of one collector at the end of a line. */
export interface Stage {
  line: RttProxy;
  site: Site;
  chromium(): Chromium;
  /** Opens the page and waits until the SDK writes to the device. */
  open(): Promise<Page>;
  /** The visitor's browser starts again, with the profile it had. */
  restart(): Promise<void>;
  remove(): Promise<void>;
}

const READY = 'window.lintel && lintel.stats && lintel.stats().storage === "indexeddb"';

export const createStage = async (collector: Collector, rttMs: number): Promise<Stage> => {
  const folder = freshFolder();
  const line = await startLine(Number(new URL(collector.publicUrl).port), rttMs);
  const site = await startSite({
    collector: line.url,
    attributes: 'data-consent="statistics"',
    key: SITE.key,
  });
  let chromium = await startChromium(folder.path);
  return {
    line,
    site,
    chromium: () => chromium,
    async open() {
      const page = await chromium.context.newPage();
      await page.goto(site.url);
      await page.waitForFunction(READY);
      return page;
    },
    async restart() {
      await chromium.kill();
      chromium = await startChromium(folder.path);
    },
    async remove() {
      await chromium.close();
      await site.stop();
      await line.remove();
      folder.remove();
    },
  };
};

interface Counts {
  rows: number;
  distinct_events: number;
  streams: number;
}
interface Quality {
  streams: { generated: number; stored: number };
}

/** Code for the page: `count` events of a run, urgent ones as `track` writes them, with two strings of `bytes`. */
export const events = (run: string, count: number, bytes = 0): string =>
  `for (let i = 0; i < ${count}; i++) lintel.track('fault', { run: '${run}', i, pad: 'x'.repeat(${bytes}), more: 'y'.repeat(${bytes}) });`;

/** All of a run is in the table once: no row more, no event less. */
export const expectStored = async (collector: Collector, run: string, count: number): Promise<void> => {
  const ask = async (): Promise<Counts> => {
    const [row] = await collector.database.rows<Counts>(
      `SELECT count() AS rows, uniqExact(props['i'], stream) AS distinct_events, uniqExact(stream) AS streams
       FROM lintel.events WHERE site_id = ${SITE.id} AND name = 'fault' AND props['run'] = '${run}'`,
    );
    return row!;
  };
  let last: Counts | undefined;
  await until(
    `${count} events of ${run}`,
    async () => (last = await ask()).distinct_events >= count,
    45_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last)}`);
  });
  await settled(collector);
  const { rows, distinct_events: distinct } = await ask();
  expect([rows, distinct], run).to.eql([count, count]);
};

/** What the streams themselves say about loss, and what `data-quality` says about it. */
export const expectSameCaptureRate = async (
  collector: Collector,
): Promise<{ generated: number; stored: number }> => {
  await settled(collector);
  // every batch told here is of this suite; what the pages numbered is the end of a stream, or its highest number
  const [own] = await collector.database.rows<{ generated: number; stored: number }>(
    `SELECT sum(generated) AS generated, sum(stored) AS stored FROM (
       SELECT stream, uniqExactIf(seq, NOT startsWith(type, 'stream_')) AS stored,
         greatest(maxIf(toUInt64(seq) + 1, NOT startsWith(type, 'stream_')), maxIf(toUInt64(value), type = 'stream_end')) AS generated
       FROM lintel.events WHERE site_id = ${SITE.id} GROUP BY stream)`,
  );
  const told = await until('the roll-up of the capture rate', async () => {
    const { data } = await collector.admin.ask<Quality>('data-quality', { site: SITE.key, timeRange: '24h' });
    return data.streams.stored === own!.stored && data.streams.generated === own!.generated
      ? data.streams
      : null;
  }).catch(async (error: unknown) => {
    const { data } = await collector.admin.ask<Quality>('data-quality', { site: SITE.key, timeRange: '24h' });
    throw new Error(`${String(error)}: ${JSON.stringify(data.streams)} instead of ${JSON.stringify(own)}`);
  });
  return told;
};

export { startCollector, type Collector };
