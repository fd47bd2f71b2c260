import { expect } from 'chai';
import fc from 'fast-check';
import type { Estimate } from '../../src/questions/index.js';
import { RANGE } from './shop.js';
import { askScripted } from './scripted.js';

const DAY = 86_400_000;
const RUNS = { numRuns: 25 };
const count = (max: number) => fc.integer({ min: 0, max });
const text = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

/** Laws that hold for whatever the views say; `askScripted` checks every estimate and the schema beside them. */
describe('what every answer keeps', function () {
  this.timeout(120_000);

  it('overview: rates hold k of n, and the change has the sign of its parts', async () => {
    const row = fc
      .record({ consented: count(400), share: fc.double({ min: 0, max: 1, noNaN: true }) })
      .map(({ consented, share }) => {
        const asked = Math.floor(consented * share);
        const zero = { sessions: consented, page_views: consented, configurations: 0, orders: 0, revenue: 0 };
        return {
          ...zero,
          visitors: consented,
          inquiring: asked,
          inquiries: asked,
          consented,
          consented_inquiring: asked,
        };
      });
    await fc.assert(
      fc.asyncProperty(row, row, async (now, before) => {
        const { data } = await askScripted<{
          inquiryRate: Estimate;
          change: Estimate & { pUp: number | null };
        }>('overview', {
          overview_trend: [{ whole: 1, time: '1970-01-01T00:00:00Z', ...now }],
          overview_total: [before],
          session_shape: [{ sessions: 10, events: [1, 2, 3], median_s: 5, bounces: 4 }],
        });
        const { inquiryRate, change } = data;
        expect(inquiryRate.n).to.equal(now.consented);
        if (change.value === null) {
          expect(change.pUp).to.equal(null);
          return;
        }
        const seen = now.inquiring / now.consented - before.inquiring / before.consented;
        if (Math.abs(seen) > 0.05) {
          expect(Math.sign(change.value)).to.equal(Math.sign(seen));
          expect(change.pUp! > 0.5).to.equal(seen > 0);
        }
      }),
      RUNS,
    );
  });

  it('conversion-funnel: nobody is further than he came; every share is of those before', async () => {
    const losses = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(count(5000), losses, async (entered, stay) => {
        const visitors = stay.reduce((ns, share) => [...ns, Math.floor(ns.at(-1)! * share)], [entered]);
        const steps = visitors.map((_, i) => `custom:s${i}`);
        const { data } = await askScripted<{
          steps: { n: number; rate: Estimate; overall: Estimate }[];
        }>(
          'conversion-funnel',
          {
            conversion_funnel: visitors.map((n, i) => ({
              segment: '',
              position: i + 1,
              step: steps[i],
              visitors: n,
              before: visitors[Math.max(0, i - 1)],
              median_s: null,
              value_lost: 0,
              open: 0,
            })),
          },
          { parameters: { steps } },
        );
        data.steps.forEach(({ n, rate, overall }, i) => {
          if (i === 0) return;
          expect(n).to.be.at.most(data.steps[i - 1]!.n);
          expect(rate.n).to.equal(data.steps[i - 1]!.n);
          expect(overall.n).to.equal(entered);
          if (rate.value !== null && overall.value !== null)
            expect(overall.value).to.be.at.most(rate.value + 0.05);
        });
      }),
      RUNS,
    );
  });

  it('popular-configs: ranks by the lower bound, and shares of a group add up to one', async () => {
    const config = fc.record({
      visitors: fc.integer({ min: 1, max: 900 }),
      share: fc.double({ min: 0, max: 0.3, noNaN: true }),
    });
    const groups = fc.array(fc.integer({ min: 20, max: 500 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(config, { maxLength: 12 }), groups, async (configs, options) => {
        const { data } = await askScripted<{
          configs: { rank: number; rate: Estimate; visitors: number }[];
          shares: { group: string; share: Estimate }[];
        }>('popular-configs', {
          configurations_built: configs.map(({ visitors, share }, i) => ({
            config: String(i),
            visitors,
            inquiries: Math.floor(visitors * share),
            ended: options[i % options.length],
            price: null,
          })),
          configurations: configs.map((_, i) => ({
            config: String(i),
            model: 'm',
            parts: JSON.stringify({ a: String(i), g: String(i % options.length) }),
          })),
        });
        expect(data.configs.map(({ rank }) => rank)).to.eql(configs.map((_, i) => i + 1));
        for (const of of ['a', 'g']) {
          const known = data.shares.filter(({ group, share }) => group === of && share.value !== null);
          if (known.length > 0)
            expect(known.reduce((sum, { share }) => sum + share.value!, 0)).to.be.closeTo(1, 1e-9);
        }
      }),
      RUNS,
    );
  });

  it('real-time: calls unusual only what lies outside its band, and never a handful', async () => {
    const counts = fc.array(count(40), { minLength: 9, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(counts, count(200), async (baseline, n) => {
        const { data } = await askScripted<{
          unusual: { count: number; band: { value: number; lo: number; hi: number } }[];
        }>('real-time', {
          live_now: [{ part: 'step', step: 'page_view', visitors: n, visitors_5m: 0, events: n }],
          real_time_baseline: [{ step: 'page_view', counts: baseline }],
        });
        for (const { count: seen, band } of data.unusual) {
          expect(seen < band.lo || seen > band.hi).to.equal(true);
          expect(Math.max(seen, band.value)).to.be.at.least(5);
        }
        if (baseline.every((one) => one === n)) expect(data.unusual).to.eql([]);
      }),
      RUNS,
    );
  });

  it('performance: a rating only where there is a quantile, inside its interval', async () => {
    const vital = fc.record({
      n: count(500),
      p75: fc.double({ min: 1, max: 9000, noNaN: true }),
      width: fc.double({ min: 0, max: 500, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(vital, { maxLength: 8 }), async (rows) => {
        const { data } = await askScripted<{ vitals: { p75: Estimate; rating: string | null }[] }>(
          'performance',
          {
            performance_both: rows.map(({ n, p75, width }) => ({
              by_time: 0,
              time: '1970-01-01T00:00:00Z',
              metric: 'LCP',
              page: '/',
              device: 'mobile',
              n,
              ...(n < 30 ? { p75: null, lo: null, hi: null } : { p75, lo: p75 - width, hi: p75 + width }),
            })),
          },
        );
        for (const { p75, rating } of data.vitals) {
          expect(rating === null).to.equal(p75.value === null);
          if (p75.value !== null)
            expect(rating).to.equal(
              p75.value <= 2500 ? 'good' : p75.value <= 4000 ? 'needs-improvement' : 'poor',
            );
        }
      }),
      RUNS,
    );
  });

  const leads = fc
    .array(
      fc.record({
        age: fc.integer({ min: 1, max: 500 }),
        tier: fc.constantFrom('hot', 'cold'),
        after: fc.option(fc.integer({ min: 1, max: 200 })),
        price: fc.integer({ min: 100_000, max: 400_000 }),
      }),
      { minLength: 20, maxLength: 90 },
    )
    .map((rows) =>
      rows.map(({ age, tier, after, price }, i) => ({
        inquiry_id: String(i),
        lead_at: text(RANGE.to - age * DAY),
        status: 'new',
        price,
        ordered_at: after !== null && after < age ? text(RANGE.to - (age - after) * DAY) : null,
        paid: after !== null && after < age ? price : null,
        lost_at: null,
        tier,
      })),
    );

  it('revenue-forecast: chances lie in 0…1, bands in each other, and a longer horizon is worth no less', async () => {
    await fc.assert(
      fc.asyncProperty(leads, async (rows) => {
        const ask = async (horizon: string) =>
          (
            await askScripted<{
              expected: Estimate;
              bands: { mean: number; lo80: number; hi80: number; lo95: number; hi95: number }[];
              leads: { pOrder: Estimate }[];
            }>('revenue-forecast', { leads: rows }, { parameters: { horizon } })
          ).data;
        const [short, long] = [await ask('30'), await ask('180')];
        for (const { lo95, lo80, hi80, hi95 } of [...short.bands, ...long.bands]) {
          expect(lo95).to.be.at.most(lo80);
          expect(lo80).to.be.at.most(hi80);
          expect(hi80).to.be.at.most(hi95);
        }
        for (const { pOrder } of long.leads) expect(pOrder.value ?? 0).to.be.within(0, 1);
        if (short.expected.value !== null)
          expect(long.expected.value!).to.be.at.least(0.9 * short.expected.value);
      }),
      { numRuns: 8 },
    );
  });

  it('lifetime-value: a lead is worth what its tier is, weighted', async () => {
    await fc.assert(
      fc.asyncProperty(leads, async (rows) => {
        const { data } = await askScripted<{
          perLead: Estimate;
          byTier: { value: Estimate }[];
          mode: string;
          refusal?: string;
        }>('lifetime-value', { leads: rows });
        expect([data.mode, data.refusal === undefined]).to.eql(['single_purchase', false]);
        if (data.perLead.value === null) return;
        const values = data.byTier.map(({ value }) => value.value!);
        expect(data.perLead.value).to.be.within(Math.min(...values) - 1e-6, Math.max(...values) + 1e-6);
      }),
      { numRuns: 8 },
    );
  });

  it('customer-segments: every lead is in one tier', async () => {
    await fc.assert(
      fc.asyncProperty(leads, async (rows) => {
        const { data } = await askScripted<{ segments: { size: number; profile: { open: number } }[] }>(
          'customer-segments',
          { leads: rows },
          { parameters: { kind: 'leads' } },
        );
        expect(data.segments.reduce((sum, { size }) => sum + size, 0)).to.equal(rows.length);
        expect(data.segments.reduce((sum, { profile }) => sum + profile.open, 0)).to.equal(
          rows.filter(({ ordered_at }) => ordered_at === null).length,
        );
      }),
      { numRuns: 10 },
    );
  });

  it('price-optimization: dearer and asked less is a negative slope; an optimum lies above cost', async () => {
    const bend = fc.double({ min: -4, max: -1.2, noNaN: true });
    await fc.assert(
      fc.asyncProperty(bend, fc.integer({ min: 40_000, max: 150_000 }), async (elasticity, cost) => {
        const price_demand = Array.from({ length: 8 }, (_, i) => {
          const price = 150_000 + i * 20_000;
          const k = Math.round(50_000 * 0.03 * (price / 200_000) ** elasticity);
          return {
            key: 'all',
            price_from: price - 10_000,
            price,
            channel: 'a',
            device: 'b',
            returning: 0,
            n: 50_000,
            k,
          };
        });
        const { data } = await askScripted<{
          elasticity: (Estimate & { key: string })[];
          optimum: (Estimate & { pGain: number }) | null;
        }>('price-optimization', { price_demand }, { parameters: { cost } });
        expect(data.elasticity[0]!.value).to.be.closeTo(elasticity, 0.35);
        if (data.optimum) {
          expect(data.optimum.value).to.be.above(cost);
          expect(data.optimum.pGain).to.be.within(0, 1);
        }
      }),
      RUNS,
    );
  });

  it('cohorts: who came in a period came in it or later, and a cell is complete for all or not at all', async () => {
    const cohort = fc.record({
      size: fc.integer({ min: 1, max: 300 }),
      shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cohort, { maxLength: 5 }), async (list) => {
        const { data } = await askScripted<{
          cohorts: { size: number; cells: { bounded: Estimate; unbounded: Estimate; complete: boolean }[] }[];
        }>('cohorts', {
          cohorts: list.flatMap(({ size, shares }, c) =>
            shares.map((share, period) => ({
              cohort_start: text(RANGE.from - c * 7 * DAY).slice(0, 10),
              size,
              period,
              elapsed: period % 2 === 0 ? size : size - 1,
              bounded: Math.floor(size * share * share),
              unbounded: Math.floor(size * share),
            })),
          ),
        });
        for (const { cells, size } of data.cohorts)
          cells.forEach(({ bounded, unbounded, complete }, period) => {
            expect(bounded.n).to.equal(size);
            expect(complete).to.equal(period % 2 === 0);
            if (bounded.value !== null) expect(bounded.value).to.be.at.most(unbounded.value!);
          });
      }),
      RUNS,
    );
  });

  it('heatmap: swapping the groups turns every ratio over', async () => {
    const group = fc.record({
      first: fc.integer({ min: 1, max: 90 }),
      second: fc.integer({ min: 1, max: 90 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 8 }), async (list) => {
        const ask = async (turned: boolean) =>
          (
            await askScripted<{ difference: { element: string; ratio: Estimate; q: number }[] }>(
              'heatmap',
              {
                heatmap_groups: list.map(({ first, second }, i) => ({
                  element: `#${i}`,
                  first: turned ? second : first,
                  second: turned ? first : second,
                  first_total: 100,
                  second_total: 100,
                })),
              },
              { parameters: { compare: 'inquiry' } },
            )
          ).data.difference;
        const turned = new Map((await ask(true)).map((row) => [row.element, row]));
        for (const { element, ratio, q } of await ask(false)) {
          const other = turned.get(element)!;
          expect(ratio.value! * other.ratio.value!).to.be.closeTo(1, 1e-9);
          expect(ratio.lo! * other.ratio.hi!).to.be.closeTo(1, 1e-9);
          expect(q).to.be.closeTo(other.q, 1e-9);
        }
      }),
      RUNS,
    );
  });

  it('attribution: the credits of every model add up to the conversions', async () => {
    const channel = fc.constantFrom('search', 'social', 'mail', 'direct');
    const path = fc.record({
      path: fc.array(channel, { minLength: 1, maxLength: 5 }),
      conversions: fc.integer({ min: 0, max: 12 }),
      nulls: count(100),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(path, { minLength: 1, maxLength: 6, selector: (one) => one.path.join() }),
        async (paths) => {
          const attribution_paths = paths.map((one) => ({ ...one, value: one.conversions * 1000 }));
          const { data } = await askScripted<{
            conversions: number;
            models: Record<string, { conversions: Estimate; value: Estimate }[]>;
          }>('attribution', {
            attribution_paths,
            attribution_touches: paths.flatMap(({ path: channels, conversions }) =>
              Array.from({ length: conversions }, () => ({
                channels,
                days_before: channels.map((_, i) => channels.length - 1 - i),
                value: 1000,
                visitor: '1',
                asked_at: '2026-11-10 12:00:00.000',
              })),
            ),
          });
          const all = paths.reduce((sum, { conversions }) => sum + conversions, 0);
          expect(data.conversions).to.equal(all);
          for (const [model, rows] of Object.entries(data.models)) {
            if (rows.some(({ conversions }) => conversions.value === null) || rows.length === 0) continue;
            const total = rows.reduce((sum, { conversions }) => sum + conversions.value!, 0);
            expect(total, model).to.be.closeTo(all, 1e-6);
          }
        },
      ),
      { numRuns: 5 },
    );
  });

  it('data-quality: the score never rises with what is missing', async () => {
    const score = async (lost: number): Promise<number> => {
      const { data } = await askScripted<{ score: number }>('data-quality', {
        data_quality: [
          {
            time: '2026-11-10T00:00:00Z',
            stored: 1000 - lost,
            bots: 0,
            without_visitor: 0,
            consent_none: 0,
            late: 0,
            skewed: 0,
            duplicates: 0,
            lag_p95_s: 1,
          },
        ],
        capture_rate: [{ by_key: '', streams: 10, generated: 1000, stored: 1000 - lost }],
      });
      return data.score;
    };
    await fc.assert(
      fc.asyncProperty(count(999), count(999), async (p, q) => {
        const [less, more] = [await score(Math.min(p, q)), await score(Math.max(p, q))];
        expect(more).to.be.at.most(less);
        expect(more).to.be.within(0, 100);
      }),
      RUNS,
    );
    expect(await score(0)).to.equal(100);
  });

  it('data-quality: a row that is stored twice is said and blocks, and does not fill a gap', async () => {
    const { data } = await askScripted<{
      streams: { generated: number; stored: number };
      checks: { check: string; value: number; effect: string }[];
    }>('data-quality', {
      data_quality: [
        {
          time: '2026-11-10T00:00:00Z',
          stored: 1001,
          bots: 0,
          without_visitor: 0,
          consent_none: 0,
          late: 0,
          skewed: 0,
          duplicates: 1,
          lag_p95_s: 1,
        },
      ],
      capture_rate: [{ by_key: '', streams: 10, generated: 1000, stored: 1001 }],
    });
    expect(data.streams).to.include({ generated: 1000, stored: 1000 });
    expect(data.checks.find(({ check }) => check === 'duplicates')).to.include({
      value: 1,
      effect: 'blocks',
    });
  });
});
