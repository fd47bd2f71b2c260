import { expect } from 'chai';
import { aggregatePerformance } from '../../src/jobs/aggregate-performance.js';
import type { Estimate } from '../../src/questions/index.js';
import { runSlot, sourcesOf } from '../jobs/support.js';
import { DAY_MS, scope, useDatabase, type TestEvent } from '../schema/support.js';
import { createAsker } from './support.js';

/** Two days, in each the same measurements. */
const FROM = Date.parse('2026-11-10T00:00:00Z');
const RANGE = { from: FROM, to: FROM + 2 * DAY_MS };
const HOUR_MS = 3_600_000;

interface Measured {
  value: number;
  rate: number;
}

/** 400 requests of 1 … 400 ms of which a tenth was sent, and every one of 100 of 2,100 … 12,000 ms: 20 % of all. */
const requests: readonly Measured[] = [
  ...Array.from({ length: 40 }, (_, i) => ({ value: 10 * (i + 1), rate: 0.1 })),
  ...Array.from({ length: 100 }, (_, i) => ({ value: 2000 + 100 * (i + 1), rate: 1 })),
];
/** A site that sends every fourth page instance's LCP, after days on which it sent all. */
const paints: readonly Measured[] = [
  ...Array.from({ length: 60 }, (_, i) => ({ value: 1000 + 10 * i, rate: 1 })),
  ...Array.from({ length: 60 }, (_, i) => ({ value: 3000 + 10 * i, rate: 0.25 })),
];
/** All with the same rate: each counts alike. */
const inputs: readonly Measured[] = Array.from({ length: 250 }, (_, i) => ({
  value: (i * 37) % 251,
  rate: 0.3,
}));
const shifts: readonly Measured[] = Array.from({ length: 40 }, (_, i) => ({
  value: ((i * 7) % 41) / 100,
  rate: 1,
}));

/** Weights that are no whole numbers: two and a half. */
const starts: readonly Measured[] = [
  ...Array.from({ length: 60 }, (_, i) => ({ value: 1000 + 10 * i, rate: 1 })),
  ...Array.from({ length: 60 }, (_, i) => ({ value: 3000 + 10 * i, rate: 0.4 })),
];

/** Each measurement as often as it weighs, in order. */
const unsampled = (measured: readonly Measured[]): number[] =>
  measured
    .flatMap(({ value, rate }) => new Array<number>(Math.round(1 / rate)).fill(value))
    .sort((p, q) => p - q);
/** Type 7. */
const quantile = (sorted: readonly number[], level: number): number => {
  const at = (sorted.length - 1) * level;
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
};
const effective = (measured: readonly Measured[]): number => {
  const weights = measured.map(({ rate }) => 1 / rate);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return sum(weights) ** 2 / sum(weights.map((weight) => weight * weight));
};
/** The quantile function at 0.75 and on both sides of it, read between every twentieth. */
const p75Of = (all: readonly number[], n: number) => {
  const between = (level: number): number => {
    const low = Math.floor(level * 20 + 1e-9) / 20;
    const share = (level - low) * 20;
    return quantile(all, low) * (1 - share) + quantile(all, Math.min(1, low + 0.05)) * share;
  };
  const wide = Math.min(0.2, 1.959964 * Math.sqrt(0.1875 / n));
  return { value: quantile(all, 0.75), lo: between(0.75 - wide), hi: between(0.75 + wide) };
};

const events = (): TestEvent[] => {
  const all = ([type, name, measured]: readonly [string, string, readonly Measured[]]): TestEvent[] =>
    measured.flatMap(({ value, rate }, i) =>
      [0, 1].map((day) => ({
        ts: FROM + day * DAY_MS + 10 * HOUR_MS + i * 1000 + ((i * 300) % 1000) * Number(name === 'FCP'),
        type,
        name,
        kind: type === 'request' ? ['fetch', 'xhr'][i % 2] : '',
        value,
        rate,
        route: '/konfigurator',
        device: 'desktop',
        visitor: 1 + i,
        session: 1 + i,
        stream: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      })),
    );
  // pictures are only told of when they drag
  const pictures = Array.from({ length: 500 }, () => ({ value: 9000, rate: 1 }));
  return [
    ...(
      [
        ['request', '', requests],
        ['vital', 'LCP', paints],
        ['vital', 'INP', inputs],
        ['vital', 'CLS', shifts],
        ['vital', 'FCP', starts],
      ] as const
    ).flatMap(all),
    ...all(['request', '', pictures]).map((event) => ({ ...event, kind: 'resource' })),
  ];
};

interface Speed {
  vitals: { metric: string; p75: Estimate; rating: string | null }[];
  trend: { metric: string; p75: Estimate; n: number }[];
}

describe('measurements that were sampled', function () {
  this.timeout(120_000);
  const database = useDatabase();
  const ask = createAsker(database as never);
  const metric = async (name: string): Promise<Speed['vitals'][number]> =>
    (await ask<Speed>('performance', {}, RANGE)).vitals.find((one) => one.metric === name)!;
  const twice = (measured: readonly Measured[]): Measured[] => [...measured, ...measured];

  before(() => database.store(events()));

  const check = async (): Promise<void> => {
    for (const [name, measured] of [
      ['request', requests],
      ['LCP', paints],
      ['INP', inputs],
      ['CLS', shifts],
    ] as const) {
      const all = twice(measured);
      const byHand = p75Of(unsampled(all), effective(all));
      const { p75 } = await metric(name);
      expect(p75.n, name).to.equal(all.length);
      for (const bound of ['value', 'lo', 'hi'] as const)
        expect(p75[bound], `${name} ${bound}`).to.be.closeTo(
          byHand[bound],
          1e-3 * Math.max(1, byHand[bound]),
        );
    }
  };

  it('weigh 1/rate in the p75 and its interval', check);

  it('give the p75 of those who were there, not of those who were sent', async () => {
    const { p75 } = await metric('request');
    // 75 % of 500 requests: the 375th of 400 quick ones
    expect(p75.value).to.be.within(370, 380);
    const sent = requests.map(({ value }) => value).sort((p, q) => p - q);
    expect(quantile(sent, 0.75)).to.be.above(8000);
    const { trend } = await ask<Speed>('performance', {}, RANGE);
    const days = trend.filter((one) => one.metric === 'request');
    expect(days.map(({ n }) => n)).to.eql([140, 140]);
    for (const { p75: own } of days) {
      expect(own.value).to.be.within(370, 380);
      // a day knows as much as 61 plain requests
      expect(own).to.include({ n: 140, quality: 'low_n', method: 'order statistics, weighted by sampling' });
      expect(own.lo).to.be.below(own.value!);
      expect(own.hi).to.be.above(own.value!);
    }
  });

  it('say so, and are as good as a plain sample of their effective size', async () => {
    const [request, input, shift] = [await metric('request'), await metric('INP'), await metric('CLS')];
    // Σw = 500, Σw² = 4,100 a day: 280 measurements know as much as 122 plain ones
    expect(effective(twice(requests))).to.be.closeTo(121.95, 0.01);
    expect(request.p75).to.include({
      n: 280,
      quality: 'low_n',
      method: 'order statistics, weighted by sampling',
    });
    expect(input.p75).to.include({ n: 500, quality: 'ok' });
    expect(shift.p75).to.include({ n: 80, quality: 'low_n', method: 'order statistics' });
  });

  it('are null where fewer than thirty plain ones would know as much', async () => {
    const day = { from: FROM + 10 * HOUR_MS, to: FROM + 10 * HOUR_MS + 60_000 };
    // 40 weigh ten, 20 weigh one
    const some = requests.slice(0, 60);
    expect(effective(some)).to.be.above(30);
    const few = { ...day, from: day.from + 25_000 };
    // 15 weigh ten, 20 weigh one: (170)² ÷ 1,520
    expect(effective(requests.slice(25, 60))).to.be.closeTo(19.01, 0.01);
    const of = async (range: typeof day): Promise<Estimate> =>
      (await ask<Speed>('performance', { metric: 'request' }, range)).vitals[0]!.p75;
    expect(await of(day)).to.include({ n: 60, quality: 'low_n' });
    expect(await of(few)).to.include({ n: 35, value: null, quality: 'insufficient' });
  });

  it('weigh two and a half in the mean', async () => {
    const { p75 } = await metric('FCP');
    // of 420 in two days the 315th: the 39th of 60 slow ones; with whole weights of two it would be the 37th
    expect(p75.value).to.be.within(3382, 3395);
  });

  it('weigh 1/rate where clicks and errors are counted; people are those who were seen', async () => {
    const at = FROM + 6 * DAY_MS;
    const told = (type: string, more: Record<string, unknown>): TestEvent[] =>
      [1, 2, 3, 4].map((i) => ({
        ts: at + i,
        type,
        path: '/',
        route: '/',
        visitor: i,
        session: i,
        seq: i,
        ...more,
      }));
    await database.store([
      ...told('click', { element: '#often', ex: 100, ey: 100, rate: 0.3 }),
      ...told('click', { element: '#always', ex: 100, ey: 100 }),
      ...told('error', { kind: 'exception', fingerprint: '7', times: 3, rate: 0.5 }),
    ]);
    const range = { from: at, to: at + DAY_MS };
    const count = async (): Promise<unknown[]> => {
      const { elements, cells } = await ask<
        Record<'elements' | 'cells', { element: string; n: number; visitors: number }[]>
      >('heatmap', { page: '/' }, range);
      return [elements, cells].map((rows) => rows.map(({ element, n, visitors }) => [element, n, visitors]));
    };
    const clicks = [
      ['#often', 13, 4],
      ['#always', 4, 4],
    ];
    expect(await count()).to.eql([clicks, clicks]);
    // one that claims to stand for a million
    await database.store([
      { ts: at, type: 'error', kind: 'exception', fingerprint: '9', times: 1, session: 9, rate: 0.000001 },
    ]);
    const [claimed, errors] = await database.views.rows<{ n: number; sessions: number }>(
      'errors',
      scope(range.from, range.to, { step: 86_400 }),
    );
    expect(claimed).to.include({ n: 1000, sessions: 1 });
    expect(errors).to.include({ n: 24, sessions: 4 });
    await database.rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0 });
    expect(await count()).to.eql([clicks, clicks]);
  });

  it('weigh the same from a built day', async () => {
    await database.rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0 });
    await check();
  });

  it('weigh the same in the hours that are kept', async () => {
    const at = RANGE.to;
    await runSlot(aggregatePerformance(sourcesOf(database)), { id: 'hours', at });
    const hours = await database.views.rows<Record<string, number> & { metric: string; time: string }>(
      'report_hours',
      scope(RANGE.from, RANGE.to),
    );
    const first = (name: string) =>
      hours.find((hour) => hour.metric === name && String(hour.time).includes('11-10'))!;
    const { p75, lo, hi, n } = first('request') as unknown as Record<string, number>;
    expect(n).to.equal(140);
    expect(p75).to.be.closeTo(quantile(unsampled(requests), 0.75), 0.1);
    // ± .1087: between the kept quantiles .6 and .7, .8 and .9
    const wide = 1.959964 * Math.sqrt(0.1875 / effective(requests));
    const at7 = (level: number): number => quantile(unsampled(requests), level);
    const line = (level: number, low: number, high: number): number =>
      at7(low) + ((level - low) / (high - low)) * (at7(high) - at7(low));
    expect(lo).to.be.closeTo(line(0.75 - wide, 0.6, 0.7), 0.1);
    expect(hi).to.be.closeTo(line(0.75 + wide, 0.8, 0.9), 1);
  });
});
