import { expect } from 'chai';
import fc from 'fast-check';
import { funnelCounts } from '../../src/statistics/index.js';
import { DAY_MS, scope, useDatabase, type TestEvent } from './support.js';

const START = Date.UTC(2026, 9, 5);
const STEPS = ['custom:a', 'custom:b', 'custom:c'];

/** One event of a person's way: 1, 2, 3 are the steps, 0 something else. */
const way = (visitor: number, steps: readonly number[], from = START): TestEvent[] =>
  steps.map((step, index) => ({
    ts: from + index * 60_000,
    type: 'custom',
    name: ['else', 'a', 'b', 'c'][step],
    visitor,
    session: visitor,
    seq: index,
    stream: `00000000-0000-4000-8000-${String(visitor).padStart(12, '0')}`,
  }));

describe('conversion_funnel', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  const db = useDatabase('each');

  const reached = async (mode: string, more: Record<string, unknown> = {}): Promise<number[]> => {
    const rows = await db.views.rows<{ visitors: number }>('conversion_funnel', {
      ...scope(START, START + DAY_MS),
      steps: STEPS,
      window: 14 * 86_400,
      mode,
      unit: 'visitor',
      breakdown: '',
      ...more,
    });
    return rows.map(({ visitors }) => visitors);
  };

  it('agrees with the published counts of eight persons (R17)', async () => {
    const persons = [
      [1],
      [2, 1],
      [1, 2, 0, 3],
      [3, 0, 2, 1],
      [2, 1, 0, 2, 3],
      [0, 1, 0, 2],
      [0, 1, 2, 3, 0],
      [3, 2],
    ];
    await db.store(persons.flatMap((steps, index) => way(index + 1, steps)));
    expect(await reached('strict')).to.deep.equal([7, 2, 1]);
    expect(await reached('ordered')).to.deep.equal([7, 4, 3]);
    expect(await reached('unordered')).to.deep.equal([8, 7, 4]);
    for (const unit of ['session', 'stream']) {
      expect(await reached('ordered', { unit }), unit).to.deep.equal([7, 4, 3]);
    }
  });

  it('walks the published sequences in default and strict order (R17)', async () => {
    const sequences: Record<string, [number, number]> = {
      ABC: [3, 3],
      ADBC: [3, 1],
      AABBCC: [3, 3],
      AAAABBCC: [3, 3],
      AABBDCC: [3, 2],
      BBCCAA: [1, 1],
    };
    for (const [index, [sequence, [ordered, strict]]] of Object.entries(sequences).entries()) {
      const from = START + index * DAY_MS;
      await db.store(
        way(
          index + 1,
          [...sequence].map((letter) => 'DABC'.indexOf(letter)),
          from,
        ),
      );
      const range = { from, to: from + DAY_MS };
      const depth = (counts: number[]): number => counts.filter((count) => count > 0).length;
      expect(depth(await reached('ordered', range)), sequence).to.equal(ordered);
      expect(depth(await reached('strict', range)), sequence).to.equal(strict);
    }
  });

  it('counts what the plain TypeScript counts, for random ways and windows', async function () {
    this.timeout(180_000);
    const event = fc.record({
      unit: fc.integer({ min: 1, max: 6 }),
      step: fc.integer({ min: 0, max: 3 }),
      minute: fc.integer({ min: 0, max: 1000 }),
    });
    let site = 10;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(event, { maxLength: 40, selector: ({ unit, minute }) => `${unit}:${minute}` }),
        fc.integer({ min: 1, max: 600 }),
        async (events, windowMinutes) => {
          site++;
          await db.store(
            events.flatMap(({ unit, step, minute }) =>
              way(unit, [step], START + minute * 60_000).map((row) => ({ ...row, site_id: site })),
            ),
          );
          const walked = events.map(({ unit, step, minute }) => ({
            unit: String(unit),
            atMs: START + minute * 60_000,
            step: step === 0 ? 'custom:else' : STEPS[step - 1]!,
          }));
          for (const mode of ['ordered', 'strict', 'unordered'] as const) {
            const expected = funnelCounts(walked, STEPS, { windowMs: windowMinutes * 60_000, mode });
            const got = await reached(mode, { site, window: windowMinutes * 60, unit: 'session' });
            expect(got, mode).to.deep.equal(expected[0] === 0 && got.length === 0 ? [] : expected);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('cohorts', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  const db = useDatabase();

  it('agrees with the published retention of three days (R19)', async () => {
    const day = (index: number): number => START + index * DAY_MS;
    await db.store(
      [5, 10, 15].flatMap((users, index) =>
        Array.from({ length: users }, (_, user) => ({
          ts: day(index),
          type: 'page_view',
          path: '/',
          visitor: user + 1,
          session: user + 1 + 100 * index,
        })),
      ),
    );
    const rows = await db.views.rows<{ size: number; bounded: number; unbounded: number }>('cohorts', {
      ...scope(day(0), day(4), { tz: 'UTC' }),
      cohort: 'day',
      returning: 'page_view',
      period_s: 86_400,
      periods: 3,
      as_of: day(30),
    });
    const first = rows.slice(0, 3);
    expect(first.map(({ size }) => size)).to.deep.equal([5, 5, 5]);
    expect(first.map(({ bounded }) => bounded)).to.deep.equal([5, 5, 5]);
    expect(first.map(({ unbounded }) => unbounded)).to.deep.equal([5, 5, 5]);
  });
});
