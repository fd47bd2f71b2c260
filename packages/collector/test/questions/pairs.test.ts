import { expect } from 'chai';
import fc from 'fast-check';
import { bundlesOf } from '../../src/questions/bundles.js';
import type { Estimate } from '../../src/questions/index.js';
import { associationLift, betaInterval } from '../../src/statistics/index.js';
import { startDatabase, type TestDatabase, type TestEvent } from '../schema/support.js';
import { checkEstimates } from './scripted.js';
import { OPENING } from './shop.js';
import { createAsker } from './support.js';

const HOUR = 3_600_000;

/**
 * 80 visitors. The first 30 choose a green roof (+10,000) and solar power (+20,000), ten more only the roof, ten only
 * solar power, thirty an oak floor (+5,000), of which the first two change to stone. All see a price of 200,000, the
 * first 40 save. Of the 30 with both, the first six ask at once. Of the others who saved, the first five come back the
 * next hour and ask; of those who did not save, nobody does.
 */
const visitors = (): TestEvent[] => {
  const events: TestEvent[] = [];
  for (let i = 1; i <= 80; i++) {
    let seq = 0;
    const add = (type: string, more: Record<string, unknown> = {}, session = 1000 + i): void => {
      events.push({
        ts: OPENING + i * 60_000 + seq * 5000 + (session > 2000 ? HOUR : 0),
        type,
        stream: `00000000-0000-4000-8000-${String(session).padStart(12, '0')}`,
        seq: seq++,
        visitor: i,
        session,
        path: '/konfigurator',
        device: 'desktop',
        channel: 'search',
        ...more,
      });
    };
    const choose = (option_group: string, option: string, euro: number): void =>
      add('option_select', { option_group, option, value: euro * 100 });
    add('page_view');
    if (i <= 40) choose('roof', 'green', 10_000);
    if (i <= 30 || (i > 40 && i <= 50)) choose('power', 'solar', 20_000);
    if (i > 50) choose('floor', 'oak', 5000);
    if (i > 50 && i <= 52) choose('floor', 'stone', 8000);
    add('price_view', { price_cents: 20_000_000, model: 'nest-80' });
    if (i <= 40) add('config', { kind: 'save', price_cents: 20_000_000, model: 'nest-80' });
    if (i <= 6) add('inquiry', { price_cents: 20_000_000 });
    if (i > 6 && i <= 11) {
      add('page_view', {}, 2000 + i);
      add('inquiry', { price_cents: 20_000_000 }, 2000 + i);
    }
  }
  return events;
};

interface Bundle {
  options: string[];
  n: number;
  lift: Estimate;
  price: number | null;
  gain: Estimate;
}

describe('bundles and abandoned value, on the real engine', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let ask: ReturnType<typeof createAsker>;
  before(async () => {
    database = await startDatabase();
    await database.store(visitors());
    ask = createAsker(database);
  });
  after(() => database.stop());

  it('popular-configs finds the two options that go together, their price, and what a discount would do', async () => {
    const { bundles } = await ask<{ bundles: Bundle[] }>('popular-configs');
    checkEstimates(bundles);
    // oak and stone are one floor changed, and too few
    expect(bundles.map(({ options, n, price }) => [options, n, price])).to.eql([
      [['power/solar', 'roof/green'], 30, 30_000],
    ]);
    const { value, lo, hi } = associationLift({ n: 30, nX: 40, nY: 40, baskets: 80 });
    expect(bundles[0]!.lift).to.include({ value, lo, hi, n: 30, quality: 'ok' });
    expect(bundles[0]!.gain.quality).to.equal('low_n');
    // without a discount nothing changes
    const none = await ask<{ bundles: Bundle[] }>('popular-configs', { discount: 0 });
    expect(none.bundles[0]!.gain.value).to.be.closeTo(0, 1e-6);
  });

  it('conversion-funnel says what was not sent, by stage, and how much of it comes back', async () => {
    const { abandoned } = await ask<{
      abandoned: { stage: string; n: number; value: number; pRecover: Estimate; expected: Estimate }[];
    }>('conversion-funnel');
    checkEstimates(abandoned);
    // 40 saved, 11 of them asked; 40 only saw a price
    expect(abandoned.map(({ stage, n, value }) => [stage, n, value])).to.eql([
      ['saved', 29, 29 * 200_000],
      ['price seen', 40, 40 * 200_000],
    ]);
    const [saved, seen] = abandoned;
    // 34 saved without asking at once, five came back; the other stage pulls a little
    expect(saved!.pRecover.n).to.equal(34);
    expect(saved!.pRecover.value).to.be.within(0.05, 5.5 / 35);
    expect(seen!.pRecover.n).to.equal(40);
    expect(seen!.pRecover.value).to.be.below(saved!.pRecover.value!);
    expect(saved!.expected.value).to.be.closeTo(saved!.pRecover.value! * 29 * 200_000, 1e-6);
    expect(betaInterval(5, 34).hi).to.be.above(saved!.pRecover.hi! * 0.8);
  });
});

describe('bundles', () => {
  const pair = fc
    .record({
      baskets: fc.integer({ min: 100, max: 5000 }),
      x: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
      y: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
      both: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ baskets, x, y, both }) => {
      const [cx, cy] = [Math.ceil(x * baskets), Math.ceil(y * baskets)];
      const least = Math.max(0, cx + cy - baskets);
      return {
        x: 'a/1',
        y: 'b/1',
        cx,
        cy,
        baskets,
        n: Math.round(least + both * (Math.min(cx, cy) - least)),
      };
    });
  const prices = new Map([
    ['a/1', 1000],
    ['b/1', 3000],
  ]);

  it('are only what is surely together, hold their lift, and never gain more than all who took one would pay', () => {
    fc.assert(
      fc.property(pair, fc.double({ min: 0, max: 0.5, noNaN: true }), (row, discount) => {
        for (const { lift, gain } of bundlesOf([row], prices, discount)) {
          expect(lift.lo).to.be.above(1);
          expect(lift.value).to.be.within(lift.lo!, lift.hi!);
          expect(gain.value).to.be.within(gain.lo!, gain.hi!);
          const most = (row.cx - row.n) * 3000 + (row.cy - row.n) * 1000;
          expect(gain.hi).to.be.at.most(most + 1e-6);
          expect(gain.lo).to.be.at.least(-row.n * discount * 4000 - row.cx * 4000 - row.cy * 4000);
        }
      }),
    );
  });

  it('gain what the middle of the elasticities brings, between what its outer 2.5 % bring', () => {
    const row = { x: 'a/1', y: 'b/1', n: 60, cx: 200, cy: 100, baskets: 1000 };
    const { gain } = bundlesOf([row], prices, 0.05)[0]!;
    const cut = 0.05 * 4000;
    const more = (alone: number, all: number, price: number, elasticity: number): number =>
      Math.min(alone, all * Math.min(1, (60 / all) * (1 - cut / price) ** elasticity) - 60) * (price - cut);
    const at = (elasticity: number): number =>
      more(140, 200, 3000, elasticity) + more(40, 100, 1000, elasticity) - 60 * cut;
    expect(gain.lo).to.be.closeTo(at(0), 1e-6);
    expect(gain.value).to.be.closeTo(at(-1.5), 1e-6);
    expect(gain.hi).to.be.closeTo(at(-1.5 - 1.959964), 0.01);
  });
});
