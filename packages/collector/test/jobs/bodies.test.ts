import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { jobsOf, openDiskRuns, type JobSources } from '../../src/jobs/index.js';
import { aggregatePerformance } from '../../src/jobs/aggregate-performance.js';
import { rankConfigs } from '../../src/jobs/rank-configs.js';
import { createRunner } from '../../src/jobs/runner.js';
import { summariseDay } from '../../src/jobs/summarise-day.js';
import { verifyLedger } from '../../src/jobs/verify-ledger.js';
import { silentLog } from '../../src/log.js';
import { createSites } from '../../src/sites.js';
import { startDatabase, type TestDatabase } from '../schema/support.js';
import { RANGE, shop } from '../questions/shop.js';
import { scopeOf } from '../questions/support.js';
import { runSlot } from './support.js';

const TABLES = [
  'ledger_checks',
  'popular_configs_ranking',
  'performance_hourly',
  'daily_summary',
  'quality_daily',
  'monthly_report',
  'weekly_behaviour',
  'forecast_log',
] as const;

describe('jobs', function () {
  // each turn runs every job against a real engine
  this.timeout(120_000);
  let database: TestDatabase;
  let folder: string;
  // Tuesday 1 December, 06:00 in Vienna: every job is due
  let now = Date.parse('2026-12-01T05:00:00Z');
  const clock = { now: () => now };
  const site = scopeOf().site;
  let sources: JobSources;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lintel-jobs-'));
    database = await startDatabase();
    await database.store(shop());
    sources = {
      sites: createSites([site]),
      clickhouse: () => database.as('writer'),
      readView: database.views.rows,
      readLedger: () =>
        Promise.resolve([
          { site: 1, accepted: 9, stored: 7, buffered: 2, deadLettered: 0, difference: 0, asOf: null },
        ]),
      readExperiment: () => expect.fail('no experiment is expected'),
      clock,
      log: silentLog,
    };
  });
  after(async () => {
    await database.stop();
    rmSync(folder, { recursive: true });
  });

  /** The rows that hold, without the version that tells the holders of a slot apart. */
  const content = async (): Promise<Record<string, unknown[]>> =>
    Object.fromEntries(
      await Promise.all(
        TABLES.map(async (table) => [
          table,
          await database
            .as('steward')
            .rows(`SELECT * EXCEPT version FROM lintel.${table} FINAL ORDER BY ALL`),
        ]),
      ),
    ) as Record<string, unknown[]>;

  const runAll = async (process: string): Promise<void> => {
    const runs = openDiskRuns(join(folder, process), clock);
    const failed: string[] = [];
    await createRunner({
      jobs: jobsOf(sources, database.rollups),
      runs,
      clock,
      log: silentLog,
      owner: process,
      onRun: (job, outcome) => {
        if (outcome !== 'done') failed.push(`${job} ${outcome}`);
      },
    }).turn();
    expect(failed).to.eql([]);
    expect((await runs.list()).every(({ state }) => state === 'done')).to.equal(true);
    await runs.close();
  };

  it('keep what the questions answer', async () => {
    await runAll('first');
    const kept = await content();
    expect(kept['ledger_checks']).to.have.lengthOf(1);
    expect(kept['ledger_checks']![0]).to.include({
      site_id: 1,
      accepted: 9,
      stored: 7,
      buffered: 2,
      difference: 0,
    });
    const ranking = kept['popular_configs_ranking'] as Record<string, unknown>[];
    expect(ranking.map(({ days, rank, visitors, inquiries }) => [days, rank, visitors, inquiries])).to.eql([
      [30, 1, 12, 3],
      [30, 2, 12, 2],
      [90, 1, 12, 3],
      [90, 2, 12, 2],
    ]);
    const report = kept['monthly_report'] as {
      name: string;
      month: string;
      value: number;
      lo: number | null;
    }[];
    const line = (name: string) => report.find((row) => row.name === name)!;
    expect(line('visitors')).to.include({ month: '2026-11-01', value: 30, lo: null });
    expect(line('revenue')).to.include({ value: 250_000 });
    expect(line('inquiry_rate').lo).to.be.a('number');
    // 22 days before 1 December: those in which a step may still be taken, and what an outbox held
    const days = kept['daily_summary'] as { day: string; visitors: number }[];
    expect(days.map(({ day }) => day))
      .to.have.lengthOf(22)
      .and.include('2026-11-09')
      .and.include('2026-11-30');
  });

  it('change nothing when they run twice, in the same process or in another', async () => {
    const before = await content();
    await runAll('first');
    await runAll('second');
    expect(await content()).to.eql(before);
  });

  it('count again what came late', async () => {
    const day = async () =>
      (
        (await database
          .as('steward')
          .rows("SELECT * FROM lintel.daily_summary FINAL WHERE day = '2026-11-10'")) as Record<
          string,
          unknown
        >[]
      )[0]!;
    expect(await day()).to.deep.include({ visitors: 30, inquiries: 5, funnel: [30, 20, 15, 10, 5] });
    const late = shop()
      .filter(({ visitor, type }) => visitor === 1 && type === 'page_view')
      .map((event) => ({
        ...event,
        visitor: 77,
        session: 77,
        stream: '00000000-0000-4000-8000-000000000077',
      }));
    // as the flush does before it inserts
    await database.rollups.markDirty(['2026-11-10']);
    await database.store(late);
    now += 86_400_000;
    await runAll('first');
    expect(await day()).to.deep.include({ visitors: 31, funnel: [31, 20, 15, 10, 5] });
  });

  it('count hours and funnels again until the last outbox may have come', async () => {
    const visit = shop().filter(({ visitor }) => visitor === 30);
    const opened = visit[0]!.ts;
    const inquiry = {
      ...visit[0]!,
      type: 'inquiry',
      seq: 50,
      ts: opened + 13 * 86_400_000,
      price_cents: 20_000_000,
    };
    const measured = { ...visit.find(({ type }) => type === 'vital')!, seq: 51 };
    const hours = async (): Promise<number> =>
      (
        await database
          .as('steward')
          .rows<{ n: string }>("SELECT sum(n) AS n FROM lintel.performance_hourly FINAL WHERE metric = 'LCP'")
      ).reduce((sum, { n }) => sum + Number(n), 0);
    const funnel = async (): Promise<number[]> =>
      (
        await database
          .as('steward')
          .rows<{ funnel: number[] }>(
            "SELECT funnel FROM lintel.daily_summary FINAL WHERE day = '2026-11-10'",
          )
      )[0]!.funnel;
    // 22 days later
    const slot = { id: '1:2026-12-02', at: Date.parse('2026-12-02T02:30:00Z'), site: 1, date: '2026-12-02' };
    const summarise = (fence: number) => runSlot(summariseDay(site, sources), slot, fence);
    const aggregate = (time: string) =>
      runSlot(aggregatePerformance(sources), { id: time, at: Date.parse(time) });
    await summarise(18);
    await aggregate('2026-11-12T09:00:00Z');
    expect([await funnel(), await hours()]).to.eql([[31, 20, 15, 10, 5], 30]);
    // he chooses, sees a price, saves and asks almost two weeks later; his device tells of it after six days
    const late = [
      {
        ...inquiry,
        type: 'option_select',
        option_group: 'facade',
        option: 'wood',
        seq: 47,
        ts: inquiry.ts - 3000,
      },
      { ...inquiry, type: 'price_view', seq: 48, ts: inquiry.ts - 2000 },
      { ...inquiry, type: 'config', kind: 'save', config_hash: '11', seq: 49, ts: inquiry.ts - 1000 },
      inquiry,
      measured,
    ];
    await database.rollups.markDirty(['2026-11-10', '2026-11-23']);
    await database.store(late);
    await summarise(19);
    // within the hour nobody looks so far back, once a day they do
    await aggregate('2026-11-17T14:00:00Z');
    expect(await hours()).to.equal(30);
    await aggregate('2026-11-18T03:00:00Z');
    expect([await funnel(), await hours()]).to.eql([[31, 21, 16, 11, 6], 31]);
  });

  it('write nothing that counts after a slower holder was replaced', async () => {
    const job = summariseDay(site, sources);
    const slot = { id: '1:2026-12-02', at: Date.parse('2026-12-02T02:30:00Z'), site: 1, date: '2026-12-02' };
    await runSlot(job, slot, 28);
    const held = await content();
    // it counted other events, passed its last guard, slept, and inserts now
    const blind = {
      ...sources,
      readView: <Row>(view: string, parameters: Parameters<typeof sources.readView>[1]) =>
        sources.readView<Row>(view, { ...parameters, device: ['none'] }),
    };
    await runSlot(summariseDay(site, blind), slot, 27);
    expect(await content()).to.eql(held);
    // while a later holder of the same slot corrects it
    await runSlot(summariseDay(site, blind), slot, 29);
    expect(await content()).to.not.eql(held);
    await runSlot(job, slot, 30);
    expect(await content()).to.eql(held);
  });

  it('leave no rank behind that the last holder of a slot did not write', async () => {
    const slot = { id: 'x', at: Date.parse('2026-11-16T00:00:00Z') };
    const ranks = async () =>
      (await database.views.rows<{ days: number; rank: number }>('report_configs', { site: 1 })).filter(
        ({ days }) => days === 7,
      );
    now = Date.parse('2030-01-01T00:00:00Z');
    const later = { ...slot, at: now };
    const two = {
      ...sources,
      readView: <Row>(view: string, parameters: Parameters<typeof sources.readView>[1]) =>
        sources.readView<Row>(view, { ...parameters, from: RANGE.from, to: RANGE.to }),
    };
    await runSlot(rankConfigs(two), later, 1);
    expect((await ranks()).map(({ rank }) => rank)).to.eql([1, 2]);
    const one = {
      ...two,
      readView: async <Row>(view: string, parameters: Parameters<typeof sources.readView>[1]) =>
        (await two.readView<Row>(view, parameters)).slice(0, view === 'configurations_built' ? 1 : undefined),
    };
    await runSlot(rankConfigs(one), later, 2);
    expect((await ranks()).map(({ rank }) => rank)).to.eql([1]);
  });

  it('count a built day of each roll-up again, and answer one that differs from the events', async () => {
    const logged: Record<string, unknown>[] = [];
    const job = verifyLedger(
      { ...sources, log: { ...silentLog, error: (event, fields) => void logged.push({ event, ...fields }) } },
      database.rollups,
    );
    await database.rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0 });
    const pass = async (): Promise<void> => {
      for (let nth = 0; nth < 4; nth++) await runSlot(job, { id: String(nth), at: nth * 300_000 });
    };
    await pass();
    expect(logged).to.eql([]);
    const days = async (name: string): Promise<string[]> =>
      (
        await database
          .as('migrator')
          .rows<{ day: string }>(
            'SELECT toString(day) AS day FROM clean_days FINAL WHERE clean = 1 AND startsWith(rollup, {name:String}) ORDER BY day',
            { parameters: { name: `${name}@` } },
          )
      ).map(({ day }) => day);
    expect(await days('journey')).to.include('2026-11-10');
    // a row that nobody announced
    await database.store([
      {
        ts: Date.parse('2026-11-10T12:00:00Z'),
        type: 'inquiry',
        visitor: 5,
        session: 5,
        stream: shop()[0]!['stream'],
      },
    ]);
    await pass();
    // the first that notices makes the day dirty for all
    expect(logged.map(({ event, rollup, day }) => [event, rollup, day])).to.eql([
      ['rollups.difference', 'arrivals', '2026-11-10'],
    ]);
    expect(await days('journey')).to.not.include('2026-11-10');
    await pass();
    expect(logged).to.have.length(1);
  });

  it('keep the hours of the last two days', async () => {
    now = Date.parse('2026-11-10T12:00:00Z');
    await runAll('then');
    const [hours] = await database
      .as('steward')
      .rows<Record<string, number>>(
        `SELECT sum(n) AS n, countDistinct(hour) AS hours, max(q[10]) AS slowest FROM lintel.performance_hourly FINAL`,
      );
    // LCP of visitor i at minute i after 10:00: 1050 … 2500 ms, all in one hour; every third has a phone, whose slowest
    // took 2500 ms, and once more as what came late
    expect(hours).to.eql({ n: 31, hours: 1, slowest: 2500 });
  });
});
