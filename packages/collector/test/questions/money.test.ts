import { expect } from 'chai';
import type { Estimate } from '../../src/questions/index.js';
import { demandSlope } from '../../src/questions/demand-slope.js';
import { noiseFloor } from '../../src/questions/noise-floor.js';
import type { Band } from '../../src/questions/revenue-forecast.js';
import { purchaseSummary } from '../../src/statistics/index.js';
import { dayOf, linesOf } from '../statistics/data.js';
import { RANGE } from './shop.js';
import { askScripted, type Script } from './scripted.js';

const DAY = 86_400_000;
const text = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

/** A year of leads: one a day, every tenth is hot and orders for 210,000 after 60 days. */
const leadRows = Array.from({ length: 360 }, (_, i) => {
  const at = RANGE.to - (360 - i) * DAY;
  const hot = i % 10 === 0;
  const ordered = hot && at + 60 * DAY < RANGE.to;
  return {
    inquiry_id: `lead-${i}`,
    lead_at: text(at),
    status: i % 10 === 5 ? 'lost' : 'new',
    price: 200_000,
    ordered_at: ordered ? text(at + 60 * DAY) : null,
    paid: ordered ? 210_000 + 1000 * (i % 7) : null,
    lost_at: i % 10 === 5 ? text(at + 10 * DAY) : null,
    tier: hot ? 'hot' : 'cold',
  };
});
const pipeline: Script = { leads: leadRows };

interface Forecast {
  expected: Estimate;
  bands: Band[];
  leads: { inquiryId: string; tier: string; ageDays: number; pOrder: Estimate }[];
  score: { coverage80: Estimate; wape: number | null; floor: number | null; crpsSkill: number | null };
  model: string;
}

describe('revenue-forecast', function () {
  this.timeout(180_000);
  it('expects what open leads are worth, hot ones first, with a band around it', async () => {
    const { data } = await askScripted<Forecast>('revenue-forecast', pipeline);
    expect(data.model).to.equal('pipeline');
    expect(data.expected.quality).to.equal('ok');
    expect(data.expected.value).to.be.within(2e5, 4e6);
    const band = data.bands.at(-1)!;
    expect([
      band.lo95 <= band.lo80,
      band.lo80 <= band.mean,
      band.mean <= band.hi80,
      band.hi80 <= band.hi95,
    ]).to.eql([true, true, true, true]);
    expect(data.leads[0]!.tier).to.equal('hot');
    expect(data.leads.some(({ inquiryId }) => inquiryId === 'lead-5')).to.equal(false);
    expect(data.leads.some(({ inquiryId }) => inquiryId === 'lead-0')).to.equal(false);
    expect(data.score.floor).to.be.within(0.1, 1);
  });

  it('answers the same twice, and more for a longer horizon', async () => {
    const ask = (horizon: string) =>
      askScripted<Forecast>('revenue-forecast', pipeline, { parameters: { horizon } });
    const [one, two, long] = [await ask('90'), await ask('90'), await ask('180')];
    expect(two.data).to.eql(one.data);
    expect(long.data.expected.value).to.be.above(one.data.expected.value!);
  });

  it('shows past forecasts as they were made, each from its beginning on, and how good they were', async () => {
    const logged = { subject: 'revenue', horizon: 90, mean: 5, lo80: 4, hi80: 6, lo95: 3, hi95: 7 };
    const september = { time: '2026-12-01T00:00:00Z', made: '2026-09-02 02:00:00' };
    const august = { time: '2026-10-31T00:00:00Z', made: '2026-08-02 02:00:00' };
    const { data } = await askScripted<Forecast>('revenue-forecast', {
      ...pipeline,
      forecast: [
        { ...logged, ...september, model: 'revenue.pipeline' },
        { ...logged, ...august, model: 'revenue.pipeline' },
        { ...logged, ...august, model: 'revenue.naive' },
        { ...logged, ...august, model: 'revenue.pipeline', horizon: 30 },
        // nobody knew of it at the end of the range, though its time begins in no other way than that of the others
        { ...logged, time: '2027-02-14T00:00:00Z', made: '2026-11-16 03:00:00', model: 'revenue.pipeline' },
      ],
      forecast_scores: [
        {
          model: 'revenue.pipeline',
          horizon: 90,
          n: 40,
          coverage80: 0.8,
          coverage95: 0.95,
          wape: 0.4,
          skill: 0.1,
        },
      ],
    });
    expect(data.bands.map(({ start, end }) => [start, end])).to.eql([
      ['2026-08-02T02:00:00.000Z', '2026-10-31T02:00:00.000Z'],
      ['2026-09-02T02:00:00.000Z', '2026-12-01T02:00:00.000Z'],
      ['2026-11-15T23:00:00.000Z', '2027-02-13T23:00:00.000Z'],
    ]);
    expect(data.score).to.include({ wape: 0.4, crpsSkill: 0.1 });
    expect(data.score.coverage80.value).to.be.closeTo(32.5 / 41, 1e-12);
  });

  it('says in words what is missing when there is next to nothing', async () => {
    const { data, warnings } = await askScripted<Forecast>('revenue-forecast', {
      ...pipeline,
      leads: leadRows.slice(350),
    });
    expect(data.expected.quality).to.equal('insufficient');
    expect(warnings[0]).to.deep.include({
      code: 'TOO_FEW',
      text: '0 of the 3 orders or 10 of the 20 inquiries needed',
    });
    const few = await askScripted<Forecast>('revenue-forecast', { ...pipeline, leads: leadRows.slice(240) });
    expect(few.data.expected.quality).to.equal('low_n');
  });

  /** An order of 10,000 on every seventh day, of which no inquiry tells. */
  const weekly = (weeks: number) =>
    Array.from({ length: weeks }, (_, week) => ({
      time: new Date(RANGE.to - (weeks - week) * 7 * DAY).toISOString(),
      orders: 1,
      revenue: 10_000,
    }));

  it('forecasts orders without an inquiry from their own past, however few there are a month', async () => {
    const { data } = await askScripted<Forecast>(
      'revenue-forecast',
      { order_days: weekly(110) },
      { parameters: { horizon: '30' } },
    );
    expect(data.model).to.equal('ensemble');
    expect(data.expected).to.include({ n: 110, quality: 'ok', method: 'ensemble' });
    // 30 days of one order a week
    expect(data.expected.value).to.be.closeTo((10_000 * 30) / 7, 500);
    // three inquiries that told of three orders say little about the other hundred
    const few = leadRows.flatMap((row) => (row.paid ? [{ ...row, paid: 10_000 }] : [])).slice(0, 3);
    const both = await askScripted<Forecast>('revenue-forecast', { order_days: weekly(110), leads: few });
    expect(both.data.model).to.equal('ensemble');
  });

  it('says what is missing of a past that is too short, and what inquiries leave out', async () => {
    const { data, warnings } = await askScripted<Forecast>('revenue-forecast', { order_days: weekly(50) });
    expect(data.model).to.equal('none');
    expect(data.expected).to.include({ n: 50, quality: 'insufficient' });
    expect(warnings.map(({ text: words }) => words)).to.eql([
      '50 orders, but not by inquiries: from their own past 12 of the 24 times four weeks needed (with orders in three of four: 12); from inquiries 0 of the 3 orders or 0 of the 20 inquiries needed',
    ]);
    const partly = await askScripted<Forecast>('revenue-forecast', {
      ...pipeline,
      order_days: [{ time: '2026-01-01T00:00:00Z', orders: 100, revenue: 1e8 }],
    });
    expect(partly.data.model).to.equal('pipeline');
    expect(partly.warnings[0]).to.deep.include({ code: 'OTHER_ORDERS' });
    // twenty inquiries without a price tell of no money
    const blank = leadRows.slice(300).map((row) => ({ ...row, price: null, paid: null, ordered_at: null }));
    const unpriced = await askScripted<Forecast>('revenue-forecast', { leads: blank });
    expect(unpriced.warnings.map(({ text: words }) => words)).to.eql([
      'an order or an open inquiry with a price is needed',
    ]);
  });

  it('reads its floor off the table and between its rows', () => {
    expect(noiseFloor(1)).to.equal(0.81);
    expect(noiseFloor(10)).to.be.closeTo(0.26, 1e-12);
    expect(noiseFloor(15)).to.be.within(0.19, 0.26);
    expect(noiseFloor(400)).to.be.closeTo(0.04, 1e-12);
    expect(noiseFloor(0)).to.equal(null);
  });
});

interface Lifetime {
  mode: string;
  perLead: Estimate;
  byTier: { tier: string; leads: number; value: Estimate }[];
  perCustomer?: { customer: string; value: Estimate }[];
  cacRatio: Estimate;
  refusal?: string;
}

describe('lifetime-value', function () {
  this.timeout(180_000);
  it('values a lead by its chance, and refuses to value customers who do not come back', async () => {
    const { data } = await askScripted<Lifetime>('lifetime-value', pipeline, { parameters: { cac: 500 } });
    expect(data.mode).to.equal('single_purchase');
    expect(data.refusal).to.contain('0 of the 30');
    const [cold, hot] = data.byTier;
    expect([cold!.tier, hot!.tier]).to.eql(['cold', 'hot']);
    expect(hot!.value.value).to.be.above(cold!.value.value! * 3);
    expect(data.perLead.value).to.be.within(cold!.value.value!, hot!.value.value!);
    expect(data.cacRatio.value).to.be.closeTo(data.perLead.value! / 500, 1e-9);
  });

  it('values the customers of CDNOW as R5 does', async () => {
    const customers = purchaseSummary(
      linesOf('cdnow_sample.txt').map((line) => {
        const [, customer, date, , dollars] = line.trim().split(/\s+/);
        return { customer: customer!, day: dayOf(date!), amount: Number(dollars) };
      }),
      { endDay: dayOf('19970930'), unit: 'day' },
    );
    const customer_history = customers.map(({ id, x, tx, T, m }) => ({
      customer: id,
      repeats: x,
      t_x_days: tx,
      age_days: T,
      mean_value: m,
    }));
    const { data } = await askScripted<Lifetime>(
      'lifetime-value',
      {
        customer_history,
      },
      { parameters: { horizonMonths: 12, discountPerMonth: 0.01, margin: 1 } },
    );
    expect(data.mode).to.equal('repeat');
    const of = (place: number) =>
      data.perCustomer!.find(({ customer }) => customer === customers[place]!.id)!.value;
    // customers 1, 6 and 9 of the published ten, for months of 4.345 weeks; ours are 0.07 % longer
    for (const [place, published] of [
      [0, 36.2785],
      [5, 283.5237],
      [8, 43.3536],
    ] as const)
      expect(of(place).value! / published).to.be.within(0.997, 1.003);
    // half of the margin is half of the value
    const half = await askScripted<Lifetime>(
      'lifetime-value',
      {
        customer_history,
      },
      { parameters: { horizonMonths: 12, discountPerMonth: 0.01, margin: 0.5 } },
    );
    expect(half.data.perCustomer![0]!.value.value).to.be.closeTo(
      data.perCustomer![0]!.value.value! / 2,
      1e-9,
    );
  });

  it('counts the leads of each tier also where too few orders tell what they are worth', async () => {
    const { data } = await askScripted<Lifetime>('lifetime-value', { leads: leadRows.slice(300) });
    expect(data.byTier.map(({ tier, leads, value }) => [tier, leads, value.quality])).to.eql([
      ['cold', 54, 'insufficient'],
      ['hot', 6, 'insufficient'],
    ]);
  });

  it('values the customers of a repeat shop, the better the more they bought', async () => {
    const customer_history = Array.from({ length: 200 }, (_, i) => {
      const repeats = i % 4 === 0 ? 0 : (i % 4) + (i % 3);
      return {
        customer: `c${i}`,
        repeats,
        t_x_days: repeats === 0 ? 0 : 100 + ((i * 37) % 200),
        age_days: 365,
        mean_value: repeats === 0 ? 0 : 40 + ((i * 7919) % 60),
      };
    });
    const { data } = await askScripted<Lifetime>('lifetime-value', { ...pipeline, customer_history });
    expect(data.mode).to.equal('repeat');
    expect(data.refusal).to.equal(undefined);
    const [best] = data.perCustomer!;
    expect(best!.value.value).to.be.at.least(data.perCustomer!.at(-1)!.value.value!);
    const dependent = customer_history.map((row) => ({ ...row, mean_value: row.repeats * 50 }));
    const refused = await askScripted<Lifetime>('lifetime-value', {
      ...pipeline,
      customer_history: dependent,
    });
    expect(refused.data.refusal).to.contain('corr');
  });
});

interface Prices {
  curve: { band: string; rate: Estimate }[];
  shock: { option: string; leaves: Estimate }[];
  elasticity: (Estimate & { key: string; evidence: string })[];
  optimum: (Estimate & { pGain: number }) | null;
}

describe('price-optimization', function () {
  this.timeout(180_000);
  /** Demand with constant elasticity −2 of the chance to ask, at low rates where logit and log agree. */
  const bands = Array.from({ length: 8 }, (_, i) => {
    const from = 140_000 + i * 20_000;
    const n = 40_000;
    return {
      price_from: from,
      band: `${from}+`,
      n,
      k: Math.round(n * 0.04 * ((from + 10_000) / 200_000) ** -2),
    };
  });

  /** The same as the controlled view tells it. */
  const demandOf = (rows: typeof bands, over: object = {}) =>
    rows.map(({ price_from, n, k }) => ({
      key: 'all',
      price_from,
      price: price_from + 10_000,
      channel: 'search',
      device: 'desktop',
      returning: 0,
      n,
      k,
      ...over,
    }));

  it('finds a built-in elasticity and the price that pays best', async () => {
    const { data, warnings } = await askScripted<Prices>(
      'price-optimization',
      { price_demand: demandOf(bands) },
      { parameters: { cost: 120_000 } },
    );
    const [house] = data.elasticity;
    expect(house).to.include({ key: 'all', evidence: 'association' });
    expect(house!.value).to.be.closeTo(-2, 0.1);
    // p* = c·e / (1 + e) = 240,000
    expect(data.optimum!.value).to.be.closeTo(240_000, 12_000);
    expect(data.optimum!.pGain).to.be.above(0.5);
    // nobody changed a configuration: no part-worths
    expect(warnings.map(({ code }) => code)).to.eql(['ASSOCIATION', 'TOO_FEW']);
    expect(data.curve.map(({ band, rate }) => [band, rate.n])).to.eql(bands.map(({ band, n }) => [band, n]));
  });

  it('gives no optimum without a cost, below three prices, or for demand that does not bend', async () => {
    const ask = async (rows: typeof bands, parameters = {}) =>
      (await askScripted<Prices>('price-optimization', { price_demand: demandOf(rows) }, { parameters }))
        .data;
    expect((await ask(bands)).optimum).to.equal(null);
    const two = await ask(bands.slice(0, 2), { cost: 100_000 });
    expect(two.optimum).to.equal(null);
    expect(two.elasticity[0]!.quality).to.equal('insufficient');
    const stiff = bands.map((row) => ({ ...row, k: 1600 }));
    expect((await ask(stiff, { cost: 120_000 })).optimum).to.equal(null);
  });

  it('pulls the slopes of options with few jumps towards the others', async () => {
    const jumps = (key: string, n: number, bend: number) =>
      [1000, 3000, 9000, 27_000].map((price_from, i) => ({
        key,
        price_from,
        price: price_from + 500,
        channel: 'search',
        device: 'desktop',
        returning: 0,
        n,
        k: n - Math.round(n * (0.1 + bend * i)),
      }));
    const price_demand = [
      ...jumps('roof/green', 2000, 0.05),
      ...jumps('roof/slate', 2000, 0.04),
      ...jumps('floor/oak', 20, 0.2),
    ];
    const { data } = await askScripted<Prices>('price-optimization', { price_demand });
    const by = new Map(data.elasticity.map((row) => [row.key, row]));
    expect(by.get('roof/green')!.value).to.be.below(0);
    expect(by.get('floor/oak')!.quality).to.equal('low_n');
    // alone the oak would lose even more
    const own = demandSlope(
      jumps('floor/oak', 20, 0.2).map((row) => ({
        ...row,
        priceFrom: row.price_from,
        returning: false,
      })),
    )!;
    expect(by.get('floor/oak')!.value).to.be.above(own.slope);
    expect(by.get('floor/oak')!.value).to.be.below(by.get('roof/green')!.value!);
    expect(data.shock[0]!.leaves.value).to.be.closeTo(200.5 / 2001, 1e-3);
    // cells of other channels are the same jump, and falls of the price are one, too
    const mobile = { ...price_demand[0]!, channel: 'paid', device: 'mobile' };
    const fall = { ...price_demand[0]!, key: 'roof/none', price_from: -1000, price: -500, n: 30, k: 20 };
    const { data: more } = await askScripted<Prices>('price-optimization', {
      price_demand: [...price_demand, mobile, fall],
    });
    expect(more.shock[0]!.leaves.n).to.equal(2 * data.shock[0]!.leaves.n);
    expect(more.shock.find(({ option }) => option === 'roof/none')!.leaves.value).to.be.closeTo(
      10.5 / 31,
      1e-3,
    );
  });

  it('answers where everybody goes on after a jump, or nobody: wide, not without an error', async () => {
    const all = (share: 0 | 1) =>
      [1000, 5000, 9000].map((from) => ({
        ...demandOf([{ price_from: from, band: '', n: 40, k: 40 * share }], {})[0]!,
        key: `roof/${share}`,
      }));
    const { data } = await askScripted<Prices>('price-optimization', {
      price_demand: [...all(1), ...all(0)],
    });
    for (const key of ['roof/0', 'roof/1']) {
      const { lo, hi, quality } = data.elasticity.find((row) => row.key === key)!;
      expect(hi! - lo!, key).to.be.above(0.01);
      expect(quality).to.equal('low_n');
    }
  });

  it('is not taken in by channels that bring dear houses and keen people together', async () => {
    // asking falls with the price by −2 in each channel, but friends build dearer and ask ten times as often
    const cell = (channel: string, price_from: number, rate: number) => ({
      ...demandOf([{ price_from, band: '', n: 4000, k: Math.round(4000 * rate) }], { channel })[0]!,
    });
    const bend = (price: number): number => (price / 200_000) ** -2;
    const price_demand = [
      ...[140_000, 160_000, 180_000].map((from) => cell('search', from, 0.01 * bend(from + 10_000))),
      ...[240_000, 280_000, 320_000].map((from) => cell('friends', from, 0.1 * bend(from + 10_000))),
    ];
    const { data } = await askScripted<Prices>('price-optimization', { price_demand });
    expect(data.elasticity[0]!.value).to.be.closeTo(-2, 0.25);
    const blind = price_demand.map((row) => ({ ...row, channel: '' }));
    const fooled = await askScripted<Prices>('price-optimization', { price_demand: blind });
    expect(fooled.data.elasticity[0]!.value).to.be.above(0);
  });
});
