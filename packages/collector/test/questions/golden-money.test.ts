import { expect } from 'chai';
import type { Estimate } from '../../src/questions/index.js';
import { startDatabase, type TestDatabase, type TestEvent } from '../schema/support.js';
import { chancesByHand } from './chances-by-hand.js';
import { checkEstimates } from './scripted.js';
import { createAsker } from './support.js';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
/** Monday. */
const START = Date.parse('2026-05-04T00:00:00Z');
/** 24 weeks later, midnight in UTC. */
const END = START + 24 * WEEK;
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/**
 * Two inquiries a week for 24 weeks, on Monday at noon and on Tuesday at noon, of visitors nobody knows (tier unknown).
 * Each first one of the first 20 weeks orders for 200,000 exactly 22 days later, in its fourth week; each second one of
 * the first twelve weeks is lost after ten days. So of 48 leads 20 ordered, 12 are lost, 16 are open: four of the last
 * four weeks that may still order, and the second ones of the last twelve.
 */
describe('money counted by hand, on the real engine', function () {
  this.timeout(180_000);
  let database: TestDatabase;
  let ask: ReturnType<typeof createAsker>;
  const range = { from: START, to: END, timeZone: 'UTC' };

  before(async () => {
    database = await startDatabase();
    const insert = (table: string, rows: object[]): Promise<void> =>
      database
        .as('migrator')
        .insert(
          `INSERT INTO ${table} FORMAT JSONEachRow`,
          Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
          { settings: { date_time_input_format: 'best_effort' } },
        );
    const iso = (ms: number): string => new Date(ms).toISOString();
    const at = (week: number, second: boolean): number => START + week * WEEK + (second ? 1.5 : 0.5) * DAY;
    await insert(
      'inquiries',
      Array.from({ length: 24 }, (_, week) =>
        [false, true].map((second) => {
          const lost = second && week < 12;
          return {
            site_id: 1,
            inquiry_id: uuid(2 * week + (second ? 1 : 0)),
            created: iso(at(week, second)),
            version: at(week, second) + (lost ? 10 * DAY : 0),
            status: lost ? 'lost' : 'new',
            price_cents: 20_000_000,
          };
        }),
      ).flat(),
    );
    await insert(
      'orders',
      Array.from({ length: 20 }, (_, week) => ({
        site_id: 1,
        order_id: `order-${week}`,
        version: 1,
        placed: iso(at(week, false) + 22 * DAY),
        status: 'placed',
        amount_cents: 20_000_000,
        inquiry_id: uuid(2 * week),
      })),
    );
    // 40 loads of one page: LCP of load i is 1000 + 100·i ms
    await database.store(
      Array.from({ length: 40 }, (_, i): TestEvent => ({
        ts: START + i * 60_000,
        type: 'vital',
        name: 'LCP',
        value: 1000 + 100 * i,
        stream: uuid(1000 + i),
        seq: 0,
        visitor: 100 + i,
        session: 100 + i,
        path: '/',
        route: '/',
        device: 'mobile',
      })),
    );
    ask = createAsker(database, { clock: { now: () => END } });
  });
  after(() => database.stop());

  /** At the end of week w of their age: 48 came; 12 are lost in week 1, 20 order in week 3. */
  const hazard = [
    // who is open and young leaves at his age: the last weeks' leads, two a week
    { week: 0, atRisk: 48, orders: 0 },
    { week: 1, atRisk: 46, orders: 0 },
    { week: 2, atRisk: 32, orders: 0 },
    { week: 3, atRisk: 30, orders: 20 },
    // the second ones of weeks 12 … 19, still open at as many weeks of age
    ...[8, 7, 6, 5, 4, 3, 2, 1].map((atRisk, i) => ({ week: 4 + i, atRisk, orders: 0 })),
  ];
  const { shape, rate, exposureOf, chanceOf } = chancesByHand(hazard);
  /**
   * What an order of a posterior-predictive lognormal comes to, × 200,000: twenty orders alike leave a scale of
   * s² = 4·.3² / 23 with 23 degrees of freedom, and the mean itself is known to s²/20; E exp(½·s²·(21/20)·23/χ²) by its
   * first three terms.
   */
  const c = (((4 * 0.09) / 23) * 1.05) / 2;
  const spread = 1 + (c * 23) / 21 + (c * c * 23 * 23) / (2 * 21 * 19);

  const readHazard = async () =>
    (
      await database.views.rows<{ tier: string; week: number; at_risk: number; orders: number }>(
        'lead_hazard',
        { site: 1, from: START, to: END },
      )
    ).map(({ tier, week, at_risk, orders }) => ({ tier, week, atRisk: at_risk, orders }));

  it('lead_hazard: orders ÷ at risk, week by week of age', async () => {
    expect((await readHazard()).map(({ week, atRisk, orders }) => ({ week, atRisk, orders }))).to.eql(hazard);
  });

  it('revenue-forecast: Σ p · price of the open leads, and of those to come', async () => {
    const { expected, leads, model } = await ask<{
      expected: Estimate;
      leads: { inquiryId: string; tier: string; ageDays: number; price: number; pOrder: Estimate }[];
      model: string;
    }>('revenue-forecast', { horizon: '30' }, range);
    expect(model).to.equal('pipeline');
    expect(leads.length).to.equal(16);
    expect(new Set(leads.map(({ tier, price }) => `${tier} ${price}`))).to.eql(new Set(['unknown 200000']));
    const ageOf = (id: string): number => {
      const i = Number(id.slice(-12));
      return (END - START - (Math.floor(i / 2) * WEEK + (i % 2 === 0 ? 0.5 : 1.5) * DAY)) / WEEK;
    };
    // 30 days are counted as four weeks and a half of a seventh of one
    for (const { inquiryId, pOrder } of leads)
      expect(pOrder.value, inquiryId).to.be.closeTo(chanceOf(ageOf(inquiryId), 4), 1e-9);
    const open = leads.reduce((sum, { inquiryId }) => sum + chanceOf(ageOf(inquiryId), 4), 0);
    // two came in each of twelve weeks: Gamma(24.5, 12). One that comes at any moment of a week orders until the end by
    // 1 − mean of E exp(−g·u) over the exposures u of that week, which is an integral of (1 + u / rate)^−shape
    const waiting = (from: number, to: number): number =>
      ((rate / (shape - 1)) * ((1 + from / rate) ** (1 - shape) - (1 + to / rate) ** (1 - shape))) /
      (to - from);
    const coming = [0, 1, 2, 3].reduce(
      (sum, week) => sum + (24.5 / 12) * (1 - waiting(exposureOf(0, week), exposureOf(0, week + 1))),
      0,
    );
    expect(open).to.be.above(coming);
    // a mean of 2,000 draws whose sd is about half of it: two standard errors
    expect(expected.value! / (200_000 * spread * (open + coming) * (30 / 28))).to.be.within(0.977, 1.023);
    expect(expected.quality).to.equal('ok');
  });

  it('lifetime-value: a lead is worth its chance times the margin of an order', async () => {
    const { mode, perLead, byTier, refusal } = await ask<{
      mode: string;
      perLead: Estimate;
      byTier: { tier: string; leads: number; value: Estimate }[];
      refusal: string;
    }>('lifetime-value', { margin: 0.1 }, range);
    checkEstimates([perLead, byTier]);
    expect([mode, byTier.map(({ tier, leads }) => [tier, leads])]).to.eql([
      'single_purchase',
      [['unknown', 48]],
    ]);
    // the chance of a new lead within two years, times 200,000, times a tenth: 2,000 draws of an sd below a fifth
    expect(perLead.value! / (chanceOf(0, 104) * 20_000)).to.be.within(0.99, 1.01);
    expect(byTier[0]!.value.value! / perLead.value!).to.be.closeTo(1, 1e-9);
    // Gamma quantiles of the multiplier, 22 orders: its mean ± about 1.96 / √22
    const mean = shape / rate;
    for (const [bound, sign] of [
      [perLead.lo!, -1],
      [perLead.hi!, 1],
    ] as const) {
      const multiplier = mean * (1 - 1 / (9 * shape) + (sign * 1.959964) / (3 * Math.sqrt(shape))) ** 3;
      expect(bound / (-Math.expm1(-multiplier * exposureOf(0, 104)) * 20_000)).to.be.within(0.97, 1.03);
    }
    expect(refusal).to.contain('0 of the 30');
  });

  it('customer-segments: leads by tier, open and ordered', async () => {
    const { segments } = await ask<{
      segments: { name: string; size: number; profile: { open: number; price: number }; rate: Estimate }[];
    }>('customer-segments', { kind: 'leads' }, range);
    expect(segments.map(({ name, size, profile }) => [name, size, profile.open, profile.price])).to.eql([
      ['unknown', 48, 16, 200_000],
    ]);
    expect(segments[0]!.rate.value).to.be.closeTo(20.5 / 49, 1e-9);
  });

  it('performance: p75 of forty loads, with the order statistics around it', async () => {
    const { vitals } = await ask<{ vitals: { metric: string; p75: Estimate; rating: string }[] }>(
      'performance',
      {},
      range,
    );
    // the quantile 0.75 of 1000, 1100 … 4900; ± 1.96·√(0.1875/40) = ± .13419 of the distribution
    expect(vitals.map(({ metric, p75, rating }) => [metric, p75.n, p75.quality, rating])).to.eql([
      ['LCP', 40, 'low_n', 'needs-improvement'],
    ]);
    const { value, lo, hi } = vitals[0]!.p75;
    const half = 1.96 * Math.sqrt(0.1875 / 40);
    expect(value).to.be.closeTo(3925, 1e-9);
    expect(lo).to.be.closeTo(1000 + 3900 * (0.75 - half), 0.1);
    expect(hi).to.be.closeTo(1000 + 3900 * (0.75 + half), 0.1);
  });
});
