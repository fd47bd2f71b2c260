import { DateTime } from 'luxon';
import { expect } from 'chai';
import type { Estimate } from '../../src/questions/index.js';
import { leadIndicatorOf } from '../../src/questions/lead-indicator.js';
import { leadWeeksOf } from '../../src/questions/option-mix.js';
import { betaInterval, randomFrom, type Random } from '../../src/statistics/index.js';
import { useDatabase, type TestEvent } from '../schema/support.js';
import { checkEstimates } from './scripted.js';
import { createAsker } from './support.js';

const zone = 'Europe/Vienna';
/** A Monday. */
const FIRST = DateTime.fromISO('2026-08-31', { zone });
const noonOf = (week: number): number => FIRST.plus({ weeks: week, days: 2, hours: 12 }).toMillis();

interface Series {
  series: {
    key: string;
    weeks: { week: string; share: Estimate; complete: boolean }[];
    slopePerWeek: Estimate;
  }[];
}

describe('shares of market-trends', function () {
  this.timeout(240_000);
  const db = useDatabase();
  let seq = 0;
  const event = (week: number, visitor: number, more: Record<string, unknown>): TestEvent => ({
    ts: noonOf(week) + (seq % 1000),
    seq: seq++,
    type: 'option_select',
    stream: '00000000-0000-4000-8000-000000000001',
    visitor,
    session: visitor,
    channel: 'search',
    device: 'desktop',
    ...more,
  });
  const ask = async (
    site: number,
    dimension: string,
    { from, to }: { from: DateTime; to: DateTime },
  ): Promise<Series['series']> => {
    const { series } = await createAsker(db as never, { clock: { now: Date.now } })<Series>(
      'market-trends',
      { dimension },
      { site: { id: site, timeZone: zone } as never, from: from.toMillis(), to: to.toMillis() },
    );
    checkEstimates(series);
    return series;
  };

  it('are of the visitors of a group: five who chose in eight groups are five', async () => {
    const visitors = [1, 2, 3, 4, 5];
    const groups = Array.from({ length: 8 }, (_, i) => `group${i}`);
    const chosen = visitors.flatMap((visitor) =>
      groups.map((option_group) => event(0, visitor, { option_group, option: 'same' })),
    );
    // forty choose a facade, of them ten both
    const facades = Array.from({ length: 40 }, (_, i) => [
      ...(i < 30 ? [event(0, 100 + i, { option_group: 'facade', option: 'wood' })] : []),
      ...(i >= 20 ? [event(0, 100 + i, { option_group: 'facade', option: 'plaster' })] : []),
    ]).flat();
    await db.store([...chosen, ...facades].map((row) => ({ ...row, site_id: 11 })));
    const series = await ask(11, 'option', { from: FIRST, to: FIRST.plus({ weeks: 2 }) });
    const shareOf = (key: string): Estimate => series.find((one) => one.key === key)!.weeks[0]!.share;
    for (const group of groups)
      expect(shareOf(`${group}/same`)).to.include({ value: null, n: 5, quality: 'insufficient' });
    expect(shareOf('facade/wood')).to.include({ n: 40, quality: 'low_n' });
    expect(shareOf('facade/wood').value).to.be.closeTo((30 + 7.5) / 50, 1e-12);
    expect(shareOf('facade/plaster').value).to.be.closeTo((20 + 5) / 50, 1e-12);
  });

  it('count a visitor who tried two models, or came by two channels, once', async () => {
    const of = (i: number, model: string, channel: string): TestEvent[] => [
      event(0, 200 + i, { type: 'page_view', channel, site_id: 12 }),
      event(0, 200 + i, { type: 'config', kind: 'change', config_hash: '1', model, channel, site_id: 12 }),
    ];
    await db.store(
      Array.from({ length: 40 }, (_, i) => [
        ...of(i, 'small', 'search'),
        ...(i < 10 ? of(i, 'large', 'mail') : []),
      ]).flat(),
    );
    for (const [dimension, key] of [
      ['model', 'large'],
      ['channel', 'mail'],
    ] as const) {
      const series = await ask(12, dimension, { from: FIRST, to: FIRST.plus({ weeks: 2 }) });
      const { share } = series.find((one) => one.key === key)!.weeks[0]!;
      expect(share.n, dimension).to.equal(40);
      expect(share.value, dimension).to.be.closeTo((10 + 2.5) / 50, 1e-12);
      // all of them tried the other: that is no certainty
      const all = series.find((one) => one.key !== key)!.weeks[0]!.share;
      expect(all).to.include({ value: 1, hi: 1 });
      expect(all.lo).to.be.closeTo(betaInterval(40, 40).lo, 1e-12);
    }
  });

  it('leave a week that the range cuts, or that still runs, out of the slope', async () => {
    const monday = DateTime.now().setZone(zone).startOf('week');
    const rows = Array.from({ length: 11 }, (_, week) =>
      Array.from({ length: 30 }, (__, i) => ({
        ...event(0, 1000 + 100 * week + i, { type: 'config', kind: 'change', config_hash: '1', site_id: 13 }),
        // just after midnight of Monday, the running week's too
        ts: Math.min(monday.minus({ weeks: 10 - week }).toMillis() + 60_000 + i, Date.now() - 1),
        model: i < 10 + week ? 'small' : 'large',
      })),
    ).flat();
    await db.store(rows);
    const from = monday.minus({ weeks: 10 });
    const completeOf = async (range: { from: DateTime; to: DateTime }) => {
      const [{ weeks, slopePerWeek }] = (await ask(13, 'model', range)) as [Series['series'][number]];
      return [weeks.map(({ complete }) => Number(complete)).join(''), slopePerWeek.n];
    };
    // to lies ahead, and the week in between runs
    expect(await completeOf({ from, to: monday.plus({ weeks: 2 }) })).to.eql(['11111111110', 10]);
    expect(await completeOf({ from, to: monday })).to.eql(['1111111111', 10]);
    // cut by a second, and by half a day
    expect(await completeOf({ from: from.plus({ seconds: 1 }), to: monday })).to.eql(['0111111111', 9]);
    expect(await completeOf({ from, to: monday.minus({ hours: 12 }) })).to.eql(['1111111110', 9]);
  });
});

describe('the leading indicator', function () {
  this.timeout(60_000);
  const RUNS = 300;
  type Shop = (random: Random, weeks: number) => { configurations: number[]; orders: number[] };
  const series = (weeks: number, draw: (week: number) => number): number[] =>
    Array.from({ length: weeks }, (_, week) => draw(week));
  const wandering = (random: Random, weeks: number, level: number): number[] =>
    series(weeks, () => random.poisson((level *= Math.exp(0.1 * random.normal()))));
  const claims = (shop: Shop, weeks: number): number => {
    const random = randomFrom(7);
    const found = series(RUNS, () => {
      const { configurations, orders } = shop(random, weeks);
      const rows = configurations.map((n, i) => ({
        ...{ time: '', configurations: n, inquiries: orders[i]!, orders: orders[i]! },
      }));
      return leadWeeksOf(leadIndicatorOf(rows)) === null ? 0 : 1;
    });
    return found.reduce((sum, one) => sum + one, 0) / RUNS;
  };

  const INDEPENDENT: Record<string, Shop> = {
    'steady counts': (random, weeks) => ({
      configurations: series(weeks, () => random.poisson(200)),
      orders: series(weeks, () => random.poisson(20)),
    }),
    'rare orders': (random, weeks) => ({
      configurations: series(weeks, () => random.poisson(60)),
      orders: series(weeks, () => random.poisson(0.7)),
    }),
    'levels that wander': (random, weeks) => ({
      configurations: wandering(random, weeks, 150),
      orders: wandering(random, weeks, 8),
    }),
  };
  for (const [name, shop] of Object.entries(INDEPENDENT))
    it(`claims to run ahead of what it has nothing to do with in 5 % at most: ${name}`, () => {
      for (const weeks of [12, 40, 104]) expect(claims(shop, weeks), `${weeks} weeks`).to.be.at.most(0.05);
    });

  it('finds what follows three weeks later', () => {
    const follows: Shop = (random, weeks) => {
      const configurations = series(weeks, () => random.poisson(50 * random.gamma(4) * 0.25));
      return {
        configurations,
        orders: configurations.map((_, i) => random.poisson((configurations[i - 3] ?? 50) / 10)),
      };
    };
    expect(claims(follows, 104)).to.be.above(0.9);
  });
});
