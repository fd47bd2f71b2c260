import { expect } from 'chai';
import type { Experiment } from '../../src/experiments/index.js';
import type { Estimate } from '../../src/questions/index.js';
import { startDatabase, type TestDatabase, type TestEvent } from '../schema/support.js';
import { checkEstimates } from './scripted.js';
import { OPENING, RANGE, shop } from './shop.js';
import { createAsker } from './support.js';

const DAY = 86_400_000;

/** Beside the shop: 24 visitors of 30 see an arm, 10 click the plan, pages are scrolled. */
const more = (): TestEvent[] => {
  const events: TestEvent[] = [];
  for (let i = 1; i <= 30; i++) {
    let seq = 100;
    const add = (type: string, rest: Record<string, unknown>): void => {
      events.push({
        ts: OPENING + i * 60_000 + 5000 + (seq - 100) * 100,
        type,
        stream: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
        seq: seq++,
        visitor: i,
        session: 1000 + i,
        path: '/konfigurator',
        route: '/konfigurator',
        device: 'desktop',
        channel: i <= 12 ? 'search' : 'direct',
        ...rest,
      });
    };
    if (i <= 24) add('exposure', { experiment: 'blue', variant: i % 2 === 0 ? 'blue' : 'control' });
    if (i === 24) add('exposure', { experiment: 'blue', variant: 'control' });
    if (i <= 10)
      add('click', { element: '#plan', label: 'Plan', ex: 16384, ey: 1000, box: [10, 20, 300, 40] });
    if (i <= 24) add('scroll', { depth: i <= 12 ? 100 : 40 });
  }
  return events;
};

const experiment = {
  name: 'blue',
  arms: [
    { name: 'control', weight: 5000 },
    { name: 'blue', weight: 5000 },
  ],
  metric: 'config:save',
  guardrails: ['inquiry'],
  horizonDays: 1,
  looks: 2,
  engine: 'group-sequential',
  maxLoss: 0.01,
  version: 1,
  site: 1,
  plan: { perArm: 12, days: 4, baseRate: 0.4, visitorsPerDay: 10, verdict: 'ok', advice: '', proxy: null },
  started: RANGE.from,
  endsAt: RANGE.from + 4 * DAY,
  ended: null,
} as unknown as Experiment;

describe('ten more questions on the shop, on the real engine', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let ask: <D>(name: string, parameters?: Record<string, unknown>) => Promise<D>;
  before(async () => {
    database = await startDatabase();
    await database.store([...shop(), ...more()]);
    const asker = createAsker(database, { readExperiment: () => experiment });
    ask = async <D>(name: string, parameters: Record<string, unknown> = {}) => {
      const data = await asker<D>(name, parameters);
      checkEstimates(data, name);
      return data;
    };
  });
  after(() => database.stop());

  it('user-journey follows sessions step by step', async () => {
    const { edges, nodes, paths, decisions, sessions } = await ask<{
      paths: { rate: Estimate; lift: Estimate }[];
      edges: { position: number; source: string; target: string; sessions: number; converted: number }[];
      nodes: { node: string; sessions: number }[];
      decisions: { group: string; n: number }[];
      sessions: { session: string; inquired: boolean }[];
    }>('user-journey', { min: 1 });
    expect(edges[0]).to.deep.include({
      position: 1,
      source: '/',
      target: '/konfigurator',
      sessions: 24,
      converted: 5,
    });
    expect(edges.find(({ position, target }) => position === 1 && target === '(end)')!.sessions).to.equal(6);
    expect(nodes.find(({ node }) => node === '/')!.sessions).to.equal(30);
    // five of all thirty sessions asked, also of those too short for a path
    for (const { rate, lift } of paths)
      if (rate.value !== null) expect(lift.value).to.be.closeTo(rate.value / (5 / 30), 1e-9);
    expect(paths.some(({ lift }) => lift.value !== null)).to.equal(true);
    expect(decisions).to.deep.include.members([
      {
        ...decisions[0]!,
        group: 'facade',
        n: 20,
      },
    ]);
    expect(sessions.filter(({ inquired }) => inquired).length).to.equal(5);
    const { steps } = await ask<{ steps: { type: string }[] }>('user-journey', { session: '1001' });
    expect(steps.filter(({ type }) => type === 'page_view').length).to.equal(2);
  });

  it('cohorts keep every visitor in the first period', async () => {
    const { cohorts } = await ask<{
      cohorts: { size: number; cells: { period: number; bounded: Estimate; complete: boolean }[] }[];
    }>('cohorts', { cohort: 'day', periods: 3 });
    expect(cohorts.map(({ size }) => size)).to.eql([30]);
    expect(cohorts[0]!.cells.map(({ complete }) => complete)).to.eql([true, true, true]);
    expect(cohorts[0]!.cells[0]!.bounded.value).to.be.closeTo(30.5 / 31, 1e-9);
  });

  it('market-trends count visitors of each model by week', async () => {
    const { series } = await ask<{ series: { key: string; weeks: { share: Estimate }[] }[] }>(
      'market-trends',
    );
    expect(series.map(({ key }) => key).sort()).to.eql(['nest-120', 'nest-80']);
    expect(series[0]!.weeks[0]!.share).to.include({ n: 24, quality: 'insufficient' });
  });

  it('heatmap gives the clicked element, its cell, and how far pages are read', async () => {
    const { elements, cells, scroll, difference } = await ask<{
      elements: { element: string; n: number; visitors: number; box: object }[];
      cells: { gx: number; gy: number; visitors: number }[];
      scroll: { depth: number; share: Estimate }[];
      difference: { element: string; ratio: Estimate }[];
    }>('heatmap', { page: '/konfigurator', compare: 'inquiry' });
    expect(elements).to.deep.include({
      element: '#plan',
      label: 'Plan',
      fixed: false,
      n: 10,
      visitors: 10,
      box: { left: 10, top: 20, width: 300, height: 40 },
    });
    expect(cells).to.deep.include({ element: '#plan', gx: 8, gy: 0, n: 10, visitors: 10 });
    expect(scroll.find(({ depth }) => depth === 50)!.share.value).to.be.closeTo(12.5 / 25, 1e-9);
    // five askers are too few to compare with
    expect(difference).to.eql([]);
  });

  it('attribution gives the five inquiries to the channel that brought them', async () => {
    const { conversions, disagreement } = await ask<{
      conversions: number;
      disagreement: { channel: string; lo: number; hi: number }[];
    }>('attribution', { cost: ['search:1000'] });
    expect(conversions).to.equal(5);
    const search = disagreement.find(({ channel }) => channel === 'search')!;
    expect([search.lo, search.hi]).to.eql([5, 5]);
  });

  it('experiments count exposed visitors, without the one who saw both arms', async () => {
    const { arms, mixed, looks, verdict, guardrails } = await ask<{
      arms: { arm: string; n: number }[];
      mixed: number;
      looks: object[];
      verdict: string;
      guardrails: { metric: string }[];
    }>('experiments', { experiment: 'blue' });
    expect(arms.map(({ arm, n }) => [arm, n])).to.eql([
      ['control', 12],
      ['blue', 11],
    ]);
    expect([mixed, looks.length, verdict]).to.eql([1, 2, 'no_difference']);
    expect(guardrails[0]!.metric).to.equal('inquiry');
  });

  it('revenue-forecast and lifetime-value say that five inquiries are too few', async () => {
    const { expected, leads } = await ask<{ expected: Estimate; leads: object[] }>('revenue-forecast');
    expect([expected.quality, leads.length]).to.eql(['insufficient', 0]);
    const { mode, byTier } = await ask<{ mode: string; byTier: { tier: string }[] }>('lifetime-value');
    expect(mode).to.equal('single_purchase');
    expect(byTier.map(({ tier }) => tier)).to.eql(['warm']);
  });

  it('customer-segments and price-optimization read their views', async () => {
    const visitors = await ask<{ segments: object[]; stability: number | null }>('customer-segments');
    expect(visitors.stability).to.equal(null);
    const leads = await ask<{ segments: { name: string; size: number }[] }>('customer-segments', {
      kind: 'leads',
    });
    expect(leads.segments.map(({ name, size }) => [name, size])).to.eql([['warm', 5]]);
    const { curve, shock } = await ask<{
      curve: { priceFrom: number; rate: Estimate }[];
      shock: { option: string; jumpFrom: number; leaves: Estimate }[];
    }>('price-optimization');
    expect(curve.map(({ priceFrom, rate }) => [priceFrom, rate.n])).to.eql([[200_000, 15]]);
    expect(shock.map(({ option, leaves }) => [option, leaves.n])).to.eql([
      ['facade/plaster', 10],
      ['facade/wood', 10],
    ]);
  });
});
