import { expect } from 'chai';
import { reliabilityOf as reliabilityOfLeads } from '../../src/questions/lead-reliability.js';
import { leadOf, type LeadRow } from '../../src/questions/leads.js';
import { randomFrom } from '../../src/statistics/index.js';
import { askScripted, checkEstimates } from './scripted.js';
import { RANGE } from './shop.js';

const DAY = 86_400_000;
const TO = RANGE.to;
const text = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
const reliabilityOf = (rows: readonly LeadRow[], to: number, days: number) =>
  reliabilityOfLeads(rows.map(leadOf), to, days);
const lead = (i: number, at: number, over: Partial<LeadRow> = {}): LeadRow => ({
  inquiry_id: String(i),
  lead_at: text(at),
  status: 'new',
  price: 200_000,
  ordered_at: null,
  paid: null,
  lost_at: null,
  tier: 'warm',
  ...over,
});

describe('reliability of the chances of leads', function () {
  this.timeout(120_000);

  it('asks the past with what was known then: leads counted by hand', () => {
    // 30 came 200 days ago, ten of them ordered 20 days later
    const leads = Array.from({ length: 30 }, (_, i) =>
      lead(i, TO - 200 * DAY, i < 10 ? { ordered_at: text(TO - 180 * DAY), paid: 200_000 } : {}),
    );
    // 28, 56, 84 and 112 days ago 20 of them were open each time, and none ordered any more: 80 in four bins
    const short = reliabilityOf(leads, TO, 30);
    expect(short.map(({ observed }) => observed.n)).to.eql([20, 20, 20, 20]);
    for (const { observed, p } of short) {
      expect(observed.value).to.be.closeTo(0.5 / 21, 1e-12);
      expect(p).to.be.within(0, 1);
    }
    // 182 days ago all 30 were open, and ten were about to order: nobody knew
    const long = reliabilityOf(leads, TO, 180);
    expect(long.map(({ observed }) => observed.n)).to.eql([30]);
    expect(long[0]!.observed.value).to.be.closeTo(10.5 / 31, 1e-12);
    expect(long[0]!.p).to.be.below(0.35);
    // lost ones are no leads any more
    const lost = leads.map((one) => (one.ordered_at ? one : { ...one, lost_at: text(TO - 150 * DAY) }));
    expect(reliabilityOf(lost, TO, 30)).to.eql([]);
    expect(reliabilityOf([], TO, 30)).to.eql([]);
  });

  it('says how many leads are missing', async () => {
    const leads = Array.from({ length: 25 }, (_, i) =>
      lead(i, TO - (i < 5 ? 40 : 10) * DAY, i === 24 ? { lost_at: text(TO - DAY) } : {}),
    );
    const { data } = await askScripted<{ reliability: { observed: { n: number; quality: string } }[] }>(
      'revenue-forecast',
      { leads },
      { parameters: { horizon: '30' } },
    );
    expect(data.reliability.map(({ observed }) => [observed.n, observed.quality])).to.eql([
      [5, 'insufficient'],
    ]);
  });

  it('is calibrated in a simulated shop: intervals of what was observed hold what was foretold', () => {
    const random = randomFrom(31);
    // two tiers, an even chance a week for 30 weeks: 1 in 100 and 1 in 20
    const leads = Array.from({ length: 3000 }, (_, i) => {
      const hot = i % 4 === 0;
      const at = TO - Math.floor(random.uniform() * 700) * DAY;
      let week = 0;
      while (week < 30 && random.uniform() >= (hot ? 0.05 : 0.01)) week += 1;
      const ordered = at + (week + random.uniform()) * 7 * DAY;
      return lead(i, at, {
        tier: hot ? 'hot' : 'cold',
        ...(week < 30 && ordered < TO ? { ordered_at: text(ordered), paid: 200_000 } : {}),
      });
    });
    const bins = reliabilityOf(leads, TO, 90);
    checkEstimates(bins);
    expect(bins.length).to.equal(5);
    expect(bins.map(({ p }) => p)).to.eql(bins.map(({ p }) => p).sort((p, q) => p - q));
    const near = bins.filter(({ p, observed }) => Math.abs(p - observed.value!) < 0.06);
    expect(near.length, JSON.stringify(bins.map(({ p, observed }) => [p, observed.value]))).to.be.at.least(4);
    expect(bins.at(-1)!.observed.value).to.be.above(bins[0]!.observed.value! + 0.1);
  });
});

describe('the score card of closed months', () => {
  it('is what the view says, of the model that answers', async () => {
    const row = { horizon: 90, n: 30, inside80: 24, inside95: 29, wape: 0.4, skill: 0.1, floor: 0.3 };
    const { data } = await askScripted<{ score: { months: object[] } }>('revenue-forecast', {
      leads: Array.from({ length: 40 }, (_, i) =>
        lead(i, TO - (300 - i) * DAY, i < 15 ? { ordered_at: text(TO - (200 - i) * DAY), paid: 1e5 } : {}),
      ),
      forecast_months: [
        { ...row, model: 'revenue.pipeline', month: '2026-09-01', inside_last: 1 },
        { ...row, model: 'revenue.pipeline', month: '2026-10-01', inside_last: 0 },
        { ...row, model: 'revenue.ensemble', month: '2026-10-01', inside_last: 1 },
        { ...row, model: 'revenue.pipeline', month: '2026-10-01', inside_last: 1, horizon: 30 },
      ],
    });
    const shared = { n: 30, inside80: 24, inside95: 29, wape: 0.4, floor: 0.3, crpsSkill: 0.1 };
    expect(data.score.months).to.eql([
      { month: '2026-09', kept: true, ...shared },
      { month: '2026-10', kept: false, ...shared },
    ]);
  });
});
