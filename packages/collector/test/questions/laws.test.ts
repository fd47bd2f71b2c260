import { expect } from 'chai';
import fc from 'fast-check';
import type { Estimate } from '../../src/questions/index.js';
import { startWholeCollector, type PageVisit, type RunningCollector } from './collector.js';
import { checkEstimates } from './scripted.js';

const DAY = 86_400_000;
const VISITS = 260;
const RUNS = { numRuns: 12 };

/** Seeded: a failure can be had again. Source: Park & Miller (1988). */
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

/** Two weeks of visitors who do things in any order, some of them again and again. */
const traffic = (now: number): PageVisit[] => {
  const random = randomOf(20_261_129);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return Array.from({ length: VISITS }, (): PageVisit => {
    const start = now - Math.floor(random() * 13 * DAY) - 3_600_000;
    const model = pick(['nest-80', 'nest-120']);
    const acts = (at: number) =>
      pick([
        { type: 'page_view', at, path: pick(['/', '/konfigurator', '/kontakt']) },
        {
          type: 'option_select',
          at,
          group: pick(['facade', 'roof']),
          option: pick(['a', 'b', 'c']),
          priceDeltaCents: pick([-500_000, 0, 700_000]),
          model,
        },
        { type: 'price_view', at, model, priceCents: 18_000_000 + Math.floor(random() * 60) * 100_000 },
        {
          type: 'config',
          at,
          model,
          reason: pick(['start', 'change', 'save', 'share']),
          options: { facade: pick(['a', 'b', 'c']), roof: pick(['a', 'b']) },
          priceCents: 18_000_000 + Math.floor(random() * 60) * 100_000,
        },
        { type: 'inquiry', at, model, priceCents: 20_000_000 },
        {
          type: 'click',
          at,
          sel: pick(['#plan', '#menu']),
          label: 'x',
          kind: 'mouse',
          // four places, so that each is seen by three visitors and none is left out
          ex: 8192 * Math.floor(random() * 4),
          ey: 100,
          px: 5000,
          py: 500,
          box: [1, 2, 30, 40],
          fixed: false,
          vw: 1440,
          vh: 900,
          dh: 2400,
        },
      ]);
    const steps = 1 + Math.floor(random() * 9);
    return {
      visitor: Math.floor(random() * 150),
      events: [
        { type: 'page_view', at: start, path: '/' },
        ...Array.from({ length: steps }, (_, i) =>
          acts(start + (i + 1) * (1 + Math.floor(random() * 60_000))),
        ),
      ].sort((p, q) => p.at - q.at),
    };
  });
};

/** What holds for every site, whatever is asked: over HTTP, of a whole collector that took the events itself. */
describe('laws of the answers, over HTTP', function () {
  this.timeout(900_000);
  let collector: RunningCollector;
  before(async () => {
    collector = await startWholeCollector();
    await collector.visit(traffic(Date.now()));
  });
  after(() => collector.stop());

  const ask = async <D>(question: string, parameters: Record<string, string | number> = {}): Promise<D> => {
    const query = new URLSearchParams(
      Object.fromEntries(
        Object.entries({ timeRange: '30d', ...parameters }).map(([name, value]) => [name, String(value)]),
      ),
    );
    const { status, body } = await collector.admin<{ data: D }>(
      'GET',
      `/api/admin/analytics/${question}?${query.toString()}`,
    );
    expect(status, JSON.stringify(body)).to.equal(200);
    checkEstimates(body.data, question);
    return body.data;
  };
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

  it('conversion-funnel: nobody is further than he came, whatever the steps, the order, the unit, the window', async () => {
    const steps = fc
      .shuffledSubarray(
        [
          'page_view',
          'page_view:/kontakt',
          'option_select',
          'option_select:facade',
          'price_view',
          'config:save',
          'inquiry',
        ],
        { minLength: 2, maxLength: 6 },
      )
      .map((list) => list.join(','));
    const parameters = fc.record({
      steps,
      mode: fc.constantFrom('ordered', 'strict', 'unordered'),
      unit: fc.constantFrom('visitor', 'session', 'stream'),
      breakdown: fc.constantFrom('', 'channel', 'device', 'model'),
      window: fc.constantFrom(60, 3600, 86_400, 14 * 86_400),
    });
    await fc.assert(
      fc.asyncProperty(parameters, async (asked) => {
        const { steps: rows } = await ask<{
          steps: { segment?: string; step: string; n: number; rate: Estimate; overall: Estimate }[];
        }>('conversion-funnel', asked);
        for (const segment of new Set(rows.map((row) => row.segment))) {
          const own = rows.filter((row) => row.segment === segment);
          own.forEach(({ n, rate, overall }, i) => {
            if (i === 0) return;
            expect(n, JSON.stringify(asked)).to.be.at.most(own[i - 1]!.n);
            expect(rate.n).to.equal(own[i - 1]!.n);
            expect(overall.n).to.equal(own[0]!.n);
          });
        }
      }),
      RUNS,
    );
  });

  it('overview: parts by device are the whole, and two halves of a range are no more than it', async () => {
    interface Overview {
      totals: { visitors: number; inquiries: number; pageViews: number; configurations: number };
    }
    const { totals } = await ask<Overview>('overview');
    const parts = await Promise.all(
      ['desktop', 'mobile', 'tablet'].map((device) => ask<Overview>('overview', { device })),
    );
    expect(sum(parts.map((part) => part.totals.inquiries))).to.equal(totals.inquiries);
    expect(sum(parts.map((part) => part.totals.pageViews))).to.equal(totals.pageViews);
    expect(totals.configurations).to.be.at.most(totals.visitors);
    const now = Date.now();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 13 }), async (days) => {
        const middle = now - days * DAY;
        const range = (from: number, to: number) =>
          collector
            .admin<{ data: Overview }>('GET', `/api/admin/analytics/overview?from=${from}&to=${to}`)
            .then(({ body }) => body.data.totals);
        const [before, after, both] = await Promise.all([
          range(now - 20 * DAY, middle),
          range(middle, now),
          range(now - 20 * DAY, now),
        ]);
        expect(before.inquiries + after.inquiries).to.equal(both.inquiries);
        expect(before.pageViews + after.pageViews).to.equal(both.pageViews);
        expect(before.visitors + after.visitors).to.be.at.least(both.visitors);
        expect(Math.max(before.visitors, after.visitors)).to.be.at.most(both.visitors);
      }),
      { numRuns: 5 },
    );
  });

  it('attribution: credits of every model sum to the conversions, and to their value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (days) => {
        const { conversions, models, disagreement } = await ask<{
          conversions: number;
          models: Record<string, { channel: string; conversions: Estimate; value: Estimate }[]>;
          disagreement: { channel: string; lo: number; hi: number }[];
        }>('attribution', { lookback_days: days });
        expect(conversions).to.be.at.least(20);
        const values = new Set<number>();
        for (const [model, rows] of Object.entries(models)) {
          expect(sum(rows.map((row) => row.conversions.value!)), model).to.be.closeTo(conversions, 1e-6);
          values.add(Math.round(sum(rows.map((row) => row.value.value!))));
          for (const { channel, conversions: own } of rows) {
            const { lo, hi } = disagreement.find((row) => row.channel === channel)!;
            expect(own.value).to.be.within(lo - 1e-9, hi + 1e-9);
          }
        }
        expect(values.size).to.equal(1);
      }),
      { numRuns: 6 },
    );
  });

  it('cohorts: who came in a period came in it or later, and later is ever fewer', async () => {
    const parameters = fc.record({
      cohort: fc.constantFrom('day', 'week', 'month'),
      periods: fc.integer({ min: 1, max: 9 }),
      returning: fc.constantFrom('page_view', 'inquiry', 'config:save'),
    });
    await fc.assert(
      fc.asyncProperty(parameters, async (asked) => {
        const { cohorts } = await ask<{
          cohorts: { size: number; cells: { bounded: Estimate; unbounded: Estimate }[] }[];
        }>('cohorts', asked);
        for (const { size, cells } of cohorts) {
          expect(cells.length).to.equal(asked.periods);
          cells.forEach(({ bounded, unbounded }, i) => {
            expect(bounded.n).to.equal(size);
            if (bounded.value === null) return;
            expect(bounded.value).to.be.at.most(unbounded.value!);
            if (i > 0) expect(unbounded.value).to.be.at.most(cells[i - 1]!.unbounded.value!);
          });
        }
      }),
      RUNS,
    );
  });

  it('user-journey: what flows into a step of the way flows out of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 8 }), fc.constantFrom(0, 1), async (depth, backwards) => {
        const { edges } = await ask<{
          edges: { position: number; source: string; target: string; sessions: number; converted: number }[];
        }>('user-journey', { depth, backwards, min: 1 });
        for (const { sessions, converted } of edges) expect(converted).to.be.at.most(sessions);
        for (let position = 2; position < depth; position++) {
          const into = new Map<string, number>();
          for (const edge of edges.filter((one) => one.position === position - 1))
            into.set(edge.target, (into.get(edge.target) ?? 0) + edge.sessions);
          const out = new Map<string, number>();
          for (const edge of edges.filter((one) => one.position === position))
            out.set(edge.source, (out.get(edge.source) ?? 0) + edge.sessions);
          for (const [node, n] of out) expect(n, `${position} ${node}`).to.be.at.most(into.get(node) ?? 0);
        }
      }),
      RUNS,
    );
  });

  it('popular-configs, price-optimization, market-trends: shares sum to one, part-worths to nothing', async () => {
    const { shares } = await ask<{ shares: { group: string; n: number; share: Estimate }[] }>(
      'popular-configs',
    );
    const byGroup = <T extends { group: string }>(rows: readonly T[]): T[][] =>
      [...new Set(rows.map(({ group }) => group))].map((group) => rows.filter((row) => row.group === group));
    for (const own of byGroup(shares))
      expect(sum(own.map(({ share }) => share.value!))).to.be.closeTo(1, 1e-9);
    const { partWorths } = await ask<{
      partWorths: { options: { group: string; n: number; appeal: Estimate }[] };
    }>('price-optimization');
    expect(partWorths.options.length).to.be.above(0);
    for (const own of byGroup(partWorths.options))
      expect(sum(own.map(({ appeal }) => appeal.value ?? 0))).to.be.closeTo(0, 1e-9);
    const { optionMix } = await ask<{ optionMix: { options: { group: string; share: Estimate }[] } }>(
      'market-trends',
    );
    for (const own of byGroup(optionMix.options).filter((rows) => rows[0]!.share.value !== null))
      expect(sum(own.map(({ share }) => share.value!))).to.be.closeTo(1, 1e-9);
  });

  it('heatmap: the cells of an element add up to its clicks', async () => {
    const { elements, cells } = await ask<{
      elements: { element: string; n: number }[];
      cells: { element: string; n: number; visitors: number }[];
    }>('heatmap', { page: '/konfigurator' });
    expect(elements.length).to.be.above(0);
    for (const { element, n } of elements)
      expect(sum(cells.filter((cell) => cell.element === element).map((cell) => cell.n))).to.equal(n);
    for (const { visitors } of cells) expect(visitors).to.be.at.least(3);
  });

  it('data-quality: nothing is lost, and the score says so', async () => {
    const { score, streams, ledger, captureRate } = await ask<{
      score: number;
      streams: { generated: number; stored: number };
      ledger: { difference: number };
      captureRate: Estimate;
    }>('data-quality');
    expect(streams.stored).to.equal(streams.generated);
    expect(ledger.difference).to.equal(0);
    expect(score).to.be.within(0, 100);
    expect(captureRate.value).to.be.above(0.99);
  });

  it('the other questions answer every filter with their schema and estimates inside their bounds', async () => {
    const filters = fc.record({
      device: fc.constantFrom('*', 'desktop'),
      model: fc.constantFrom('*', 'nest-80'),
      timeRange: fc.constantFrom('24h', '7d', '90d'),
      timeZone: fc.constantFrom('Europe/Vienna', 'Asia/Kolkata', 'America/St_Johns'),
    });
    await fc.assert(
      fc.asyncProperty(filters, async (asked) => {
        for (const question of [
          'performance',
          'revenue-forecast',
          'customer-segments',
          'lifetime-value',
          'real-time',
        ])
          await ask(question, asked);
      }),
      { numRuns: 5 },
    );
  });
});
