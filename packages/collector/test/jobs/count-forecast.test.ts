import { expect } from 'chai';
import { DateTime } from 'luxon';
import { COUNTED, foretellCounts } from '../../../../benchmarks/simulations/count-forecasts.js';
import { forecast } from '../../src/jobs/forecast.js';
import { forecastCounts } from '../../src/questions/count-forecast.js';
import type { Point } from '../../src/questions/history-forecast.js';
import { forecastEnsemble } from '../../src/statistics/index.js';
import { randomFrom } from '../../src/statistics/random.js';
import { createAsker, scopeOf } from '../questions/support.js';
import { DAY_MS, scope, useDatabase } from '../schema/support.js';
import { runSlot, sourcesOf } from './support.js';

const ZONE = 'Europe/Vienna';
/** 04:00 in Vienna, four weeks after clocks went back. */
const TODAY = DateTime.fromISO('2026-11-24T04:00:00', { zone: ZONE });
const DAYS = 104 * 7;
const second = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const slotOf = (day: DateTime) => ({
  id: `1:${day.toISODate()}`,
  at: day.toMillis(),
  site: 1,
  date: day.toISODate()!,
});

interface Logged {
  made: string;
  model: string;
  horizon: number;
  target: string;
  n: number;
  mean: number;
  q: number[];
  actual: number | null;
}

describe('forecasts of traffic and leads', function () {
  this.timeout(300_000);
  const db = useDatabase();
  const { site } = scopeOf();
  const random = randomFrom(5);
  /** Sessions by local date: about 40 on a day of work, 15 at the weekend. */
  const sessions = new Map<string, number>();
  const leads: { at: number; spam: boolean }[] = [];
  const start = TODAY.startOf('day').minus({ days: DAYS });
  for (let day = 0; day < DAYS + 60; day++) {
    const date = start.plus({ days: day });
    sessions.set(date.toISODate()!, random.poisson(date.weekday > 5 ? 15 : 40));
    for (let n = random.poisson(1.2); n > 0; n--)
      leads.push({
        at: date.toMillis() + Math.floor(random.uniform() * DAY_MS),
        spam: leads.length % 7 === 3,
      });
  }

  const into = (table: string, rows: readonly object[]): Promise<void> =>
    db
      .as('migrator')
      .insert(
        `INSERT INTO lintel.${table} FORMAT JSONEachRow`,
        Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
        { settings: { date_time_input_format: 'best_effort' } },
      );
  /** The summaries of the days before one. */
  const summarise = (from: string, to: string): Promise<void> =>
    into(
      'daily_summary',
      [...sessions]
        .filter(([day]) => day >= from && day < to)
        .map(([day, n]) => ({ site_id: 1, day, sessions: n, visitors: n, version: 1 })),
    );
  const log = (): Promise<Logged[]> =>
    db
      .as('steward')
      .rows<Logged>('SELECT * EXCEPT version FROM lintel.forecast_log FINAL ORDER BY model, horizon, made');
  const run = (day: DateTime, fence = 1): Promise<{ rows: number }> =>
    runSlot(forecast(site, sourcesOf(db)), slotOf(day), fence);
  const dates = (from: DateTime, days: number): string[] =>
    Array.from({ length: days }, (_, day) => from.plus({ days: day }).toISODate()!);
  const sessionsOf = (days: readonly string[]): number =>
    days.reduce((sum, day) => sum + sessions.get(day)!, 0);

  before(async () => {
    await summarise('2000-01-01', TODAY.toISODate()!);
    await into(
      'inquiries',
      leads.map(({ at, spam }, i) => ({
        site_id: 1,
        inquiry_id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
        created: new Date(at).toISOString(),
        version: at,
        status: spam ? 'spam' : 'new',
      })),
    );
  });

  it('are the ensemble over weeks with bands from its past errors, beside what similar times brought', async () => {
    await run(TODAY);
    const rows = await log();
    expect(rows.map(({ model, horizon }) => `${model} ${horizon}`)).to.eql(
      ['leads.ensemble', 'leads.naive', 'traffic.ensemble', 'traffic.naive'].flatMap((model) =>
        [30, 90, 180].map((horizon) => `${model} ${horizon}`),
      ),
    );
    // four weeks of seven local days, also over the night of the 25 hours, and two days of the fifth; and its error
    const month = (end: DateTime): { mean: number; error: number } => {
      const known = Math.floor(end.startOf('day').diff(start, 'days').days / 7);
      const weeks = Array.from({ length: known }, (_, week) =>
        sessionsOf(dates(end.minus({ weeks: known - week }), 7)),
      );
      const { mean, se } = forecastEnsemble(weeks, { period: 1, horizon: 5 });
      const shares = [1, 1, 1, 1, 2 / 7];
      return {
        mean: shares.reduce((sum, share, i) => sum + share * mean[i]!, 0),
        error: Math.sqrt(shares.reduce((sum, share, i) => sum + (share * se[i]!) ** 2, 0)),
      };
    };
    // how far the ten months before lay from what would have been foretold, in such errors
    const off = Array.from({ length: 10 }, (_, i) => {
      const end = TODAY.minus({ days: 30 * (i + 1) });
      const { mean, error } = month(end);
      return Math.abs(sessionsOf(dates(end, 30)) - mean) / error;
    });
    const { mean, error } = month(TODAY);
    // their mean square, with two of 1.5 that every forecast begins with; Student's t with 12 degrees of freedom
    const scale = Math.sqrt((2 * 1.5 + off.reduce((sum, score) => sum + score ** 2, 0)) / 12);
    const [eighty, ninetyFive] = [1.356217 * scale, 2.178813 * scale];
    const traffic = rows.find(({ model, horizon }) => model === 'traffic.ensemble' && horizon === 30)!;
    expect(traffic.mean).to.be.closeTo(mean, 1e-6);
    expect(traffic.q[2]).to.be.closeTo(mean - eighty * error, 0.01);
    expect(traffic.q[6]).to.be.closeTo(mean + eighty * error, 0.01);
    expect(traffic.q[8]).to.be.closeTo(mean + ninetyFive * error, 0.01);
    expect([traffic.made, traffic.target, traffic.n]).to.eql([
      '2026-11-24 03:00:00',
      '2026-12-24',
      Math.round(traffic.mean),
    ]);
    // 230 a week
    expect(traffic.mean).to.be.within(900, 1070);
    // those windows of thirty days that end a whole number of weeks ago
    const windows = Array.from({ length: 100 }, (_, ago) =>
      sessionsOf(dates(TODAY.minus({ weeks: ago, days: 30 }), 30)),
    );
    const naive = rows.find(({ model, horizon }) => model === 'traffic.naive' && horizon === 30)!;
    expect(naive.mean).to.be.closeTo(windows.reduce((sum, n) => sum + n, 0) / windows.length, 1e-6);
    // spam is no lead: six of seven
    const asked = rows.find(({ model, horizon }) => model === 'leads.ensemble' && horizon === 90)!;
    expect(asked.mean).to.be.within(70, 120);
    for (const { q } of rows) expect(q).to.eql([...q].sort((a, b) => a - b));
  });

  it('do not change when the job runs again', async () => {
    const rows = await log();
    await run(TODAY, 2);
    expect(await log()).to.eql(rows);
  });

  it('are scored once when their time is over, from days that were summarised, and never computed again', async () => {
    const before = await log();
    const due = TODAY.plus({ days: 30 });
    const closed = async (model: string): Promise<Logged[]> =>
      (await log()).filter((row) => row.model === model && row.horizon === 30 && row.actual !== null);
    // the last day is not summarised yet: nothing is foretold from such a history, and nothing is scored
    await summarise(TODAY.toISODate()!, due.minus({ days: 1 }).toISODate()!);
    await run(due);
    expect(await closed('traffic.ensemble')).to.eql([]);
    expect(
      (await log()).filter(
        ({ made, model }) => made === second(due.toMillis()) && model.startsWith('traffic'),
      ),
    ).to.eql([]);
    await summarise(due.minus({ days: 1 }).toISODate()!, due.plus({ days: 1 }).toISODate()!);
    await run(due.plus({ days: 1 }));
    const [made, to] = [TODAY.toMillis(), TODAY.toMillis() + 30 * DAY_MS];
    const asked = leads.filter(({ at, spam }) => !spam && at >= made && at < to).length;
    for (const [model, actual] of [
      ['traffic.ensemble', sessionsOf(dates(TODAY, 30))],
      ['traffic.naive', sessionsOf(dates(TODAY, 30))],
      ['leads.ensemble', asked],
      ['leads.naive', asked],
    ] as const) {
      const [row, ...more] = await closed(model);
      expect(more, model).to.eql([]);
      expect(row, model).to.eql({
        ...before.find((one) => one.model === model && one.horizon === 30),
        actual,
      });
    }
    // a session and a spam that are known later change nothing
    const scored = await closed('traffic.ensemble');
    await into('daily_summary', [{ site_id: 1, day: TODAY.toISODate(), sessions: 9999, version: 2 }]);
    await summarise(due.plus({ days: 1 }).toISODate()!, due.plus({ days: 2 }).toISODate()!);
    await run(due.plus({ days: 2 }));
    expect(await closed('traffic.ensemble')).to.eql(scored);
  });

  it('stand beside the revenue and never in it', async () => {
    const to = TODAY.plus({ days: 32 }).toMillis() + 60_000;
    const { bands, score, others } = await createAsker(db as never)<{
      bands: object[];
      score: { months: object[]; coverage80: { n: number } };
      others: {
        subject: string;
        model: string;
        end: string;
        mean: number;
        closed: number;
        crpsSkill: number;
      }[];
    }>('revenue-forecast', { horizon: '30' }, { from: to - 30 * DAY_MS, to });
    // the one made now, and only if there is any
    expect(bands.length).to.be.at.most(1);
    expect(score.months).to.eql([]);
    expect(score.coverage80.n).to.equal(0);
    expect(
      others.map(({ subject, model, end, closed }) => [subject, model, end.slice(0, 10), closed]),
    ).to.eql([
      ['traffic', 'ensemble', '2027-01-25', 1],
      ['leads', 'ensemble', '2027-01-25', 1],
    ]);
    const rows = await db.views.rows<{ subject: string; model: string }>('forecast', scope(to, to));
    expect(new Set(rows.map(({ subject }) => subject))).to.eql(new Set(['leads', 'traffic']));
    const scores = await db.views.rows<{ model: string; n: number }>('forecast_scores', scope(to, to));
    expect(scores.map(({ model, n }) => [model, n])).to.eql([
      ['leads.ensemble', 1],
      ['traffic.ensemble', 1],
    ]);
  });
});

describe('forecastCounts', function () {
  this.timeout(300_000);
  const to = Date.parse('2026-11-24T00:00:00Z');
  const weekly = (weeks: number, of: (ago: number) => number): Point[] =>
    Array.from({ length: weeks }, (_, ago) => ({ at: to - (ago + 1) * 7 * DAY_MS, value: of(ago) }));
  const longEnough = (points: readonly Point[]): number[] =>
    [30, 90, 180].filter((days) => forecastCounts(points, to, days) !== null);

  it('says nothing until three whole horizons lie behind 24 weeks', () => {
    const wave = (ago: number): number => 100 + ((ago * 37) % 23);
    expect(longEnough([])).to.eql([]);
    expect(longEnough(weekly(36, wave))).to.eql([]);
    expect(longEnough(weekly(37, wave))).to.eql([30]);
    expect(longEnough(weekly(62, wave))).to.eql([30]);
    expect(longEnough(weekly(63, wave))).to.eql([30, 90]);
    expect(longEnough(weekly(101, wave))).to.eql([30, 90]);
    expect(longEnough(weekly(102, wave))).to.eql([30, 90, 180]);
  });

  it('counts in four weeks where weeks are often empty, and says nothing where these are few or empty, too', () => {
    // three of eight weeks
    const some = (ago: number): number => ([0, 3, 6].includes(ago % 8) ? 1 + (ago % 3) : 0);
    expect(longEnough(weekly(107, some))).to.eql([]);
    expect(longEnough(weekly(112, some))).to.eql([30]);
    const foretold = forecastCounts(weekly(124, some), to, 30)!;
    expect(foretold.blocks).to.have.length(31);
    expect(foretold.blocks.reduce((sum, n) => sum + n, 0)).to.equal(
      weekly(124, some).reduce((sum, { value }) => sum + value, 0),
    );
    expect(longEnough(weekly(200, (ago) => Number(ago % 12 === 0)))).to.eql([]);
  });

  it('holds what its bands promise, with the shortest histories and with longer ones', () => {
    const shops = 200;
    const all = COUNTED.map((counted) => foretellCounts(counted, { shops, seed: 9 }));
    const meanOf = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    // one kind of shop: two standard deviations of what chance does to 200 of them
    const chance = (share: number): number => 2 * Math.sqrt((share * (1 - share)) / shops);
    for (const [i, { coverage80, coverage95 }] of all.entries()) {
      const name = Object.values(COUNTED[i]!).join();
      expect(coverage80, `80 % of ${name}`).to.be.within(0.77 - chance(0.8), 0.86 + chance(0.8));
      expect(coverage95, `95 % of ${name}`).to.be.within(0.92 - chance(0.95), 0.97 + chance(0.95));
    }
    expect(meanOf(all.map(({ coverage80 }) => coverage80))).to.be.within(0.77, 0.86);
    expect(meanOf(all.map(({ coverage95 }) => coverage95))).to.be.within(0.92, 0.97);
  });
});
