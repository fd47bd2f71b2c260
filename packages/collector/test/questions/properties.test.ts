import { expect } from 'chai';
import fc from 'fast-check';
import type { EngineName, Experiment } from '../../src/experiments/index.js';
import type { Estimate } from '../../src/questions/index.js';
import { betaInterval } from '../../src/statistics/index.js';
import { RANGE } from './shop.js';
import { askScripted } from './scripted.js';

const DAY = 86_400_000;
const RUNS = { numRuns: 25 };
const count = (max: number) => fc.integer({ min: 0, max });
const text = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

interface ExperimentRead {
  arms: { arm: string; n: number }[];
  exposed: { arm: string; n: number }[];
  srm: { p: number; verdict: string };
  effect: Estimate;
  challengers: { decided: 'better' | 'worse' | null; pBeat: number | null }[];
  looks: {
    at: string;
    z: number;
    bound: number | null;
    value: number | null;
    lo: number | null;
    hi: number | null;
  }[];
  lossIfChosen: Record<string, number>;
  guardrails: object[];
  verdict: string;
}

/** Fifty days for visitors and their outcomes. @param control the arm that the other is held against */
const runningExperiment = (o: {
  engine: EngineName;
  control: string;
  started: number;
  reason: string | undefined;
}): Experiment => ({
  name: 'blue',
  hypothesis: 'blue sells',
  arms: [
    { name: o.control, weight: 5000 },
    { name: o.control === 'blue' ? 'control' : 'blue', weight: 5000 },
  ],
  traffic: 10_000,
  metric: 'config:save',
  guardrails: [],
  effect: 0.2,
  horizonDays: 7,
  looks: 5,
  engine: o.engine,
  maxLoss: 0.02,
  site: 1,
  version: 3,
  salt: 's',
  status: 'running',
  plan: { perArm: 1500, days: 43, baseRate: 0.1, visitorsPerDay: 70, verdict: 'ok', advice: '', proxy: null },
  created: o.started,
  started: o.started,
  endsAt: o.started + 50 * DAY,
  ended: null,
  decision: null,
  reason: '',
  ...(o.reason === undefined ? {} : { splitReason: o.reason }),
});

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

  it('overview: both ranges and what is usual are about the same people', async () => {
    const row = (consented: number, asked: number, without = 200) => ({
      ...{ visitors: consented + without, inquiring: asked, inquiries: asked },
      ...{ consented, consented_inquiring: asked },
      ...{ sessions: 300, page_views: 300, configurations: 0, orders: 0, revenue: 0 },
    });
    const ask = async (now: object, before: object, weeks: object[] = []) =>
      (
        await askScripted<{ inquiryRate: Estimate; change: Estimate & { pUp: number | null } }>('overview', {
          overview: weeks,
          overview_trend: [{ whole: 1, time: '1970-01-01T00:00:00Z', ...now }],
          overview_total: [before],
          session_shape: [{ sessions: 0, bounces: 0 }],
        })
      ).data;
    // 19 of them cannot tell a rate, and 219 of whom 200 are unknown may not stand in for them
    const few = await ask(row(25, 5), row(19, 4));
    expect(few.inquiryRate).to.include({ n: 25, method: 'jeffreys, consented visitors' });
    expect(few.change).to.include({ value: null, n: 19, pUp: null });
    expect(few.change.method).to.equal('jeffreys, consented visitors, mover');
    // the other way round all visitors are counted, before as now
    const all = await ask(row(19, 4), row(25, 5));
    expect(all.inquiryRate).to.include({ n: 219, method: 'jeffreys, visitors' });
    expect(all.change.value).to.be.closeTo(4.5 / 220 - 5.5 / 226, 1e-12);
    expect(all.change.method).to.equal('jeffreys, visitors, mover');
    // weeks with a few who agreed tell what is usual of those, not of everybody
    const usual = Array.from({ length: 12 }, (_, i) => ({ time: String(i), ...row(15, 3 + (i % 2), 2000) }));
    const { inquiryRate } = await ask(row(25, 5), row(25, 5), usual);
    expect(inquiryRate.method).to.equal('eb-beta, consented visitors');
    expect(inquiryRate.value).to.be.within(0.18, 0.25);
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

  it('popular-configs: that one option is all that was seen is no certainty', async () => {
    const { data } = await askScripted<{ shares: { share: Estimate }[] }>('popular-configs', {
      configurations_built: [{ config: '1', visitors: 400, inquiries: 9, ended: 400, price: null }],
      configurations: [{ config: '1', model: 'm', parts: JSON.stringify({ facade: 'wood' }) }],
    });
    const { share } = data.shares[0]!;
    expect(share).to.include({ value: 1, hi: 1, n: 400, quality: 'ok' });
    expect(share.lo).to.be.closeTo(betaInterval(400, 400).lo, 1e-12);
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

  it('real-time: calls unusual what never happened before, where the site was there', async () => {
    const ask = async (errors: number, baseline: object[]) =>
      (
        await askScripted<{ unusual: object[] }>('real-time', {
          live_now: [{ part: 'step', step: 'error', visitors: 9, visitors_5m: 0, events: errors }],
          real_time_baseline: baseline,
        })
      ).data.unusual;
    const views = (...counts: number[]) => [{ step: 'page_view', counts }];
    const quiet = views(0, 0, 0, 0, 0, 0, 0, 0);
    const found = { step: 'error', count: 500, band: { value: 0, lo: 0, hi: 0 } };
    expect(await ask(500, views(4, 3, 4, 4, 3, 4, 3, 4))).to.deep.include(found);
    expect(await ask(500, views(4, 3, 0, 0, 0, 0, 0, 0))).to.deep.include(found);
    expect(await ask(4, views(4, 3, 4, 4, 3, 4, 3, 4))).not.to.deep.include({ ...found, count: 4 });
    // a site that was not there, or once, has no usual half hour
    for (const unknown of [[], quiet, views(4, 0, 0, 0, 0, 0, 0, 0)])
      expect(JSON.stringify(await ask(500, unknown))).not.to.include('error');
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

  it('experiments: swapped arms mirror, intervals hold their estimate, and a blocked split shows nothing', async () => {
    const engines = fc.constantFrom('group-sequential', 'confidence-sequence', 'bayesian', 'e-process');
    /** Visitors of an arm and outcomes among them, for each of forty days after a horizon of seven. */
    const flow = fc.record({
      n: fc.integer({ min: 5, max: 120 }),
      rate: fc.double({ min: 0.01, max: 0.6, noNaN: true }),
      past: fc.boolean(),
    });
    const started = RANGE.to - 60 * DAY;
    await fc.assert(
      fc.asyncProperty(engines, flow, flow, fc.integer({ min: 8, max: 60 }), async (engine, a, b, days) => {
        const rows = [a, b].flatMap(({ n, rate, past }, arm) =>
          Array.from({ length: Math.max(0, Math.min(days, 47) - 7) }, (_, i) => {
            // outcomes come in lumps, as few of them do
            const k = Math.min(n, Math.round((n * rate * (1 + ((i * 7 + arm * 3) % 5))) / 3));
            const others = Math.floor((n - k) / 3);
            return {
              metric: 'config:save',
              arm: arm === 0 ? 'control' : 'blue',
              day: 8 + i,
              n,
              mixed: 0,
              k,
              // all with the outcome chose two options before, a third of the others one
              with_past: past ? k + others : 0,
              x_sum: past ? 2 * k + others : 0,
              x_squares: past ? 4 * k + others : 0,
              xk: past ? 2 * k : 0,
            };
          }),
        );
        const ask = async (control: 'control' | 'blue', reason?: string) => {
          const { data } = await askScripted<ExperimentRead>(
            'experiments',
            { experiment_days: rows },
            {
              parameters: { experiment: 'blue' },
              sources: {
                clock: { now: () => started + days * DAY },
                readExperiment: () => runningExperiment({ engine, control, started, reason }),
              },
            },
          );
          return data;
        };
        const [seen, turned, explained] = [
          await ask('control'),
          await ask('blue'),
          await ask('control', 'x'),
        ];
        // the split is judged alike, whoever is called the control
        expect(turned.srm.verdict).to.equal(seen.srm.verdict);
        expect(turned.srm.p).to.be.closeTo(seen.srm.p, 1e-12);
        const exposed = rows.reduce((sum, { n }) => sum + n, 0);
        expect(seen.exposed.reduce((sum, { n }) => sum + n, 0)).to.equal(exposed);
        expect((seen.verdict === 'blocked') === (seen.srm.verdict === 'block')).to.equal(true);
        if (seen.verdict === 'blocked') {
          expect([seen.arms, seen.looks, seen.challengers, seen.guardrails]).to.eql([[], [], [], []]);
          expect(seen.effect).to.include({ value: null, lo: null, hi: null });
          expect(seen.lossIfChosen).to.eql({});
        }
        // arms as of the last look: everybody who was mature then, nobody twice
        const last = explained.looks.at(-1);
        const lastDay = last ? Math.round((Date.parse(last.at) - started) / DAY) : 0;
        expect(explained.arms.reduce((sum, { n }) => sum + n, 0)).to.equal(
          rows.filter(({ day }) => day <= lastDay).reduce((sum, { n }) => sum + n, 0),
        );
        for (const loss of Object.values(explained.lossIfChosen)) expect(loss).to.be.at.least(0);
        const mirror = await ask('blue', 'x');
        // the Bayesian loss is a share of the control's rate: the day on which it is cheap enough may differ
        if (engine !== 'bayesian')
          expect(mirror.looks.map(({ at }) => at)).to.eql(explained.looks.map(({ at }) => at));
        explained.looks.slice(0, mirror.looks.length).forEach((look, i) => {
          const other = mirror.looks[i]!;
          if (look.bound !== null) expect(other.bound).to.be.closeTo(look.bound, 1e-9);
          // evidence without a direction is the same; z turns its sign
          const sign = ['e-process', 'bayesian'].includes(engine) ? 1 : -1;
          if (engine !== 'bayesian') expect(other.z).to.be.closeTo(sign * look.z, 1e-6);
          // a change of a ratio mirrors as the ratio does: (1 + value) → 1 / (1 + value), ends swapped
          if (look.value !== null && other.value !== null && look.value > -1) {
            expect((1 + look.value) * (1 + other.value)).to.be.closeTo(1, 1e-6);
            if (look.lo! > -1 && other.lo! > -1) {
              expect((1 + look.lo!) * (1 + other.hi!)).to.be.closeTo(1, 1e-6);
              expect((1 + look.hi!) * (1 + other.lo!)).to.be.closeTo(1, 1e-6);
            }
          }
          if (look.value !== null) expect(look.value).to.be.within(look.lo! - 1e-9, look.hi! + 1e-9);
        });
        const flipped = { better: 'worse', worse: 'better' } as const;
        explained.challengers.forEach(({ decided, pBeat }, i) => {
          const other = mirror.challengers[i]!;
          if (engine !== 'bayesian') expect(other.decided).to.equal(decided && flipped[decided]);
          if (pBeat !== null && other.pBeat !== null && mirror.looks.length === explained.looks.length)
            expect(pBeat + other.pBeat).to.be.closeTo(1, 1e-8);
        });
      }),
      { numRuns: 100 },
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
    const score = async (lost: number, wrong: object = {}): Promise<number> => {
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
            ...wrong,
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
    expect(await score(0, { late: 200 })).to.equal(100);
    // no interval widens for what lay in an outbox, and the score tells of it all the same
    expect(await score(0, { late: 201 })).to.equal(90);
    expect(await score(0, { late: 201, skewed: 51 })).to.equal(81);
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
