import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startAdmin } from './support/admin-process.js';
import { expectExactlyOnce } from './support/books.js';
import { startCollector, type Collector } from './support/collector.js';
import { lintel } from './support/command.js';
import { startIngest, type IngestProcess } from './support/ingest-process.js';
import { startLoad, type Load } from './support/load.js';
import { repositoryFile, startProgram } from './support/program.js';
import { startRedis, type Redis } from './support/redis.js';
import { send } from './support/send.js';
import { OWNER_TOKEN, SITE } from './support/site.js';
import { isReady } from './support/status.js';
import { more } from './support/until-load.js';
import { until } from './support/until.js';

/** A line of `lintel ledger --watch`: site, accepted, stored, buffered, dead-lettered, difference. */
const linesOf = (text: string): number[][] =>
  text
    .split('\n')
    .filter((line) => line.trim().startsWith(`${SITE.id} `))
    .map((line) => line.trim().split(/\s+/).map(Number));

describe('one process for each role', function () {
  this.timeout(400_000);
  let flush: Collector;
  let admin: Collector;
  let ingests: IngestProcess[] = [];
  let redis: Redis | null = null;
  let load: Load | null = null;

  const startRoles = async (env: Record<string, string> = {}): Promise<void> => {
    flush = await startCollector(env, { role: 'flush' });
    admin = await startAdmin(flush);
  };

  afterEach(async () => {
    await load?.finish();
    load = null;
    for (const { program } of ingests) await program.kill();
    ingests = [];
    await admin.remove();
    await flush.remove();
    await redis?.remove();
    redis = null;
  });

  const stored = async (): Promise<number> => {
    const [row] = await flush.database.rows<{ n: number }>(
      `SELECT count() AS n FROM lintel.events WHERE site_id = ${SITE.id}`,
    );
    return row!.n;
  };
  const buffered = async (): Promise<number> =>
    (await admin.admin.ledger()).find(({ site }) => site === SITE.id)?.buffered ?? 0;

  for (const backend of ['the disk', 'Redis'])
    it(`take, flush and answer over ${backend}: whoever is killed, the others go on and each event is stored once`, async () => {
      if (backend === 'Redis') redis = await startRedis();
      await startRoles(redis ? { LINTEL_REDIS_URL: redis.url } : {});
      const listens = await send(flush.publicUrl, { method: 'GET', path: '/v1/settings' }).then(
        () => true,
        () => false,
      );
      expect(listens, 'neither has a public port').to.equal(false);
      ingests = [await startIngest(flush), await startIngest(flush)];
      let turn = 0;
      load = startLoad(() => ingests[turn++ % ingests.length]!.url, { visitors: 8, pauseMs: 20 });
      await more(load, 300);

      const [dying] = ingests.splice(0, 1);
      await dying!.program.kill();
      await more(load, 300);

      await flush.kill();
      await more(load, 300);
      expect(await isReady(admin), 'an event can be made durable without the one that flushes').to.equal(
        true,
      );
      await until('the admin sees what waits', async () => (await buffered()) > 0);
      await flush.start();

      await admin.kill();
      const before = await until('the engine is back', () => stored().catch(() => null));
      await more(load, 300);
      await until('it flushes without an admin', async () => (await stored()) > before);
      await admin.start();
      await expectExactlyOnce(admin, await load.finish());
    });

  it('each answer for their own: questions and jobs here, backups there', async () => {
    await startRoles();
    await until(
      'the database is there',
      () => admin.admin.ask('real-time', { site: String(SITE.id) }).catch(() => null),
      120_000,
    );
    await until('a job has run', () => admin.admin.metric('lintel_job_runs_total', { outcome: 'done' }));
    expect(await flush.admin.metric('lintel_job_runs_total')).to.equal(0);
    const asked = await fetch(`${flush.adminUrl}/api/admin/ledger`, {
      headers: { authorization: `Bearer ${OWNER_TOKEN}` },
    });
    expect(asked.status).to.equal(404);

    const token = { LINTEL_TOKEN: OWNER_TOKEN };
    const refused = await lintel(['backup'], { ...admin.env, ...token });
    expect(refused.code).to.equal(78);
    expect(refused.stderr).to.contain('backups are made by the process that flushes');
    const made = await lintel(['backup'], { ...flush.env, ...token });
    expect(made.code, made.stderr).to.equal(0);
  });

  it('`lintel ledger --watch` tells every second, under load, that the books balance', async () => {
    await startRoles();
    ingests = [await startIngest(flush)];
    load = startLoad(ingests[0]!.url, { visitors: 8, pauseMs: 20 });
    await more(load, 200);
    const watch = startProgram(
      process.execPath,
      [repositoryFile('packages/collector/bin/lintel.js'), 'ledger', '--watch'],
      { env: { ...admin.env, LINTEL_TOKEN: OWNER_TOKEN } },
    );
    const lines = await until('it has told six times', async () => {
      if (!watch.running()) throw new Error(`it ended: ${watch.stderr()}${watch.stdout()}`);
      await sleep(200);
      const told = linesOf(watch.stdout());
      return told.length >= 6 ? told : null;
    });
    await watch.kill();
    const accepted = lines.map((line) => line[1]!);
    expect(accepted.at(-1)).to.be.greaterThan(accepted[0]!);
    for (const [, all, stored, buffered, dead, difference] of lines) {
      expect(all).to.equal(stored! + buffered! + dead!);
      expect(difference).to.equal(0);
    }
    await expectExactlyOnce(admin, await load.finish());
  });
});
