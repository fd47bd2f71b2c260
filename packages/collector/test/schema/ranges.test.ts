import { expect } from 'chai';
import fc from 'fast-check';
import { scope, useDatabase } from './support.js';
import { END, START, visits, type Visit } from './golden/visits.js';

const distinct = (values: readonly unknown[]): number => new Set(values).size;

/** The overview of a list of events. */
const totals = (rows: readonly Visit[]) => {
  const of = (type: string): Visit[] => rows.filter((row) => row.type === type);
  const consented = (list: readonly Visit[]) => list.filter(({ consent }) => consent !== 'none');
  const visitors = (list: readonly Visit[]): number => distinct(list.map(({ visitor }) => visitor));
  return {
    visitors: visitors(rows),
    sessions: distinct(rows.map(({ session }) => session)),
    page_views: of('page_view').length,
    configurations: visitors(of('option_select')),
    inquiring: visitors(of('inquiry')),
    inquiries: of('inquiry').length,
    orders: 0,
    revenue: 0,
    consented: visitors(consented(rows)),
    consented_inquiring: visitors(consented(of('inquiry'))),
  };
};

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((p, q) => p - q)[Math.min(values.length - 1, Math.floor(share * values.length))]!;

describe('views of quarters of an hour', function () {
  this.timeout(180_000);
  const db = useDatabase();
  const all = visits();
  const people = all.filter(({ bot }) => bot === 0);
  before(async () => {
    await db.store(all);
    await db.rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0 });
    // half of the days are answered from events again
    await db.rollups.markDirty(
      [1, 3, 5, 7, 9, 11].map((day) => new Date(START + day * 86_400_000).toISOString().slice(0, 10)),
    );
  });

  const range = fc
    .record({
      from: fc.integer({ min: START - 3_600_000, max: END }),
      length: fc.oneof(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.integer({ min: 1, max: END - START }),
        fc.constantFrom(900_000, 3_600_000, 86_400_000),
      ),
      device: fc.constantFrom('*', 'desktop'),
    })
    .map(({ from, length, device }) => ({ from, to: from + length, device }));
  const within = (
    rows: readonly Visit[],
    { from, to, device }: { from: number; to: number; device: string },
  ): Visit[] =>
    rows.filter((row) => row.ts >= from && row.ts < to && (device === '*' || row.device === device));

  it('are exact at both ends of any range, in total', async () => {
    await fc.assert(
      fc.asyncProperty(range, async (asked) => {
        const [row] = await db.views.rows<object>('overview_total', {
          ...scope(asked.from, asked.to),
          device: [asked.device],
        });
        expect(row).to.deep.equal(totals(within(people, asked)));
      }),
      { numRuns: 80 },
    );
  });

  it('are exact by time, for steps that quarters fill and for others', async () => {
    await fc.assert(
      fc.asyncProperty(range, fc.constantFrom(60, 900, 1000, 3600, 86_400), async (asked, step) => {
        const rows = await db.views.rows<{ time: string } & object>('overview', {
          ...scope(asked.from, asked.to, { tz: 'UTC' }),
          device: [asked.device],
          step,
        });
        const buckets = new Map<string, Visit[]>();
        for (const row of within(people, asked)) {
          const time = `${new Date(Math.floor(row.ts / 1000 / step) * step * 1000).toISOString().slice(0, 19)}Z`;
          buckets.set(time, [...(buckets.get(time) ?? []), row]);
        }
        const expected = [...buckets].map(([time, list]) => ({ time, ...totals(list) }));
        expect(rows).to.deep.equal(expected.sort((p, q) => (p.time < q.time ? -1 : 1)));
      }),
      { numRuns: 60 },
    );
  });

  it('know the length of sessions', async () => {
    await fc.assert(
      fc.asyncProperty(range, async (asked) => {
        const sessions = new Map<number, Visit[]>();
        for (const row of within(people, asked))
          sessions.set(row.session, [...(sessions.get(row.session) ?? []), row]);
        const own = [...sessions.values()];
        const [row] = await db.views.rows<Record<string, unknown>>('session_shape', {
          ...scope(asked.from, asked.to),
          device: [asked.device],
        });
        expect(row!['sessions']).to.equal(own.length);
        if (own.length === 0) return;
        const lengths = own.map((list) => list.length);
        expect(row!['events']).to.deep.equal([0.5, 0.9, 0.99].map((share) => quantile(lengths, share)));
        expect(row!['bounces']).to.equal(
          own.filter(
            (list) =>
              list.filter(({ type }) =>
                ['page_view', 'option_select', 'config', 'price_view', 'inquiry'].includes(type),
              ).length <= 1,
          ).length,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('count what streams announced, lost and stored', async () => {
    const stream = '20000000-0000-4000-8000-000000000001';
    const at = END + 3_600_000;
    await db.store([
      ...[0, 1, 4].map((seq) => ({ ts: at + seq * 400_000, type: 'click', stream, seq, browser: 'Chrome' })),
      { ts: at + 2_000_000, type: 'stream_end', stream, seq: 1_048_575, value: 7 },
    ]);
    const rows = await db.views.rows<object>('capture_rate', {
      ...scope(at, at + 900_000, { tz: 'UTC' }),
      step: 86_400,
      by: 'browser',
    });
    expect(rows).to.deep.equal([
      { time: '2026-10-18T00:00:00Z', by_key: 'Chrome', streams: 1, generated: 7, stored: 3, rate: 3 / 7 },
    ]);
  });
});
