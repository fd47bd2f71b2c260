import { expect } from 'chai';
import type { Estimate } from '../../src/questions/index.js';
import { betaInterval } from '../../src/statistics/index.js';
import { startDatabase, type TestDatabase } from '../schema/support.js';
import { OPENING, shop } from './shop.js';
import { createAsker } from './support.js';

interface Overview {
  totals: Record<string, number>;
  previous: Record<string, number>;
  inquiryRate: Estimate;
  change: Estimate & { pUp: number | null };
  trend: ({ time: string } & Record<string, number>)[];
  sessions: { events: number[]; medianSeconds: number; bounceRate: Estimate };
  ordersBy: { key: string; orders: number; revenue: number }[];
}
interface Funnel {
  steps: {
    segment?: string;
    step: string;
    n: number;
    rate: Estimate;
    overall: Estimate;
    open: number;
    medianSeconds: number | null;
    valueLost: number;
  }[];
  byAge: { ageDays: number; converted: Estimate }[];
}

describe('the first six questions on a shop counted by hand', () => {
  let database: TestDatabase;
  let ask: ReturnType<typeof createAsker>;
  before(async () => {
    database = await startDatabase();
    await database.store(shop());
    ask = createAsker(database, {
      readLedger: () =>
        Promise.resolve([
          { site: 1, accepted: 231, stored: 230, buffered: 1, deadLettered: 0, difference: 0, asOf: null },
        ]),
    });
  });
  after(() => database.stop());

  it('overview counts visitors, sessions, views, configurations, inquiries and orders', async () => {
    const { totals, previous, inquiryRate, change, trend, sessions, ordersBy } =
      await ask<Overview>('overview');
    expect(totals).to.eql({
      visitors: 30,
      sessions: 30,
      pageViews: 54,
      configurations: 20,
      inquiries: 5,
      orders: 1,
      revenue: 250_000,
    });
    expect(Object.values(previous).every((value) => value === 0)).to.equal(true);
    const { value, lo, hi } = betaInterval(5, 30);
    expect(inquiryRate).to.include({ value, lo, hi, n: 30, quality: 'low_n' });
    expect(change).to.include({ value: null, pUp: null, quality: 'insufficient' });
    expect(trend.map((row) => [row.time, row['visitors'], row['revenue']])).to.eql([
      ['2026-11-09T23:00:00Z', 30, 0],
      ['2026-11-10T23:00:00Z', 1, 250_000],
    ]);
    // 6 visitors left after one view: they have a page view and a vital
    expect(sessions.bounceRate.n).to.equal(30);
    expect(sessions.bounceRate.value).to.be.closeTo(betaInterval(6, 30).value, 1e-12);
    // 8 7 6 5 events five times each, 4 four times, 2 six times: the 16th of 30 is 6
    expect(sessions.events).to.eql([6, 8, 8]);
    expect(ordersBy).to.eql([{ key: 'nest-80', orders: 1, revenue: 250_000 }]);
  });

  it('conversion-funnel follows visitors through the default steps', async () => {
    const { steps, byAge } = await ask<Funnel>('conversion-funnel');
    expect(steps.map(({ step, n }) => [step, n])).to.eql([
      ['page_view', 30],
      ['option_select', 20],
      ['price_view', 15],
      ['config:save', 10],
      ['inquiry', 5],
    ]);
    expect(steps.map(({ rate }) => rate.quality)).to.eql([
      'insufficient',
      'low_n',
      'low_n',
      'insufficient',
      'insufficient',
    ]);
    expect(steps[1]!.rate).to.include(betaInterval(20, 30));
    expect(steps[4]!.overall).to.include(betaInterval(5, 30));
    expect(steps.map(({ valueLost }) => valueLost)).to.eql([0, 0, 0, 1_000_000, 1_000_000]);
    expect(steps.map(({ medianSeconds }) => medianSeconds)).to.eql([null, 30, 10, 10, 10]);
    expect(byAge.at(-1)!.converted.value).to.be.closeTo(5 / 30, 0.05);
  });

  it('conversion-funnel splits by what visitors are', async () => {
    const { steps } = await ask<Funnel>('conversion-funnel', {
      steps: ['page_view', 'price_view'],
      breakdown: 'channel',
    });
    expect(steps.map(({ segment, step, n }) => [segment, step, n])).to.eql([
      ['direct', 'page_view', 18],
      ['direct', 'price_view', 3],
      ['search', 'page_view', 12],
      ['search', 'price_view', 12],
    ]);
  });

  it('filters select visitors and events', async () => {
    const mobile = await ask<Overview>('overview', {}, { device: ['mobile'] });
    expect(mobile.totals).to.include({ visitors: 10, configurations: 6, inquiries: 1, orders: 0 });
    const model = await ask<Overview>('overview', {}, { model: ['nest-120'] });
    expect(model.totals).to.include({ visitors: 12, inquiries: 2, orders: 0 });
    const half = await ask<Overview>('overview', {}, { to: OPENING + 11 * 60_000 });
    expect(half.totals).to.include({ visitors: 10, orders: 0 });
  });

  it('popular-configs ranks by the lower bound and shares options', async () => {
    const { configs, shares } = await ask<{
      configs: {
        config: string;
        model: string;
        visitors: number;
        inquiries: number;
        rank: number;
        price: number;
        options: object;
      }[];
      shares: { group: string; option: string; n: number; share: Estimate }[];
    }>('popular-configs');
    expect(
      configs.map(({ config, visitors, inquiries, rank }) => [config, visitors, inquiries, rank]),
    ).to.eql([
      ['11', 12, 3, 1],
      ['22', 12, 2, 2],
    ]);
    expect(configs[0]).to.deep.include({ model: 'nest-80', options: { facade: 'wood' } });
    expect(
      shares.map(({ group, option, n, share }) => [group, option, n, share.quality]),
    ).to.have.deep.members([
      ['facade', 'wood', 12, 'insufficient'],
      ['facade', 'plaster', 12, 'insufficient'],
    ]);
  });

  it('performance knows p75 and its interval, and leaves words where 30 loads are missing', async () => {
    const { vitals } = await ask<{
      vitals: { metric: string; page: string; device: string; p75: Estimate; rating: string | null }[];
    }>('performance');
    expect(vitals.map(({ metric, page, device, p75 }) => [metric, page, device, p75.n])).to.have.deep.members(
      [
        ['LCP', '/konfigurator', 'desktop', 20],
        ['LCP', '/konfigurator', 'mobile', 10],
      ],
    );
    for (const { p75, rating } of vitals) {
      expect(p75).to.include({ value: null, quality: 'insufficient' });
      expect(rating).to.equal(null);
    }
  });

  it('data-quality counts what the pages said they had, bots, and the ledger', async () => {
    const { captureRate, streams, checks, ledger } = await ask<{
      captureRate: Estimate;
      streams: Record<string, number>;
      checks: { check: string; value: number; effect: string }[];
      ledger: Record<string, number>;
    }>('data-quality');
    const own = shop().filter(({ type }) => type !== 'stream_end').length;
    // streams: 30 pages, the office, the robot; three events never came
    expect(streams).to.eql({ streams: 32, generated: own + 3, stored: own });
    expect(captureRate).to.include({ ...betaInterval(own, own + 3) });
    const check = (name: string) => checks.find(({ check: one }) => one === name)!;
    expect(check('bot_share').value).to.be.closeTo(40 / own, 1e-9);
    expect(check('capture_loss')).to.include({ effect: 'widens' });
    expect(check('duplicates')).to.include({ value: 0, effect: 'none' });
    expect(ledger).to.include({ accepted: 231, difference: 0 });
  });

  it('real-time sees the last half hour only', async () => {
    const now = Date.now();
    await database.store([
      {
        ts: now - 60_000,
        type: 'page_view',
        visitor: 7,
        session: 7,
        stream: '00000000-0000-4000-8000-00000000aa01',
        seq: 0,
        site_id: 2,
      },
      {
        ts: now - 50_000,
        type: 'option_select',
        visitor: 7,
        session: 7,
        stream: '00000000-0000-4000-8000-00000000aa01',
        seq: 1,
        site_id: 2,
      },
      {
        ts: now - 20 * 60_000,
        type: 'page_view',
        visitor: 8,
        session: 8,
        stream: '00000000-0000-4000-8000-00000000aa02',
        seq: 0,
        site_id: 2,
      },
      {
        ts: now - 40 * 60_000,
        type: 'page_view',
        visitor: 9,
        session: 9,
        stream: '00000000-0000-4000-8000-00000000aa03',
        seq: 0,
        site_id: 2,
      },
    ]);
    const site = { id: 2, timeZone: 'Asia/Kolkata' } as never;
    const live = await ask<{
      visitors5m: number;
      visitors30m: number;
      minutes: { events: number }[];
      steps: { step: string; visitors: number }[];
      freshnessSeconds: number;
    }>('real-time', {}, { site });
    expect(live).to.include({ visitors5m: 1, visitors30m: 2 });
    expect(live.minutes.reduce((sum, { events }) => sum + events, 0)).to.equal(3);
    expect(live.steps).to.have.deep.members([
      { step: 'page_view', visitors: 2 },
      { step: 'option_select', visitors: 1 },
    ]);
  });
});
