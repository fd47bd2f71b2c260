import { expect } from 'chai';
import fc from 'fast-check';
import type { Estimate } from '../../src/questions/index.js';
import { markovAttribution, randomFrom, rfm } from '../../src/statistics/index.js';
import { chancesByHand } from './chances-by-hand.js';
import { RANGE } from './shop.js';
import { segmentMembers } from '../../src/questions/customer-segments.js';
import { askScripted } from './scripted.js';
import { scopeOf } from './support.js';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const text = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

interface Attribution {
  conversions: number;
  models: Record<string, { channel: string; conversions: Estimate; value: Estimate }[]>;
  disagreement: { channel: string; lo: number; hi: number }[];
  roi: { channel: string; cost: number; roi: Estimate }[];
}

describe('attribution', function () {
  this.timeout(180_000);
  const attribution_paths = [
    { path: ['search', 'direct'], conversions: 60, nulls: 400, value: 1_200_000 },
    { path: ['social'], conversions: 20, nulls: 900, value: 400_000 },
    { path: ['social', 'search'], conversions: 40, nulls: 100, value: 900_000 },
  ];
  const asked = text(RANGE.to - 3 * WEEK);
  const attribution_touches = attribution_paths.flatMap(({ path, conversions, value }, at) =>
    Array.from({ length: conversions }, (_, i) => ({
      channels: path,
      days_before: path.map((__, back) => path.length - 1 - back),
      value: value / conversions,
      visitor: `${at}-${i}`,
      asked_at: asked,
    })),
  );
  const leadOf = (visitor: string, more: object = {}) => ({
    inquiry_id: `lead of ${visitor}`,
    visitor,
    lead_at: asked,
    status: 'new',
    price: 300_000,
    ordered_at: null,
    paid: 0,
    lost_at: null,
    tier: 'warm',
    ...more,
  });
  const ordered = (visitor: string, paid: number) =>
    leadOf(visitor, { ordered_at: text(RANGE.to - 2 * WEEK + 3_600_000), paid });
  /** Every inquiry ended in an order for the price that was seen. */
  const all_ordered = attribution_touches.map(({ visitor, value }) => ordered(visitor, value));

  it('gives every model, each summing to the conversions, with intervals', async () => {
    const { data } = await askScripted<Attribution>('attribution', {
      attribution_paths,
      attribution_touches,
    });
    expect(Object.keys(data.models)).to.have.members([
      'markov',
      'shapley',
      'last',
      'first',
      'linear',
      'decay',
      'position',
    ]);
    for (const [model, rows] of Object.entries(data.models)) {
      const sum = rows.reduce((total, { conversions }) => total + conversions.value!, 0);
      expect(sum, model).to.be.closeTo(120, 1e-6);
      for (const { conversions } of rows.filter((row) => row.conversions.value! > 1)) {
        expect(conversions.hi! - conversions.lo!).to.be.above(0);
      }
    }
    const expected = markovAttribution(attribution_paths).conversions;
    const markov = new Map(data.models.markov!.map((row) => [row.channel, row.conversions.value]));
    expect(markov.get('search')).to.be.closeTo(expected.search!, 1e-9);
    // last non-direct: search ends both long ways
    expect(data.models.last!.find(({ channel }) => channel === 'search')!.conversions.value).to.equal(100);
    const social = data.disagreement.find(({ channel }) => channel === 'social')!;
    expect([social.lo, social.hi]).to.eql([20, 60]);
  });

  it('returns what a channel earned on its cost, and names a cost it cannot read', async () => {
    const { data } = await askScripted<Attribution>(
      'attribution',
      { attribution_paths, attribution_touches, leads: all_ordered },
      { parameters: { model: 'first', cost: ['social:40000'], margin: 0.2 } },
    );
    // 60 orders of 1,300,000, a fifth of it earned
    expect(data.roi[0]!.roi.value).to.be.closeTo((260_000 - 40_000) / 40_000, 1e-9);
    const bad = askScripted('attribution', {}, { parameters: { cost: ['social'] } });
    await bad.then(
      () => expect.fail('must refuse'),
      (error: unknown) => expect(error).to.include({ code: 'BAD_PARAMETER', parameter: 'cost' }),
    );
  });

  it('says how many resamples its intervals are of', async () => {
    const methodOf = async (paths: number): Promise<string> => {
      const attribution_paths = Array.from({ length: paths }, (_, i) => ({
        path: [...i.toString(2)].map((bit) => (bit === '1' ? 'search' : 'mail')),
        ...{ conversions: 1, nulls: 1, value: 5 },
      }));
      const { data } = await askScripted<Attribution>('attribution', { attribution_paths });
      return data.models.markov![0]!.conversions.method;
    };
    expect(await methodOf(40)).to.equal('bootstrap of 500 resamples, consented visitors');
    expect(await methodOf(6000)).to.equal('bootstrap of 250 resamples, consented visitors');
  });

  it('counts an order as it was paid, a lost lead as nothing, an open one as P(order) × price', async () => {
    // of 60 who came by search and direct, 14 paid 250,000, 6 are lost, 40 are open since three weeks
    const own = attribution_touches.filter(({ visitor }) => visitor.startsWith('0-'));
    const lost = { status: 'lost', lost_at: text(RANGE.to - 2 * WEEK + 3_600_000) };
    const leads = own.map(({ visitor }, i) =>
      i < 14 ? ordered(visitor, 250_000) : leadOf(visitor, i < 20 ? lost : {}),
    );
    const ask = (rows: object[]) =>
      askScripted<Attribution>(
        'attribution',
        {
          attribution_paths: attribution_paths.slice(0, 1),
          attribution_touches: own,
          leads: rows,
        },
        { parameters: { model: 'linear', cost: ['search:100000'], margin: 0.1 } },
      );
    const { data } = await ask(leads);
    const chance = chancesByHand([
      { week: 0, atRisk: 60, orders: 0 },
      { week: 1, atRisk: 60, orders: 14 },
      { week: 2, atRisk: 40, orders: 0 },
      { week: 3, atRisk: 40, orders: 0 },
    ]).chanceOf(3, 80);
    const expected = 14 * 250_000 + 40 * chance * 300_000;
    const sum = (rows: { value: Estimate }[]): number =>
      rows.reduce((total, { value }) => total + value.value!, 0);
    for (const rows of Object.values(data.models)) expect(sum(rows)).to.be.closeTo(expected, 1e-3);
    expect(data.models.linear![0]!.value.quality).to.equal('low_n');
    const { value, lo, hi } = data.roi[0]!.roi;
    expect(value).to.be.closeTo((expected / 20 - 100_000) / 100_000, 1e-9);
    // what is not known of the chances and how many came: wider than by the number alone
    expect(hi! - lo!).to.be.above((2 * 1.96 * expected) / 20 / Math.sqrt(30) / 100_000);
    // spam is no lead; who asked twice builds one house; without consent a lead is known by its time
    const twin = leadOf(own[20]!.visitor, {
      inquiry_id: 'again',
      lead_at: text(RANGE.to - 2 * WEEK),
      price: 1,
    });
    const nameless = { ...leads[21]!, visitor: '0' };
    const spam = await ask([...leads.slice(0, 20), leads[20]!, twin, nameless, ...leads.slice(22, 59)]);
    const other = chancesByHand([
      { week: 0, atRisk: 60, orders: 0 },
      { week: 1, atRisk: 60, orders: 14 },
      { week: 2, atRisk: 40, orders: 0 },
      { week: 3, atRisk: 39, orders: 0 },
    ]).chanceOf(3, 80);
    expect(sum(spam.data.models.first!)).to.be.closeTo(14 * 250_000 + 39 * other * 300_000, 1e-3);
  });

  it('counts orders that came after the range, as far as they are known now', async () => {
    const own = attribution_touches.filter(({ visitor }) => visitor.startsWith('0-'));
    const late = text(RANGE.to + WEEK);
    const leads = own.map(({ visitor }) => leadOf(visitor, { ordered_at: late, paid: 250_000 }));
    const valueAt = async (now: number): Promise<Estimate> =>
      (
        await askScripted<Attribution>(
          'attribution',
          { attribution_paths: attribution_paths.slice(0, 1), attribution_touches: own, leads },
          { sources: { clock: { now: () => now } } },
        )
      ).data.models.first![0]!.value;
    expect((await valueAt(RANGE.to)).quality).to.equal('insufficient');
    expect((await valueAt(RANGE.to + 2 * WEEK)).value).to.be.closeTo(60 * 250_000, 1e-3);
  });

  it('says which orders are missing instead of taking each inquiry for one', async () => {
    const leads = attribution_touches.map(({ visitor }, i) =>
      i < 2 ? ordered(visitor, 200_000) : leadOf(visitor),
    );
    const { data, warnings } = await askScripted<Attribution>(
      'attribution',
      { attribution_paths, attribution_touches, leads },
      { parameters: { cost: ['search:1000'] } },
    );
    expect(data.roi[0]!.roi).to.include({ quality: 'insufficient', n: 2 });
    for (const rows of Object.values(data.models))
      for (const { conversions, value } of rows)
        expect([conversions.quality, value.quality]).to.eql(['ok', 'insufficient']);
    expect(warnings).to.eql([
      {
        code: 'TOO_FEW',
        text: '2 of the 3 orders needed to know how many inquiries order: value and roi are not told',
      },
    ]);
  });

  it('says nothing from next to nothing', async () => {
    const { data } = await askScripted<Attribution>('attribution', {
      attribution_paths: [{ path: ['search'], conversions: 3, nulls: 9, value: 5 }],
      attribution_touches: [],
    });
    expect(data.models.markov![0]!.conversions.quality).to.equal('insufficient');
    expect((await askScripted<Attribution>('attribution', {})).data.models.markov).to.eql([]);
  });
});

interface Trends {
  series: {
    key: string;
    weeks: { share: Estimate; complete: boolean }[];
    slopePerWeek: Estimate;
    pTrend: number | null;
    changePoints: string[];
  }[];
  leadIndicator: { lagWeeks: number; correlation: Estimate; orders: Estimate }[];
}
const monday = (i: number): string =>
  new Date(Date.parse('2026-01-05T00:00:00Z') + i * 7 * DAY).toISOString().slice(0, 10);

describe('market-trends', function () {
  this.timeout(180_000);
  it('finds what grows, since when, and leaves the running week out of the slope', async () => {
    const totalOf = (i: number): number => (i < 15 ? 120 : i < 30 ? 150 : 90);
    const rows = Array.from({ length: 31 }, (_, i) => [
      {
        week: monday(i),
        group: '',
        key: 'nest-80',
        n: i < 15 ? 60 : 90,
        total: totalOf(i),
        complete: i < 30 ? 1 : 0,
      },
      {
        week: monday(i),
        group: '',
        key: 'nest-120',
        n: i < 30 ? 60 : 0,
        total: totalOf(i),
        complete: i < 30 ? 1 : 0,
      },
    ]).flat();
    const { data } = await askScripted<Trends>('market-trends', { market_trends: rows });
    const [grows] = data.series;
    expect(grows!.key).to.equal('nest-80');
    expect(grows!.changePoints).to.eql([monday(15)]);
    expect(grows!.slopePerWeek).to.include({ n: 30, quality: 'ok' });
    expect(grows!.pTrend).to.be.below(0.001);
    expect(grows!.weeks.at(-1)!.complete).to.equal(false);
    const few = await askScripted<Trends>('market-trends', { market_trends: rows.slice(0, 10) });
    expect(few.data.series[0]!.slopePerWeek.quality).to.equal('insufficient');
  });

  it('shares of a week add up to one when nobody tried two', async () => {
    const counts = fc.array(fc.integer({ min: 20, max: 400 }), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(counts, async (ns) => {
        const all = ns.reduce((sum, n) => sum + n, 0);
        const rows = ns.map((n, i) => ({
          ...{ week: monday(0), group: '', key: `k${i}` },
          ...{ n, total: all, complete: 1 },
        }));
        const { data } = await askScripted<Trends>('market-trends', { market_trends: rows });
        const sum = data.series.reduce((total, { weeks }) => total + weeks[0]!.share.value!, 0);
        expect(sum).to.be.closeTo(1, 1e-9);
      }),
      { numRuns: 20 },
    );
  });

  it('finds that inquiries follow configurations three weeks later', async () => {
    const wave = (i: number): number => 100 + ((i * 7919) % 41);
    const weeks = Array.from({ length: 60 }, (_, i) => ({
      time: `${new Date(RANGE.to - (61 - i) * 7 * DAY).toISOString().slice(0, 10)}T00:00:00Z`,
      configurations: wave(i),
      inquiries: wave(i - 3 + 41) / 10,
      orders: 0,
    }));
    const { data } = await askScripted<Trends>('market-trends', { market_weeks: weeks });
    const best = data.leadIndicator.reduce((p, q) =>
      (q.correlation.value ?? -1) > (p.correlation.value ?? -1) ? q : p,
    );
    expect(best.lagWeeks).to.equal(3);
    expect(best.correlation.value).to.be.above(0.9);
    expect(data.leadIndicator[0]!.orders.quality).to.equal('insufficient');
  });
});

interface Segments {
  segments: { name: string; size: number; profile: Record<string, number>; rate: Estimate }[];
  stability: number | null;
  leadScore: { brier: number; brierOfMean: number; reliability: { p: number; observed: Estimate }[] } | null;
}

describe('customer-segments', function () {
  this.timeout(180_000);
  const visitors = Array.from({ length: 900 }, (_, i) => {
    const keen = i % 3 === 0;
    const noise = (i * 7919) % 5;
    return {
      visitor_id: String(i),
      recency_days: keen ? noise : 20 + noise,
      sessions: keen ? 5 + (noise % 3) : 1,
      options: keen ? 30 + noise : noise % 3,
      prices: keen ? 12 + noise : 0,
      saves: keen ? 2 : 0,
      max_price: keen ? 220_000 : 0,
      engaged_s: keen ? 900 + 10 * noise : 20 + noise,
      return_gap_days: keen ? 3 : 0,
      inquired: keen ? (i % 2 === 0 ? 1 : 0) : i % 97 === 0 ? 1 : 0,
    };
  });

  it('tells the two groups apart, names them, and gives each its rate', async () => {
    const { data, warnings } = await askScripted<Segments>('customer-segments', {
      visitor_features: visitors,
    });
    expect(data.stability).to.be.above(0.6);
    const keen = data.segments.filter(({ profile }) => profile.saves! > 1);
    expect(keen.reduce((sum, { size }) => sum + size, 0)).to.equal(300);
    expect(data.segments.reduce((sum, { size }) => sum + size, 0)).to.equal(900);
    const idle = data.segments.find(({ profile }) => profile.saves === 0)!;
    expect(keen[0]!.rate.value).to.be.above(idle.rate.value!);
    expect(keen[0]!.name).not.to.equal(idle.name);
    for (const { rate } of data.segments) expect(rate.method).to.equal('eb-beta, consented visitors');
    expect(warnings).to.eql([]);
  });

  it('finds the groups that the visitors were made as, and says of each what sets it apart', async () => {
    // three kinds, each with something that the others do not do; within a kind visitors differ by chance
    const random = randomFrom(8);
    const about = (value: number): number => Math.round(value * Math.exp(0.25 * random.normal()));
    const KINDS = [
      { options: 40, prices: 0, saves: 20, sessions: 1, asked: 3, n: 200 },
      { options: 0, prices: 25, saves: 0, sessions: 1, asked: 10, n: 150 },
      { options: 0, prices: 0, saves: 0, sessions: 12, asked: 0, n: 100 },
    ];
    const members = KINDS.flatMap(({ n, asked, ...features }, kind) =>
      Array.from({ length: n }, (_, i) => ({
        kind,
        visitor: `${kind}-${i}`,
        recency_days: about(10),
        max_price: about(200_000),
        return_gap_days: 0,
        engaged_s: about(300),
        options: about(features.options),
        prices: about(features.prices),
        saves: about(features.saves),
        sessions: about(features.sessions),
        inquired: asked > 0 && i % asked === 0 ? 1 : 0,
      })),
    );
    // as the view has them: in no order
    const visitor_features = members.map((_, i) => members[(i * 197) % members.length]!);
    const { data } = await askScripted<Segments>('customer-segments', { visitor_features });
    expect(data.segments.map(({ name, size }) => [name, size])).to.eql([
      ['tries many options, saves designs', 200],
      ['watches prices, tries few options', 150],
      ['many visits, tries few options', 100],
    ]);
    for (const [i, { profile, rate }] of data.segments.entries()) {
      const own = members.filter(({ kind }) => kind === i);
      for (const feature of ['options', 'prices', 'saves', 'sessions'] as const)
        expect(profile[feature]).to.be.closeTo(
          own.reduce((sum, member) => sum + member[feature], 0) / own.length,
          1e-9,
        );
      expect(rate.n).to.equal(own.length);
      const raw = own.filter(({ inquired }) => inquired === 1).length / own.length;
      expect(rate.value).to.be.closeTo(raw, 0.02);
    }
    const grouped = await segmentMembers(() => Promise.resolve(visitor_features as never), scopeOf());
    for (const [i, { name }] of data.segments.entries())
      expect(grouped.filter(({ segment }) => segment === name).map(({ visitor }) => visitor)).to.have.members(
        members.filter(({ kind }) => kind === i).map(({ visitor }) => visitor),
      );
  });

  it('scores visitors better than one chance for all, and calibrated', async () => {
    const { data } = await askScripted<Segments>('customer-segments', { visitor_features: visitors });
    expect(data.leadScore!.brier).to.be.below(data.leadScore!.brierOfMean);
    const { reliability } = data.leadScore!;
    expect(reliability[0]!.observed.method).to.equal('jeffreys, consented visitors');
    const gap =
      reliability.reduce((sum, { p, observed }) => sum + Math.abs(p - observed.value!), 0) /
      reliability.length;
    expect(gap).to.be.below(0.15);
  });

  it('scores from fifty who asked on, and says so below', async () => {
    const ask = async (asked: number) => {
      const visitor_features = visitors.map((row, i) => ({
        ...row,
        inquired: i % 15 === 0 && i < 15 * asked ? 1 : 0,
      }));
      return askScripted<Segments>('customer-segments', { visitor_features });
    };
    // every fifteenth: without dealing them out, all would lie in one fifth
    for (const enough of [50, 55]) expect((await ask(enough)).data.leadScore, `${enough}`).not.to.equal(null);
    const { data, warnings } = await ask(49);
    expect(data.leadScore).to.equal(null);
    expect(warnings).to.deep.include({
      code: 'NO_SCORE',
      text: 'a score needs 50 visitors who asked among the 5000 at most that it looks at, drawn by chance: use the tiers of leads',
    });
  });

  it('groups the customers of a shop to which people come back, each into one group', async () => {
    // CDNOW-like: two in five come back; the keen ones lately
    const customer_history = Array.from({ length: 200 }, (_, i) => {
      const repeats = i % 5 < 2 ? 1 + (i % 7) : 0;
      const age = 100 + (i % 50) * 5;
      return {
        customer: `c${i}`,
        repeats,
        t_x_days: repeats > 0 ? age - (i % 13) * 5 : 0,
        age_days: age,
        mean_value: repeats > 0 ? 20 + (i % 9) : 0,
        first_value: 15 + (i % 11),
      };
    });
    const parameters = { kind: 'customers' };
    const { data, warnings } = await askScripted<
      Segments & { cuts: { R: number[]; F: number[]; M: number[] } }
    >('customer-segments', { customer_history }, { parameters });
    expect(data.segments.reduce((sum, { size }) => sum + size, 0)).to.equal(200);
    const { cuts } = rfm(
      customer_history.map((row) => ({
        id: row.customer,
        recencyDays: row.age_days - row.t_x_days,
        frequency: row.repeats + 1,
        monetary: row.first_value + row.repeats * row.mean_value,
      })),
    );
    expect(data.cuts).to.eql(cuts);
    const by = new Map(data.segments.map((segment) => [segment.name, segment]));
    expect(by.get('champions')!.profile['frequency']).to.be.above(by.get('lost')!.profile['frequency']!);
    expect(by.get('champions')!.profile['recency_days']).to.be.below(
      by.get('lost')!.profile['recency_days']!,
    );
    expect(warnings).to.eql([]);
    const once = await askScripted<Segments>(
      'customer-segments',
      { customer_history: customer_history.map((row) => ({ ...row, repeats: 0 })) },
      { parameters },
    );
    expect(once.data.segments).to.eql([]);
    expect(once.warnings[0]!.text).to.contain('30 who came back');
  });

  it('says what is missing, and counts leads by tier', async () => {
    const few = await askScripted<Segments>('customer-segments', { visitor_features: visitors.slice(0, 40) });
    expect(few.data).to.eql({ segments: [], stability: null, leadScore: null });
    expect(few.warnings.map(({ code }) => code)).to.eql(['TOO_FEW', 'NO_SCORE']);
    const lead = { lead_at: '2026-01-01 00:00:00.000', status: 'new', price: 100, paid: null, lost_at: null };
    const leads = Array.from({ length: 60 }, (_, i) => ({
      ...lead,
      inquiry_id: String(i),
      tier: i < 30 ? 'hot' : 'cold',
      ordered_at: i < 9 ? '2026-03-01 00:00:00.000' : null,
    }));
    const { data } = await askScripted<Segments>(
      'customer-segments',
      { leads },
      { parameters: { kind: 'leads' } },
    );
    expect(data.segments.map(({ name, size }) => [name, size])).to.eql([
      ['cold', 30],
      ['hot', 30],
    ]);
    expect(data.segments[1]!.rate.value).to.be.above(data.segments[0]!.rate.value!);
  });
});
