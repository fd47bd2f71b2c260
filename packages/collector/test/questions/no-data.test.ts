import { expect } from 'chai';
import type { Estimate } from '../../src/questions/index.js';
import { askScripted } from './scripted.js';

const RANGE = { from: Date.UTC(2026, 9, 1, 22), to: Date.UTC(2026, 9, 31, 23, 30) };

/** An empty list may mean that all is well, or that nothing was ever stored: the answer says which. */
describe('a shop without events', () => {
  const LOOKED_FOR: Record<string, string> = {
    'conversion-funnel': 'event of the first step, page_view',
    'user-journey': 'session',
    'popular-configs': 'configuration',
    performance: 'measurement',
    cohorts: 'visitor with consent who came for the first time',
    heatmap: 'element of / with clicks of three visitors',
    attribution: 'visit of somebody with consent',
    'market-trends': 'visitor with a known model',
  };
  for (const [name, what] of Object.entries(LOOKED_FOR))
    it(`is told of by ${name}: what was looked for, and where`, async () => {
      const { warnings } = await askScripted(name, {}, { scope: RANGE });
      expect(warnings).to.eql([
        { code: 'NO_DATA', text: `no ${what} from 2026-10-02 00:00 to 2026-11-01 00:30` },
      ]);
    });

  it('is told of with the filters that may be the reason', async () => {
    const { warnings } = await askScripted(
      'user-journey',
      {},
      {
        parameters: { start: '/preise' },
        scope: { ...RANGE, device: ['mobile'], channel: ['mail', 'ads'], segment: 'returning' },
      },
    );
    expect(warnings[0]!.text).to.equal(
      'no session that passed /preise from 2026-10-02 00:00 to 2026-11-01 00:30 with device mobile, channel mail, ads, segment returning',
    );
  });

  it('has a funnel with all its steps, of nobody', async () => {
    const { data } = await askScripted<{
      steps: { step: string; n: number; rate: Estimate; overall: Estimate }[];
    }>('conversion-funnel', {}, { parameters: { steps: ['page_view', 'inquiry'] } });
    expect(data.steps.map(({ step, n }) => [step, n])).to.eql([
      ['page_view', 0],
      ['inquiry', 0],
    ]);
    for (const { rate, overall } of data.steps)
      expect([rate.quality, overall.quality]).to.eql(['insufficient', 'insufficient']);
  });
});

describe('what is null', () => {
  const textsOf = async (name: string, script = {}, parameters = {}): Promise<string[]> =>
    (await askScripted(name, script, { parameters })).warnings.map(({ text }) => text);

  it('says that the ratio to the cost of a lead needs that cost', async () => {
    const text = 'cacRatio needs cac, the cost of winning a lead';
    expect(await textsOf('lifetime-value')).to.include(text);
    expect(await textsOf('lifetime-value', {}, { cac: 500 })).not.to.include(text);
  });

  it('says why there is no best price', async () => {
    const demand = (share: (price: number) => number) => ({
      price_demand: [100, 150, 200, 300].map((thousands) => ({
        ...{ key: 'all', price_from: thousands * 1000, price: thousands * 1000 },
        ...{ channel: 'search', device: 'mobile', returning: 0 },
        ...{ n: 20_000, k: Math.round(20_000 * share(thousands)) },
      })),
    });
    const flat = demand(() => 0.1);
    expect(await textsOf('price-optimization', flat, { cost: 50_000 })).to.include(
      'no optimum: demand hardly bends, an elasticity below −1 is less likely than not, and above it every higher price would earn more',
    );
    expect(await textsOf('price-optimization', flat, { cost: 900_000 })).to.include(
      'no optimum: cost is not below 187500, the mean price that visitors saw',
    );
    const steep = demand((price) => 0.1 * (price / 100) ** -2);
    expect((await textsOf('price-optimization', steep, { cost: 50_000 })).join()).not.to.include(
      'no optimum',
    );
  });

  it('says that sampled measurements count for fewer than were taken', async () => {
    const row = { by_time: 0, time: '', metric: 'request', page: '/', device: 'mobile', sampled: 1 };
    const unknown = { p75: null, lo: null, hi: null };
    expect(
      await textsOf('performance', {
        performance_both: [
          { ...row, ...unknown, n: 40, effective: 12 },
          { ...row, n: 400, effective: 90, p75: 5, lo: 4, hi: 6 },
        ],
      }),
    ).to.eql([
      'vitals[].p75: 1 of 2 were sampled so unequally that they know no more than fewer than the 30 measurements needed would',
    ]);
  });
});
