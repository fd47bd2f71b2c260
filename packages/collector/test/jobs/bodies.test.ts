import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { jobsOf, openDiskRuns, type JobSources } from '../../src/jobs/index.js';
import { createRunner } from '../../src/jobs/runner.js';
import { silentLog } from '../../src/log.js';
import { createSites } from '../../src/sites.js';
import { startDatabase, type TestDatabase } from '../schema/support.js';
import { shop } from '../questions/shop.js';
import { scopeOf } from '../questions/support.js';

const TABLES = [
  'ledger_checks',
  'popular_configs_ranking',
  'performance_hourly',
  'daily_summary',
  'monthly_report',
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

  /** What questions would read: the rows that hold, without anything that tells runs apart. */
  const content = async (): Promise<Record<string, unknown[]>> =>
    Object.fromEntries(
      await Promise.all(
        TABLES.map(async (table) => [
          table,
          await database.as('steward').rows(`SELECT * FROM lintel.${table} FINAL ORDER BY ALL`),
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
    // the eight days before 1 December: nobody came any more
    const days = kept['daily_summary'] as { day: string; visitors: number }[];
    expect(days.map(({ day }) => day))
      .to.have.lengthOf(8)
      .and.include('2026-11-23')
      .and.include('2026-11-30');
  });

  it('change nothing when they run twice, in the same process or in another', async () => {
    const before = await content();
    await runAll('first');
    await runAll('second');
    expect(await content()).to.eql(before);
  });

  it('count again what came late', async () => {
    now = Date.parse('2026-11-17T05:00:00Z');
    await runAll('earlier');
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
    await runAll('earlier');
    expect(await day()).to.deep.include({ visitors: 31, funnel: [31, 20, 15, 10, 5] });
  });

  it('keep the hours of the last two days', async () => {
    now = Date.parse('2026-11-10T12:00:00Z');
    await runAll('then');
    const [hours] = await database
      .as('steward')
      .rows<Record<string, number>>(
        `SELECT sum(n) AS n, countDistinct(hour) AS hours, max(q[10]) AS slowest FROM lintel.performance_hourly FINAL`,
      );
    // LCP of visitor i at minute i after 10:00: 1050 … 2500 ms, all in one hour
    expect(hours).to.eql({ n: 30, hours: 1, slowest: 2500 });
  });
});
