import { expect } from 'chai';
import { pipelineForecast } from '../../src/statistics/index.js';
import { arrivalChances } from '../../src/statistics/order-hazard.js';
import { refuses } from './arbitraries.js';

const hazard = ['hot', 'cold'].flatMap((tier) =>
  Array.from({ length: 40 }, (_, week) => ({
    tier,
    week,
    atRisk: 200 - 2 * week,
    orders: tier === 'hot' && week < 20 ? 4 : week % 10 === 0 ? 1 : 0,
  })),
);
const base = {
  leads: [
    { ageWeeks: 2, tier: 'hot', price: 200_000 },
    { ageWeeks: 2, tier: 'cold', price: 200_000 },
    { ageWeeks: 79, tier: 'hot', price: 200_000 },
    { ageWeeks: 200, tier: 'hot', price: 200_000 },
  ],
  hazard,
  inquiriesPerWeek: [],
  orderValues: [180_000, 210_000, 250_000],
  horizonWeeks: 13,
  seed: 5,
};

describe('pipelineForecast', function () {
  this.timeout(180_000);
  it('gives each lead its chance by tier and age, and nothing to one that is too old', () => {
    const [hot, cold, old, lost] = pipelineForecast(base).perLead;
    // some 4 of 190 leads a week for 13 weeks
    expect(hot!.value).to.be.within(0.18, 0.3);
    expect(cold!.value).to.be.below(hot!.value / 4);
    expect(old!.value).to.be.below(hot!.value / 4);
    expect(lost).to.eql({ value: 0, lo: 0, hi: 0 });
    for (const lead of [hot!, cold!]) {
      expect(lead.lo).to.be.below(lead.value);
      expect(lead.hi).to.be.above(lead.value);
    }
  });

  it('repeats itself with its seed, rises with the horizon, and orders its quantiles', () => {
    const one = pipelineForecast(base);
    expect(pipelineForecast(base)).to.eql(one);
    expect(pipelineForecast({ ...base, seed: 6 }).mean).not.to.equal(one.mean);
    expect(pipelineForecast({ ...base, horizonWeeks: 26 }).mean).to.be.above(one.mean);
    expect(one.levels).to.eql([0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975]);
    one.quantiles.forEach((value, i) => expect(value).to.be.at.least(one.quantiles[i - 1] ?? 0));
  });

  it('expects of open leads what their chances and prices come to', () => {
    const leads = Array.from({ length: 200 }, () => ({ ageWeeks: 4, tier: 'hot', price: 200_000 }));
    const orderValues = new Array<number>(400).fill(200_000);
    const { mean, perLead } = pipelineForecast({ ...base, leads, orderValues, draws: 4000 });
    const chances = perLead.reduce((sum, { value }) => sum + value, 0);
    expect(mean / (200_000 * chances)).to.be.within(0.95, 1.05);
  });

  it('lets each lead order as often as its own chance says, however unlike they are', () => {
    const orderValues = new Array<number>(400).fill(200_000);
    const leads = Array.from({ length: 300 }, (_, i) => ({
      ageWeeks: (i * 7) % 90,
      tier: i % 3 === 0 ? 'cold' : 'hot',
      // the older the dearer: a mistake about who orders shows in the mean
      price: 50_000 * (1 + ((i * 7) % 90)),
    }));
    const { mean, perLead } = pipelineForecast({ ...base, leads, orderValues, draws: 20_000 });
    const byPrice = perLead.reduce((sum, { value }, i) => sum + value * leads[i]!.price, 0);
    const prices = leads.map(({ price }) => Math.log(price));
    const centre = Math.exp(prices.reduce((sum, log) => sum + log, 0) / prices.length);
    expect(mean / ((byPrice * 200_000) / centre)).to.be.within(0.98, 1.02);
  });

  it('takes the leads of a week as spread over it', () => {
    const exposures = Float64Array.from([0, 0.01, 0.05, 0.05, 0.4, 1.9]);
    for (const multiplier of [0.02, 1, 3])
      arrivalChances(exposures, multiplier).forEach((chance, week) => {
        const steps = 2000;
        let sum = 0;
        for (let i = 0; i < steps; i++) {
          const exposure = exposures[week]! + ((exposures[week + 1]! - exposures[week]!) * (i + 0.5)) / steps;
          sum -= Math.expm1(-multiplier * exposure);
        }
        expect(chance).to.be.closeTo(sum / steps, 1e-6);
      });
  });

  it('adds the leads still to come', () => {
    const inquiriesPerWeek = [
      { tier: 'hot', counts: new Array<number>(60).fill(5) },
      { tier: 'cold', counts: new Array<number>(60).fill(2) },
    ];
    const without = pipelineForecast({ ...base, leads: [], draws: 500 });
    const withNew = pipelineForecast({ ...base, leads: [], inquiriesPerWeek, draws: 500 });
    expect(without.mean).to.equal(0);
    // 65 hot leads over 13 weeks, each at risk for 6.5 weeks on average at 2 %: some 8 orders of 210,000
    expect(withNew.mean / 210_000).to.be.within(5, 12);
  });

  it('learns the ratio of order to price from ten orders on', () => {
    const leads = Array.from({ length: 100 }, (_, i) => ({
      ageWeeks: 1,
      tier: 'hot',
      price: i < 50 ? 100_000 : 300_000,
    }));
    const cheap = leads.filter(({ price }) => price === 100_000);
    const orderValues = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 90_000 : 270_000));
    const all = pipelineForecast({ ...base, leads, orderValues });
    const chance = all.perLead.slice(50).reduce((sum, { value }) => sum + value, 0);
    const dear =
      all.mean -
      pipelineForecast({
        ...base,
        leads: leads.map((l) => (l.price > 100_000 ? { ...l, ageWeeks: 300 } : l)),
        orderValues,
      }).mean;
    expect(dear / chance).to.be.within(230_000, 310_000);
    expect(cheap.length).to.equal(50);
  });

  it('refuses a future without any price, and counts that cannot be', () => {
    refuses(() => pipelineForecast({ ...base, leads: [], orderValues: [] }), 'TOO_FEW');
    refuses(() => pipelineForecast({ ...base, orderValues: [-5] }), 'BAD_RANGE');
    refuses(
      () => pipelineForecast({ ...base, hazard: [{ tier: 'a', week: 1, atRisk: 1, orders: 2 }] }),
      'BAD_COUNTS',
    );
    refuses(() => pipelineForecast({ ...base, horizonWeeks: 0 }), 'BAD_RANGE');
  });
});
