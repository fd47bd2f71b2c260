import { expect } from 'chai';
import { aRun, aUnit } from './support/rows.js';
import { countEvents, openPipeline, startDatabase, until, type TestDatabase } from './support/pipeline.js';
import { hasStrace, inject } from './support/strace.js';

/**
 * ClickHouse writes a plain MergeTree's deduplication record before it renames the part. Killed in between, it answers
 * the same token with success and stores nothing. The permanent proof that this loses no batch.
 */
describe('flusher over a ClickHouse that dies at a rename', function () {
  this.timeout(300_000);
  let database: TestDatabase;

  before(async function () {
    if (!hasStrace()) this.skip();
    database = await startDatabase();
  });
  after(async () => {
    await database?.stop();
  });

  it('heals the false deduplication', async () => {
    const pipeline = await openPipeline({ database, intervalMs: 20, random: () => 0.02 });
    const { buffer, flusher, ledger, log } = pipeline;
    flusher.start();
    let rows = 0;
    const deaths: number[] = [];
    const store = async (n: number): Promise<void> => {
      await buffer.append(0, aUnit(aRun(rows, n)));
      rows += n;
      await until('the buffer is empty', async () => (await buffer.depth()).rows === 0, 120_000);
    };
    try {
      await store(10);
      // `when` counts per thread, so a point may pass by luck: three in a row end the walk
      for (let point = 1, survivals = 0; survivals < 3; point++) {
        expect(point, 'rename points walked').to.be.below(30);
        await until(
          'the engine is up',
          async () => database.engine.pid() !== null && (await pipeline.clickhouse.ping()),
          60_000,
        );
        const pid = database.engine.pid()!;
        const strace = await inject(pid, 'rename,renameat,renameat2', `signal=SIGKILL:when=${point}`);
        await store(10);
        const survived = database.engine.pid() === pid;
        await strace.detach();
        survivals = survived ? survivals + 1 : 0;
        if (!survived) deaths.push(point);
      }
      expect(deaths, 'the engine was killed at least once').to.not.be.empty;
      expect(await countEvents(database)).to.eql({ rows, doubled: 0 });
      expect((await ledger.read())[0]).to.include({ accepted: rows, stored: rows, difference: 0 });
      // without this the walk has not met the hole it is here for
      expect(log.of('flush.false_deduplication')).to.not.be.empty;
    } finally {
      await pipeline.stop();
    }
  });
});
