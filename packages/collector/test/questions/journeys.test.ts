import { expect } from 'chai';
import fc from 'fast-check';
import type { Estimate, Scope } from '../../src/questions/index.js';
import { empiricalBayesRate } from '../../src/statistics/index.js';
import { askScripted } from './scripted.js';
import { RANGE } from './shop.js';

interface Journey {
  edges: unknown[];
  nodes: { node: string; sessions: number; left: Estimate }[];
  paths: { path: string[]; n: number; rate: Estimate; lift: Estimate }[];
  decisions: { group: string; again: Estimate; leftAfter: Estimate }[];
  steps: { detail: string }[];
}

interface Edge {
  position: number;
  source: string;
  target: string;
  sessions: number;
  converted: number;
}
/** Numbers of nodes as the views tell them. */
const numbersOf = (...names: string[]): string[] =>
  names.map((name) => (name === '(end)' ? '0' : `1${name.charCodeAt(name.length - 1)}`));
const waysOf = (edges: readonly Edge[]) =>
  edges.map(({ position, source, target, sessions, converted }) => ({
    position,
    nodes: numbersOf(source, target),
    n: sessions,
    k: converted,
  }));
const namesOf = (...names: string[]) => names.map((name) => ({ id: numbersOf(name)[0], name }));
const PLACES = namesOf('/', '/konfigurator', 'a', 'b', 'c', 'd', 'x', 'y');

describe('user-journey', function () {
  this.timeout(180_000);
  const edges = [
    { position: 1, source: '/', target: '/konfigurator', sessions: 60, converted: 9 },
    { position: 2, source: '/konfigurator', target: '(end)', sessions: 60, converted: 9 },
    { position: 1, source: '/', target: '(end)', sessions: 40, converted: 0 },
  ];

  it('says how many leave at each node', async () => {
    const { data } = await askScripted<Journey>('user-journey', {
      journey_ways: waysOf(edges),
      journey_nodes: PLACES,
    });
    expect(data.nodes.map(({ node, sessions }) => [node, sessions])).to.eql([
      ['/', 100],
      ['/konfigurator', 60],
    ]);
    expect(data.nodes[0]!.left.value).to.be.closeTo(40.5 / 101, 1e-12);
    expect(data.edges).to.eql(edges);
  });

  it('reads the names anew for a node that is younger than the names that were kept', async () => {
    let readings = 0;
    const { data } = await askScripted<Journey>('user-journey', {
      journey_ways: waysOf(edges),
      journey_nodes: () => (readings++ === 0 ? namesOf('/') : PLACES),
    });
    expect(readings).to.equal(2);
    expect(data.edges).to.eql(edges);
  });

  it('looks for the newest sessions in the last two days, and in the whole range when that could cut one off', async () => {
    const hour = 3_600_000;
    const sessions = (n: number, hoursAgo: number) =>
      Array.from({ length: n }, (_, i) => ({
        session: String(i),
        started: new Date(RANGE.to - hoursAgo * hour).toISOString(),
        events: 3,
        seconds: 60,
        inquired: 0,
      }));
    const froms = async (rows: unknown[], scope: Partial<Scope> = {}) => {
      const { asked } = await askScripted<Journey>('user-journey', { journey_sessions: rows }, { scope });
      return asked
        .filter(({ view }) => view === 'journey_sessions')
        .map(({ parameters }) => parameters['from']);
    };
    const [newest, whole] = [RANGE.to - 48 * hour, RANGE.from];
    expect(await froms(sessions(50, 20))).to.eql([newest]);
    expect(await froms(sessions(50, 30))).to.eql([newest, whole]);
    expect(await froms(sessions(49, 20))).to.eql([newest, whole]);
    expect(await froms(sessions(50, 20), { model: ['cube'] })).to.eql([whole]);
  });

  it('ranks paths by what is certain: a lucky path of twenty stays behind a proven one', async () => {
    const pieces = [
      { position: 0, nodes: ['a', 'b', 'c'], n: 1000, k: 20 },
      { position: 0, nodes: ['a', 'b', 'd'], n: 800, k: 100 },
      { position: 0, nodes: ['a', 'x', 'y'], n: 20, k: 4 },
    ];
    const { data } = await askScripted<Journey>('user-journey', {
      journey_ways: [
        // all sessions, and those that asked
        { position: 0, nodes: [], n: 4000, k: 124 },
        ...pieces.map((piece) => ({ ...piece, nodes: numbersOf(...piece.nodes) })),
        ...waysOf(edges),
      ],
      journey_nodes: PLACES,
    });
    expect(data.edges).to.eql(edges);
    expect(data.paths.map(({ path }) => path[2])[0]).to.equal('d');
    const { groups } = empiricalBayesRate(
      pieces.map(({ nodes, n, k }) => ({ key: nodes.join('>'), successes: k, trials: n })),
    );
    const best = data.paths[0]!;
    expect(best.rate.value).to.be.closeTo(groups[1]!.value, 1e-12);
    expect(best.lift.value).to.be.closeTo(groups[1]!.value / (124 / 4000), 1e-9);
    expect(best.rate.method).to.equal('eb-beta, sessions');
  });

  it('says what paths lack, where there were steps', async () => {
    const warningsOf = async (pieces: object[]) =>
      (
        await askScripted<Journey>('user-journey', {
          journey_ways: [{ position: 0, nodes: [], n: 100, k: 9 }, ...pieces, ...waysOf(edges)],
          journey_nodes: PLACES,
        })
      ).warnings;
    const need =
      'paths are compared from two ways of three steps on, each gone by 20 sessions (min), some of which asked and some did not';
    const piece = { position: 0, nodes: numbersOf('a', 'b', 'c'), n: 50, k: 7 };
    expect(await warningsOf([piece])).to.eql([
      { code: 'TOO_FEW', text: `${need}: 1 found, with 7 inquiries` },
    ]);
    const quiet = [piece, { ...piece, nodes: numbersOf('a', 'b', 'd') }].map((one) => ({ ...one, k: 0 }));
    expect(await warningsOf(quiet)).to.eql([{ code: 'TOO_FEW', text: `${need}: 2 found, with 0 inquiries` }]);
    expect(await warningsOf([piece, { ...piece, nodes: numbersOf('a', 'b', 'd'), k: 1 }])).to.eql([]);
  });

  it('counts changes of mind and leavings, and rebuilds a session when asked', async () => {
    const { data, asked } = await askScripted<Journey>(
      'user-journey',
      {
        journey_nodes: [{ id: '17', name: 'option:facade' }],
        journey_decisions: [{ id: '17', n: 50, mean_position: 1.2, rewinds: 10, median_s: 8, left_after: 5 }],
        session_steps: [
          {
            ts: '2026-11-10 09:01:00.000',
            seq: 0,
            type: 'page_view',
            name: '',
            path: '/',
            detail: '',
            price: null,
          },
        ],
      },
      { parameters: { session: '1001' } },
    );
    expect(data.decisions.map(({ group }) => group)).to.eql(['facade']);
    expect(data.decisions[0]!.again.value).to.be.closeTo(10.5 / 51, 1e-12);
    expect(data.steps.length).to.equal(1);
    expect(asked.find(({ view }) => view === 'session_steps')!.parameters).to.include({ session: '1001' });
    const without = await askScripted<Journey>('user-journey', {});
    expect(without.asked.map(({ view }) => view)).not.to.include('session_steps');
  });

  it('never leaves more than passed', async () => {
    const edge = fc.record({
      position: fc.constantFrom(1, 2, 3),
      source: fc.constantFrom('a', 'b'),
      target: fc.constantFrom('a', 'b', '(end)'),
      sessions: fc.integer({ min: 1, max: 500 }),
      converted: fc.constant(0),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edge, { maxLength: 12 }), async (some) => {
        const { data } = await askScripted<Journey>('user-journey', {
          journey_ways: waysOf(some),
          journey_nodes: PLACES,
        });
        for (const { left, sessions } of data.nodes) {
          expect(left.n).to.equal(sessions);
          if (left.value !== null) expect(left.value).to.be.within(0, 1);
        }
      }),
      { numRuns: 25 },
    );
  });
});

interface Cohorts {
  cohorts: {
    start: string;
    size: number;
    cells: { period: number; bounded: Estimate; unbounded: Estimate; complete: boolean }[];
  }[];
}

describe('cohorts', function () {
  this.timeout(180_000);
  it('draws one row a cohort and marks cells that still run', async () => {
    const row = { cohort_start: '2026-11-02', size: 100 };
    const { data, asked } = await askScripted<Cohorts>(
      'cohorts',
      {
        cohorts: [
          { ...row, period: 0, elapsed: 100, bounded: 100, unbounded: 100 },
          { ...row, period: 1, elapsed: 100, bounded: 20, unbounded: 30 },
          { ...row, period: 2, elapsed: 40, bounded: 3, unbounded: 3 },
          { cohort_start: '2026-11-09', size: 12, period: 0, elapsed: 12, bounded: 12, unbounded: 12 },
        ],
      },
      { parameters: { returning: 'inquiry', periods: 3 } },
    );
    expect(data.cohorts.map(({ start, size, cells }) => [start, size, cells.length])).to.eql([
      ['2026-11-02', 100, 3],
      ['2026-11-09', 12, 1],
    ]);
    const [first, second] = data.cohorts;
    expect(first!.cells.map(({ complete }) => complete)).to.eql([true, true, false]);
    expect(first!.cells[1]!.bounded.value).to.be.closeTo(20.5 / 101, 1e-12);
    expect(second!.cells[0]!.bounded.quality).to.equal('insufficient');
    expect(asked[0]!.parameters).to.include({
      cohort: 'week',
      period_s: 604_800,
      returning: 'inquiry',
      periods: 3,
    });
  });
});

interface Heatmap {
  elements: { element: string; box: object; fixed: boolean }[];
  cells: unknown[];
  scroll: { depth: number; share: Estimate }[];
  difference?: { element: string; ratio: Estimate; q: number }[];
}

describe('heatmap', function () {
  this.timeout(180_000);
  it('gives elements their boxes, cells their counts, and the share that scrolled so far', async () => {
    const { data } = await askScripted<Heatmap>('heatmap', {
      heatmap_elements: [
        { element: '#a', label: 'A', fixed: 1, left: 1, top: 2, width: 30, height: 4, n: 9, visitors: 5 },
      ],
      heatmap_cells: [{ element: '#a', gx: 3, gy: 4, n: 9, visitors: 5 }],
      scroll_depth: [
        { depth: 0, n: 100, total: 100, share: 1 },
        { depth: 50, n: 40, total: 100, share: 0.4 },
      ],
    });
    expect(data.elements[0]).to.deep.include({ fixed: true, box: { left: 1, top: 2, width: 30, height: 4 } });
    expect(data.scroll[1]!.share.value).to.be.closeTo(40.5 / 101, 1e-12);
    expect(data.difference).to.equal(undefined);
  });

  it('finds the element that those who ask click more, corrected for having looked at all', async () => {
    const totals = { first_total: 200, second_total: 1000 };
    const { data } = await askScripted<Heatmap>(
      'heatmap',
      {
        heatmap_groups: [
          { element: '#plan', first: 80, second: 100, ...totals },
          ...Array.from({ length: 9 }, (_, i) => ({
            element: `#same-${i}`,
            first: 20,
            second: 100,
            ...totals,
          })),
        ],
      },
      { parameters: { compare: 'inquiry' } },
    );
    expect(data.difference![0]!.element).to.equal('#plan');
    expect(data.difference![0]!.ratio.value).to.be.closeTo(4, 1e-12);
    expect(data.difference!.filter(({ q }) => q < 0.05).length).to.equal(1);
  });
});
