import { expect } from 'chai';
import type { ViewParameter } from '../../../src/questions/index.js';
import { DAY_MS, scope, useDatabase, type TestEvent } from '../support.js';

/** Monday, 00:00 in Vienna. */
const START = Date.UTC(2026, 9, 4, 22);
const END = START + 7 * DAY_MS;
const MINUTE_MS = 60_000;
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

describe('views counted by hand', function () {
  this.timeout(120_000);
  const db = useDatabase();
  const ask = <T extends object>(view: string, more: Record<string, ViewParameter> = {}): Promise<T[]> =>
    db.views.rows<T>(view, { ...scope(START, END), ...more });
  /** One thing that a session of its own visitor did. */
  const event = (session: number, ts: number, type: string, more: Partial<TestEvent> = {}): TestEvent => ({
    visitor: session,
    session,
    stream: uuid(session),
    ts,
    type,
    ...more,
  });

  it('speed_bands: twenty sessions in tenths of two, the slowest paint of each, with Wilson bounds', async () => {
    const sessions = Array.from({ length: 20 }, (_, i) => i + 1);
    await db.store([
      ...sessions.map((i) => event(i, START + i, 'vital', { name: 'LCP', value: 100 * i })),
      // a second, faster paint; another vital; a robot; a session without a paint; one before the range
      event(2, START + 50, 'vital', { name: 'LCP', value: 10, seq: 1 }),
      event(2, START + 51, 'vital', { name: 'INP', value: 9000, seq: 2 }),
      event(90, START + 52, 'vital', { name: 'LCP', value: 5000, bot: 1 }),
      event(91, START + 53, 'inquiry'),
      event(92, START - 1, 'vital', { name: 'LCP', value: 5000 }),
      ...[1, 2, 3, 20].map((i) => event(i, START + 100 + i, 'inquiry', { seq: 9 })),
    ]);
    const rows = await ask<{ band: string; n: number; k: number; rate: number; lo: number; hi: number }>(
      'speed_bands',
    );
    // z² = 3.841459: (k + 1.920729 ∓ 1.959964 · √(k(n − k)/n + .960365)) / (n + 3.841459)
    const [none, half, both] = [
      { n: 2, k: 0, rate: 0, lo: 0, hi: 0.65762 },
      { n: 2, k: 1, rate: 0.5, lo: 0.094531, hi: 0.905469 },
      { n: 2, k: 2, rate: 1, lo: 0.34238, hi: 1 },
    ];
    const counted = [both, half, none, none, none, none, none, none, none, half];
    expect(
      rows.map(({ lo, hi, ...row }) => ({ ...row, lo: Number(lo.toFixed(6)), hi: Number(hi.toFixed(6)) })),
    ).to.deep.equal(counted.map((row, i) => ({ band: `${200 * i + 100}–${200 * i + 200} ms`, ...row })));
  });

  it('funnel_trend: by the local day of the entry, whenever the later steps follow', async () => {
    const evening = START + 23.5 * 3_600_000;
    const way = (session: number, at: number, types: readonly string[]): TestEvent[] =>
      types.map((type, i) => event(session, at + i * 40 * MINUTE_MS, type, { seq: i, site_id: 2 }));
    await db.store([
      // Monday: three come, two choose, one of them past midnight, and asks
      ...way(1, START + MINUTE_MS, ['page_view']),
      ...way(2, START + 2 * MINUTE_MS, ['page_view', 'option_select']),
      ...way(3, evening, ['page_view', 'option_select', 'inquiry']),
      // Tuesday: one comes; one asks without having come
      ...way(4, START + DAY_MS + MINUTE_MS, ['page_view']),
      ...way(5, START + DAY_MS + MINUTE_MS, ['inquiry']),
      // Wednesday: the choice comes after more than an hour
      event(6, START + 2 * DAY_MS, 'page_view', { site_id: 2 }),
      event(6, START + 2 * DAY_MS + 61 * MINUTE_MS, 'option_select', { seq: 1, site_id: 2 }),
      // out of the range
      ...way(7, END, ['page_view', 'option_select']),
    ]);
    const rows = await ask<Record<string, number | string | null>>('funnel_trend', {
      site: 2,
      steps: ['page_view', 'option_select', 'inquiry'],
      step: 86_400,
      window: 7200,
      mode: 'ordered',
      unit: 'session',
    });
    const hasty = await ask<{ time: string; position: number; visitors: number }>('funnel_trend', {
      site: 2,
      steps: ['page_view', 'option_select', 'inquiry'],
      step: 86_400,
      window: 3600,
      mode: 'ordered',
      unit: 'session',
    });
    const [monday, tuesday, wednesday] = ['04', '05', '06'].map((day) => `2026-10-${day}T22:00:00Z`);
    expect(
      rows.map(({ time, position, step, visitors, before }) => [time, position, step, visitors, before]),
    ).to.eql([
      [monday, 1, 'page_view', 3, 3],
      [monday, 2, 'option_select', 2, 3],
      [monday, 3, 'inquiry', 1, 2],
      [tuesday, 1, 'page_view', 1, 1],
      [tuesday, 2, 'option_select', 0, 1],
      [tuesday, 3, 'inquiry', 0, 0],
      [wednesday, 1, 'page_view', 1, 1],
      [wednesday, 2, 'option_select', 1, 1],
      [wednesday, 3, 'inquiry', 0, 1],
    ]);
    // within an hour nobody gets to the inquiry, and on Wednesday nobody to the choice
    expect(hasty.map(({ visitors }) => visitors)).to.eql([3, 2, 0, 1, 0, 0, 1, 0, 0]);
    // 2 of 3: (2 + 1.920729 ∓ 1.959964 · √(2/3 + .960365)) / 6.841459
    expect(rows[1]!['rate']).to.be.closeTo(2 / 3, 1e-12);
    expect(rows[1]!['lo']).to.be.closeTo(0.207659, 1e-6);
    expect(rows[1]!['hi']).to.be.closeTo(0.938508, 1e-6);
  });

  it('live_errors: of the last half hour, by minute, weighed by sampling, with the sessions that were seen', async () => {
    const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    const error = (session: number, ts: number, more: Partial<TestEvent> = {}): TestEvent =>
      event(session, ts, 'error', { site_id: 2, times: 1, ...more });
    await db.store([
      // ten minutes ago: three times, and one that stands for four
      error(101, minute - 10 * MINUTE_MS, { times: 3 }),
      error(102, minute - 10 * MINUTE_MS + 1000, { rate: 0.25 }),
      // five minutes ago: once without a count, again in the same session; a driven browser counts, a crawler does not
      error(101, minute - 5 * MINUTE_MS, { times: 0, seq: 1 }),
      error(101, minute - 5 * MINUTE_MS + 1, { seq: 2 }),
      error(103, minute - 5 * MINUTE_MS + 2, { bot: 2 }),
      error(104, minute - 5 * MINUTE_MS + 3, { bot: 1 }),
      // too long ago, another type, another site, still to come
      error(105, minute - 32 * MINUTE_MS),
      event(106, minute - 5 * MINUTE_MS, 'page_view', { site_id: 2 }),
      error(107, minute - 5 * MINUTE_MS, { site_id: 1 }),
      error(108, minute + 10 * MINUTE_MS),
    ]);
    const at = (ago: number): string => new Date(minute - ago * MINUTE_MS).toISOString().replace('.000', '');
    expect(await ask('live_errors', { site: 2 })).to.deep.equal([
      { minute: at(10), n: 7, sessions: 2 },
      { minute: at(5), n: 3, sessions: 2 },
    ]);
  });

  it('report_ledger: the newest version of each slot in the range', async () => {
    const second = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
    const check = (slot: number, accepted: number, version: number, site_id = 1) => ({
      site_id,
      slot: second(slot),
      accepted,
      stored: accepted - 3,
      buffered: 2,
      dead_lettered: 1,
      difference: 0,
      version,
    });
    await db
      .as('migrator')
      .insert(
        'INSERT INTO ledger_checks FORMAT JSONEachRow',
        Buffer.from(
          [
            check(START - 300_000, 5, 1),
            check(START, 10, 1),
            check(START, 11, 2),
            check(START + 300_000, 20, 1),
            check(START + 300_000, 99, 1, 2),
            check(END, 30, 1),
          ]
            .map((row) => JSON.stringify(row))
            .join('\n'),
        ),
      );
    const books = { buffered: 2, dead_lettered: 1, difference: 0 };
    expect(await ask('report_ledger')).to.deep.equal([
      { time: '2026-10-04T22:00:00Z', accepted: 11, stored: 8, ...books },
      { time: '2026-10-04T22:05:00Z', accepted: 20, stored: 17, ...books },
    ]);
  });

  it('site_time_zone: as the settings name it', async () => {
    expect(await ask('site_time_zone')).to.deep.equal([{ tz: 'Europe/Vienna' }]);
    expect(await ask('site_time_zone', { site: 2 })).to.deep.equal([{ tz: 'Asia/Kolkata' }]);
    expect(await ask('site_time_zone', { site: 3 })).to.deep.equal([]);
  });
});
