import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import fc from 'fast-check';
import type { MetricType } from 'web-vitals';
import type { LIMITS, Metric, startVitals } from '../src/vitals/index.js';
import { bundled } from './support/bundle.js';
import { createWorld, type Happening, type Told, type WorldOptions } from './support/vitals-world.js';

const RUNS = Number(process.env['LINTEL_VITALS_RUNS'] ?? 300);
const THEIRS = readFileSync(
  createRequire(import.meta.url)
    .resolve('web-vitals')
    .replace(/[^/]*$/, 'web-vitals.iife.js'),
  'utf8',
);
const BASE = [
  'visibility-state',
  'paint',
  'largest-contentful-paint',
  'layout-shift',
  'event',
  'first-input',
];
const SOFT = ['soft-navigation', 'interaction-contentful-paint'];

/** Vitals of one name in their order; which name is told first is of no interest. */
const byName = (told: readonly Told[]): Told[] =>
  [...told].sort((p, q) => (p.name < q.name ? -1 : +(p.name > q.name)));
const numbers = (entries: readonly object[]): number[] => entries.map((entry) => (entry as { n: number }).n);

/** What web-vitals tells of a page to which all this happens, and what we do. */
const theirs = async (options: WorldOptions, happenings: readonly Happening[]): Promise<Told[]> => {
  const world = createWorld(options);
  const told: Told[] = [];
  const start = (): void => {
    const webVitals = world.run(`${THEIRS}; webVitals`) as Record<
      string,
      (tell: (metric: MetricType) => void, options: object) => void
    >;
    for (const name of ['onCLS', 'onFCP', 'onINP', 'onLCP', 'onTTFB'])
      webVitals[name]!(
        ({ name, value, delta, rating, navigationType: nav, navigationURL, navigationStartTime, entries }) =>
          told.push({
            ...{ name, value, delta, rating, nav },
            route: nav === 'soft-navigation' ? [navigationURL!, navigationStartTime!] : null,
            entries: numbers(entries),
          }),
        { reportSoftNavs: true },
      );
  };
  for (const [n, happening] of happenings.entries()) {
    if (n === options.late) {
      start();
      await world.happen({ kind: 'pass', ms: 0 });
    }
    await world.happen(happening);
  }
  return told;
};
interface Vitals {
  LIMITS: typeof LIMITS;
  startVitals: typeof startVitals;
}
let code = '';
const ours = async (options: WorldOptions, happenings: readonly Happening[]): Promise<Told[]> => {
  const world = createWorld(options);
  const told: Told[] = [];
  const start = (): void => {
    const { startVitals, LIMITS } = world.run(`${code}; vitals`) as Vitals;
    const context = {
      clock: { now: world.now, tick: world.now, after: (_ms: number, work: () => void) => world.timer(work) },
      guard: <T>(work: T): T => work,
      random: Math.random,
      whenIdle: world.idle,
    };
    startVitals(context as never, ({ name, value, told: before = 0, nav, soft, entries }: Metric) => {
      const [good, fair] = LIMITS[name];
      told.push({
        ...{ name, value, delta: value - before, nav },
        rating: value > fair ? 'poor' : value > good ? 'needs-improvement' : 'good',
        route: nav === 'soft-navigation' ? [soft!.name, soft!.startTime] : null,
        entries: numbers(entries),
      });
    });
  };
  for (const [n, happening] of happenings.entries()) {
    if (n === options.late) {
      start();
      await world.happen({ kind: 'pass', ms: 0 });
    }
    await world.happen(happening);
  }
  return told;
};

const entry = (
  type: string,
  more: Record<string, fc.Arbitrary<unknown>>,
  routed = false,
): fc.Arbitrary<Happening> =>
  fc.record({
    kind: fc.constant('entry' as const),
    type: fc.constant(type),
    agoMs: fc.nat(1500),
    more: fc.record(more),
    ...(routed && { routeMs: fc.nat(2000) }),
  });
const interactionId = fc
  .oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 700 }))
  .map((n) => n * 7);
const took = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 90 })).map((n) => n * 8);
const happening = fc.oneof(
  { weight: 4, arbitrary: entry('paint', {}) },
  { weight: 2, arbitrary: entry('largest-contentful-paint', {}) },
  { weight: 6, arbitrary: entry('event', { took, interactionId: fc.oneof(interactionId, fc.constant(0)) }) },
  { weight: 1, arbitrary: entry('first-input', { took, interactionId }) },
  {
    weight: 5,
    arbitrary: entry('layout-shift', {
      value: fc.integer({ min: 1, max: 60 }).map((n) => n / 200),
      hadRecentInput: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: entry(
      'soft-navigation',
      { navigationId: fc.nat(99).map((n) => n + 100), interactionId: fc.constantFrom(7, 14) },
      true,
    ),
  },
  {
    weight: 2,
    arbitrary: entry('interaction-contentful-paint', { interactionId: fc.constantFrom(7, 14) }, true),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(6000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('shifts' as const),
      count: fc.integer({ min: 1, max: 15 }),
      everyMs: fc.integer({ min: 1, max: 11 }).map((n) => n * 100),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('deliver' as const, 'idle' as const, 'frame' as const) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('hide' as const, 'show' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('restore' as const, 'activate' as const, 'load' as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('input' as const),
      type: fc.constantFrom('click' as const, 'keydown' as const),
      trusted: fc.boolean(),
    }),
  },
);
const seldom = fc.nat(3).map((n) => n === 0);
const world = fc.record({
  types: fc.constantFrom(
    [...BASE, ...SOFT],
    BASE,
    [...BASE, ...SOFT],
    BASE,
    ['paint', 'event'],
    ['paint', 'largest-contentful-paint', 'event', 'first-input'],
  ),
  counts: fc.boolean(),
  prerendered: seldom,
  hidden: seldom,
  discarded: seldom,
  late: fc.nat(20),
});

/** A page as a browser with everything gives it, to be changed in one thing. */
const PAGE: WorldOptions = {
  types: [...BASE, ...SOFT],
  counts: true,
  prerendered: false,
  hidden: false,
  discarded: false,
  late: 0,
};
const happens = (...kinds: ('deliver' | 'idle' | 'frame' | 'hide' | 'restore' | 'activate' | 'load')[]) =>
  kinds.map((kind): Happening => ({ kind }));
const entered = (type: string, more: Record<string, unknown> = {}, routeMs?: number): Happening => ({
  kind: 'entry',
  type,
  agoMs: 50,
  more,
  ...(routeMs !== undefined && { routeMs }),
});
/** It is painted, shifts, answers a click and goes. */
const LIFE: readonly Happening[] = [
  ...happens('load', 'frame', 'idle'),
  { kind: 'pass', ms: 300 },
  entered('paint'),
  entered('largest-contentful-paint'),
  ...happens('deliver', 'frame', 'frame', 'idle'),
  entered('layout-shift', { value: 0.15, hadRecentInput: false }),
  entered('event', { took: 240, interactionId: 21 }),
  ...happens('deliver', 'idle', 'frame', 'idle', 'hide', 'idle'),
];
const NAVIGATIONS: Readonly<Record<string, readonly [WorldOptions, readonly Happening[]]>> = {
  'back-forward': [PAGE, LIFE],
  restore: [{ ...PAGE, discarded: true }, LIFE],
  // the script comes after the activation: one that came before counts the page as hidden from its start
  prerender: [{ ...PAGE, prerendered: true, late: 1 }, [...happens('activate'), ...LIFE]],
  'back-forward-cache': [PAGE, [...LIFE, ...happens('restore', 'frame', 'frame'), ...LIFE]],
  'soft-navigation': [
    PAGE,
    [
      ...LIFE.slice(0, -2),
      { kind: 'pass', ms: 2000 },
      entered('soft-navigation', { navigationId: 118, interactionId: 7 }, 200),
      entered('interaction-contentful-paint', { interactionId: 7 }, 400),
      ...happens('deliver', 'idle', 'frame', 'idle'),
      ...LIFE.slice(-8),
    ],
  ],
};

describe('vitals', () => {
  before(async () => {
    code = await bundled(`import * as vitals from './src/vitals/index.js'; globalThis.vitals = vitals;`);
  });

  for (const [kind, [options, happenings]] of Object.entries(NAVIGATIONS))
    it(`tells all five of a page that came by ${kind}, as web-vitals does`, async () => {
      const told = byName(await ours(options, happenings));
      expect(told).to.deep.equal(byName(await theirs(options, happenings)));
      expect([...new Set(told.filter(({ nav }) => nav === kind).map(({ name }) => name))]).to.deep.equal([
        'CLS',
        'FCP',
        'INP',
        'LCP',
        'TTFB',
      ]);
    });

  it('tells what web-vitals tells, whatever happens to the page', async function () {
    this.timeout(20 * 60_000);
    let told = 0;
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.array(happening, { minLength: 50, maxLength: 250, size: 'max' }),
        async (options, happenings) => {
          const expected = await theirs(options, happenings);
          expect(byName(await ours(options, happenings))).to.deep.equal(byName(expected));
          told += expected.length;
        },
      ),
      { numRuns: RUNS },
    );
    expect(told).to.be.greaterThan(RUNS);
  });
});
