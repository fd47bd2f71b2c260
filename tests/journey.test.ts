import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import type { Demo } from '../examples/configurator/server/index.js';
import { launchBrowser } from './support/browser.js';
import { startCollector, type Collector } from './support/collector.js';
import { buildAndAsk, startConfigurator, type Journey } from './support/journey.js';
import { startRedis, type Redis } from './support/redis.js';
import { settled } from './support/settled.js';
import { SITE } from './support/site.js';

interface Overview {
  totals: Record<string, number>;
}
interface Funnel {
  steps: { step: string; n: number }[];
}
interface Configs {
  configs: {
    model: string;
    options: Record<string, string>;
    visitors: number;
    inquiries: number;
    price: number;
  }[];
}
interface RealTime {
  visitors5m: number;
  minutes: { events: number }[];
  steps: { step: string; visitors: number }[];
}
interface Quality {
  streams: { streams: number; generated: number; stored: number };
  dropped: unknown[];
  refused: unknown[];
  ledger: Record<string, number>;
}

/** Nest.100 with the base of the catalogue, wooden facade, parquet and heat pump. */
const OPTIONS = { facade: 'wood', floor: 'parquet', heating: 'heat-pump' };
const NOW = { timeRange: '24h' };
/** Longer windows leave out visitors without consent: their id lives one day. */
const WITHIN_A_DAY = { window: '86400' };

/**
 * Who agrees on the page itself was nobody before: what he did until then stays with a visitor and a stream of its own,
 * and cannot be joined with the rest.
 */
const VISITS = [
  { who: 'who agreed before, on the disk buffer', consent: 'remembered', redisWanted: false, streams: 1 },
  { who: 'who agreed before, with Redis', consent: 'remembered', redisWanted: true, streams: 1 },
  { who: 'who agrees on the page', consent: 'all', redisWanted: false, streams: 2 },
  { who: 'who refuses', consent: 'none', redisWanted: false, streams: 1 },
] as const;

for (const { who, consent, redisWanted, streams: streamsWanted } of VISITS) {
  describe(`a visitor of the configurator ${who}`, () => {
    let redis: Redis | null = null;
    let collector: Collector;
    let demo: Demo;
    let browser: Browser;
    let journey: Awaited<ReturnType<typeof buildAndAsk>> & Journey;

    before(async () => {
      if (redisWanted) redis = await startRedis();
      collector = await startCollector(redis ? { LINTEL_REDIS_URL: redis.url } : {});
      demo = await startConfigurator(collector.publicUrl);
      browser = await launchBrowser();
      journey = await buildAndAsk(browser, demo.url, consent);
      await settled(collector);
    });
    after(async () => {
      await browser.close();
      await demo.stop();
      await collector.remove();
      await redis?.remove();
    });

    const ask = async <Data>(question: string, parameters = {}): Promise<Data> =>
      (await collector.admin.ask<Data>(question, { ...NOW, ...parameters })).data;

    it('is in overview with five views and one inquiry', async () => {
      const { totals } = await ask<Overview>('overview');
      expect(totals).to.deep.equal({
        visitors: streamsWanted,
        sessions: streamsWanted,
        pageViews: 5,
        configurations: 1,
        inquiries: 1,
        orders: 0,
        revenue: 0,
      });
    });

    it('takes every step of the funnel', async () => {
      const { steps } = await ask<Funnel>('conversion-funnel', WITHIN_A_DAY);
      expect(steps.map(({ step, n }) => [step, n])).to.deep.equal([
        ['page_view', streamsWanted],
        ['option_select', 1],
        ['price_view', 1],
        ['config:save', 1],
        ['inquiry', 1],
      ]);
    });

    it('has built one house, option by option, and asked for it', async () => {
      const { configs } = await ask<Configs>('popular-configs');
      expect(configs).to.have.length(1);
      expect(configs[0]).to.include({ model: 'nest-100', visitors: 1, inquiries: 1 });
      expect(configs[0]!.options).to.include(OPTIONS);
      const [price] = await collector.database.rows<{ cents: number }>(
        `SELECT price_cents AS cents FROM lintel.events WHERE type = 'inquiry'`,
      );
      expect(configs[0]!.price * 100).to.equal(price!.cents);
    });

    it('is there in real time', async () => {
      const { visitors5m, steps } = await ask<RealTime>('real-time');
      expect(visitors5m).to.equal(streamsWanted);
      const known = new Map(steps.map((row) => [row.step, row.visitors]));
      for (const step of ['option_select', 'price_view', 'config', 'inquiry'])
        expect(known.get(step), step).to.equal(1);
    });

    it('left no event behind: what the page numbered is what is stored', async () => {
      const { streams, dropped, refused, ledger } = await ask<Quality>('data-quality');
      expect(streams.streams).to.equal(streamsWanted);
      expect(streams.stored).to.equal(streams.generated);
      // Leaving the page adds to what it had counted before.
      expect(streams.generated).to.be.at.least(journey.stats.generated);
      expect([dropped, refused]).to.deep.equal([[], []]);
      expect(ledger).to.include({ stored: streams.stored, buffered: 0, deadLettered: 0, difference: 0 });
    });

    it('is known click by click', async () => {
      const rows = await collector.database.rows<{ label: string }>(
        `SELECT toString(label) AS label FROM lintel.events WHERE type = 'click' AND site_id = ${SITE.id} ORDER BY ts`,
      );
      expect(rows.map(({ label }) => label)).to.deep.equal(journey.clicked);
      const chosen = await collector.database.rows<{ group: string; option: string }>(
        `SELECT toString(option_group) AS group, toString(option) AS option FROM lintel.events
         WHERE type = 'option_select' ORDER BY seq`,
      );
      expect(chosen).to.deep.equal(Object.entries(OPTIONS).map(([group, option]) => ({ group, option })));
    });

    it('has the contact data nowhere but sealed', async () => {
      const [row] = await collector.database.rows<{ n: number; open: number }>(
        `SELECT count() AS n, countIf(sealed LIKE '%Anna%' OR sealed LIKE '%example%') AS open FROM lintel.inquiries FINAL`,
      );
      expect(row).to.deep.equal({ n: 1, open: 0 });
      const [events] = await collector.database.rows<{ n: number }>(
        `SELECT count() AS n FROM lintel.events WHERE toString(tuple(*)) LIKE '%Anna%' OR toString(tuple(*)) LIKE '%anna@%'`,
      );
      expect(events!.n).to.equal(0);
    });

    if (consent === 'none') {
      it('has nothing of ours on the device, and no id in the data', async () => {
        // The answer to the banner and the house that the visitor asked the site to keep are the site's own.
        expect(journey.left.cookies).to.equal(0);
        expect(journey.left.databases).to.equal(0);
        expect(journey.left.storage.filter((key) => !key.startsWith('waldnest.'))).to.deep.equal([]);
        const levels = await collector.database.rows<{ consent: string }>(
          `SELECT DISTINCT toString(consent) AS consent FROM lintel.events WHERE site_id = ${SITE.id}`,
        );
        expect(levels).to.deep.equal([{ consent: 'none' }]);
      });
    }
  });
}
