import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectExactlyOnce } from './support/books.js';
import { startCollector, type Collector } from './support/collector.js';
import { startIngest, type IngestProcess } from './support/ingest-process.js';
import { startLoad, type Load } from './support/load.js';
import { repositoryFile, startProgram } from './support/program.js';
import { startRedis, type Redis } from './support/redis.js';
import { send } from './support/send.js';
import { OWNER_TOKEN, SITE } from './support/site.js';
import { more } from './support/until-load.js';
import { until } from './support/until.js';

/** A line of `lintel ledger --watch`: site, accepted, stored, buffered, dead-lettered, difference. */
const linesOf = (text: string): number[][] =>
  text
    .split('\n')
    .filter((line) => line.trim().startsWith(`${SITE.id} `))
    .map((line) => line.trim().split(/\s+/).map(Number));

describe('one process for each role', function () {
  this.timeout(180_000);
  let flush: Collector;
  let ingests: IngestProcess[] = [];
  let redis: Redis | null = null;
  let load: Load | null = null;

  afterEach(async () => {
    await load?.finish();
    load = null;
    for (const { program } of ingests) await program.kill();
    ingests = [];
    await flush.remove();
    await redis?.remove();
    redis = null;
  });

  for (const backend of ['the disk', 'Redis'])
    it(`two that take events and one that flushes share ${backend}: each event is stored once, whoever is killed`, async () => {
      if (backend === 'Redis') redis = await startRedis();
      flush = await startCollector(redis ? { LINTEL_REDIS_URL: redis.url } : {}, { role: 'flush' });
      const listens = await send(flush.publicUrl, { method: 'GET', path: '/v1/settings' }).then(
        () => true,
        () => false,
      );
      expect(listens, 'the one that flushes has no public port').to.equal(false);
      ingests = [await startIngest(flush), await startIngest(flush)];
      let turn = 0;
      load = startLoad(() => ingests[turn++ % ingests.length]!.url, { visitors: 8, pauseMs: 20 });
      await more(load, 300);
      const [dying] = ingests.splice(0, 1);
      await dying!.program.kill();
      await more(load, 300);
      await flush.kill();
      await more(load, 300);
      await flush.start();
      await expectExactlyOnce(flush, await load.finish());
    });

  it('`lintel ledger --watch` tells every second, under load, that the books balance', async () => {
    flush = await startCollector({}, { role: 'flush' });
    ingests = [await startIngest(flush)];
    load = startLoad(ingests[0]!.url, { visitors: 8, pauseMs: 20 });
    await more(load, 200);
    const watch = startProgram(
      process.execPath,
      [repositoryFile('packages/collector/bin/lintel.js'), 'ledger', '--watch'],
      { env: { ...flush.env, LINTEL_TOKEN: OWNER_TOKEN } },
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
    await expectExactlyOnce(flush, await load.finish());
  });
});
