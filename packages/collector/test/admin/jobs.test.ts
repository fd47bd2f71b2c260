import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createAdminServer, jobRoutes, openTokens, type Tokens } from '../../src/admin/index.js';
import { jobsOf, openDiskRuns, type JobRuns } from '../../src/jobs/index.js';
import { createRunner } from '../../src/jobs/runner.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { createSites } from '../../src/sites.js';
import { sourcesOf } from '../jobs/support.js';
import { shop } from '../questions/shop.js';
import { scopeOf } from '../questions/support.js';
import { useDatabase } from '../schema/support.js';

/** The day of the shop, a week later, and the first of the next month, when the report of the shop's month is due. */
const TURNS = ['2026-11-10T12:00:00Z', '2026-11-17T05:00:00Z', '2026-12-01T05:00:00Z'].map((time) =>
  Date.parse(time),
);
const NOW = TURNS[2]!;
const RANGE = `from=${Date.parse('2026-09-30T22:00:00Z')}&to=${NOW}`;

describe('/api/admin/jobs', function () {
  this.timeout(240_000);
  const db = useDatabase();
  const clock = { now: () => NOW };
  const { site } = scopeOf();
  let folder: string;
  let runs: JobRuns;
  let tokens: Tokens;
  let server: Server;
  let base: string;
  let owner: string;

  const get = (path: string, secret = owner): Promise<Response> =>
    fetch(base + path, { headers: { authorization: `Bearer ${secret}` } });
  const json = async <T>(path: string, secret = owner): Promise<T> => {
    const response = await get(path, secret);
    const body = (await response.json()) as T;
    expect(response.status, JSON.stringify(body)).to.equal(200);
    return body;
  };

  before(async () => {
    await db.store(shop());
    folder = mkdtempSync(join(tmpdir(), 'lintel-admin-jobs-'));
    runs = openDiskRuns(folder, clock);
    let now = 0;
    const then = { now: () => now };
    const sources = sourcesOf(db, {
      clock: then,
      readLedger: () =>
        Promise.resolve([
          { site: 1, accepted: 9, stored: 7, buffered: 2, deadLettered: 0, difference: 0, asOf: null },
        ]),
    });
    const { turn } = createRunner({
      jobs: jobsOf(sources, db.rollups),
      runs,
      clock: then,
      log: silentLog,
      owner: 'test',
    });
    for (now of TURNS) await turn();
    tokens = openTokens(join(folder, 'tokens.json'), clock);
    owner = tokens.create({ role: 'owner' }).secret;
    server = createAdminServer({
      routes: jobRoutes({
        sites: createSites([site, { ...site, id: 2, key: 'pk_two' }]),
        clock,
        readView: db.views.rows,
        readBytes: db.views.bytes,
        listRuns: runs.list,
      }),
      tokens,
      health: {
        ready: () => Promise.resolve(true),
        status: () => Promise.resolve({}),
        refresh: () => Promise.resolve(),
      },
      metrics: createMetrics(),
      log: silentLog,
      version: 'test',
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await runs.close();
    rmSync(folder, { recursive: true });
  });

  it('names every job with its newest run', async () => {
    const { jobs } = await json<{ jobs: { job: string; state: string; planned: string; rows: number }[] }>(
      '/api/admin/jobs',
    );
    expect(jobs.map(({ job, state, planned }) => [job, state, planned.slice(0, 16)])).to.eql([
      ['aggregate-performance', 'done', '2026-12-01T05:00'],
      // Monday, 05:00 in Vienna
      ['analyse-behaviour:1', 'done', '2026-11-30T04:00'],
      ['check-quality', 'done', '2026-12-01T05:00'],
      ['forecast:1', 'done', '2026-12-01T03:00'],
      ['rank-configs', 'done', '2026-12-01T05:00'],
      ['rebuild-rollups', 'done', '2026-12-01T05:00'],
      // the first, 05:00 in Vienna
      ['report-month:1', 'done', '2026-12-01T04:00'],
      ['summarise-day:1', 'done', '2026-12-01T02:30'],
      ['verify-ledger', 'done', '2026-12-01T05:00'],
    ]);
    expect(jobs.find(({ job }) => job === 'summarise-day:1')!.rows).to.equal(22);
  });

  it('shows jobs of a site to who may see the site, and none to who may not read jobs', async () => {
    const two = tokens.create({ role: 'auditor', sites: [2] }).secret;
    const { jobs } = await json<{ jobs: { job: string }[] }>('/api/admin/jobs', two);
    expect(jobs.filter(({ job }) => job.includes(':'))).to.eql([]);
    expect(jobs.length).to.equal(5);
    const viewer = tokens.create({ role: 'viewer' }).secret;
    expect((await get('/api/admin/jobs', viewer)).status).to.equal(403);
    expect((await get(`/api/admin/jobs/results?of=days&site=1&${RANGE}`, viewer)).status).to.equal(200);
    const other = tokens.create({ role: 'viewer', sites: [2] }).secret;
    expect((await get(`/api/admin/jobs/results?of=days&site=1&${RANGE}`, other)).status).to.equal(404);
  });

  const rowsOf = async (of: string): Promise<Record<string, unknown>[]> =>
    (await json<{ rows: Record<string, unknown>[] }>(`/api/admin/jobs/results?of=${of}&site=1&${RANGE}`))
      .rows;

  it('shows what each keeps', async () => {
    const days = await rowsOf('days');
    // 22 days each time: 19 October … 9 November, 26 October … 16 November, 9 … 30 November
    expect(days.length).to.equal(43);
    expect(days.find(({ visitors }) => visitors === 30)).to.deep.include({
      inquiries: 5,
      funnel: [30, 20, 15, 10, 5],
    });
    // thirty loads in one hour on two devices: too few for a p75 of each
    expect((await rowsOf('hours')).map(({ metric, device, n, p75 }) => [metric, device, n, p75])).to.eql([
      ['LCP', 'desktop', 20, null],
      ['LCP', 'mobile', 10, null],
    ]);
    expect((await rowsOf('ledger'))[0]).to.include({ accepted: 9, stored: 7, buffered: 2, difference: 0 });
    expect((await rowsOf('quality')).map(({ stored, bots }) => [stored, bots])).to.eql([
      [198, 40],
      [1, 0],
    ]);
    expect(
      (await rowsOf('configs')).map(({ days: range, rank, visitors }) => [range, rank, visitors]),
    ).to.eql([
      [30, 1, 12],
      [30, 2, 12],
      [90, 1, 12],
      [90, 2, 12],
    ]);
    const months = await rowsOf('months');
    expect(months.find(({ name }) => name === 'visitors')).to.include({ value: 30 });
    expect(await rowsOf('weeks')).to.be.an('array');
  });

  it('is a file, too, and says what may be asked', async () => {
    const csv = await get(`/api/admin/jobs/results?of=days&site=1&format=csv&${RANGE}`);
    expect(csv.headers.get('content-type')).to.contain('text/csv');
    expect((await csv.text()).split('\r\n')[0]).to.contain('visitors,sessions');
    for (const format of ['parquet', 'arrow']) {
      const file = await get(`/api/admin/jobs/results?of=days&site=1&format=${format}&${RANGE}`);
      expect([file.status, (await file.arrayBuffer()).byteLength > 0]).to.eql([200, true]);
    }
    const bad = await get(`/api/admin/jobs/results?of=years&site=1`);
    const body = (await bad.json()) as { parameter: string; detail: string };
    expect([bad.status, body.parameter]).to.eql([400, 'of']);
    for (const name of ['configs', 'days', 'hours', 'ledger', 'months', 'quality', 'weeks'])
      expect(body.detail).to.contain(name);
  });
});
