import { expect } from 'chai';
import {
  countEvents,
  openPipeline,
  startDatabase,
  until,
  type TestDatabase,
} from '../../packages/collector/test/flush/support/pipeline.js';
import { aRun, aUnit } from '../../packages/collector/test/flush/support/rows.js';
import { describeLong } from '../support/scale.js';

describeLong('10 ClickHouse stopped in the middle', () => {
  let database: TestDatabase;

  before(async () => {
    database = await startDatabase();
  });
  after(async () => {
    await database.stop();
  });

  it('gives up waiting, never has more than two inserts under way, and stores everything once', async () => {
    const pipeline = await openPipeline({
      database,
      intervalMs: 20,
      insertTimeoutMs: 1000,
      random: () => 0.02,
      limits: { rows: 200, bytes: 1_000_000 },
    });
    const { buffer, flusher, ledger, log } = pipeline;
    let rows = 0;
    let most = 0;
    try {
      flusher.start();
      for (let round = 0; round < 5; round++) {
        await until('the engine is up', () => pipeline.clickhouse.ping(), 90_000);
        const pid = database.engine.pid()!;
        for (let unit = 0; unit < 10; unit++) {
          await buffer.append(0, aUnit(aRun(rows, 100)));
          rows += 100;
          if (unit === 3 + round) process.kill(pid, 'SIGSTOP');
          most = Math.max(most, flusher.status().insertsInFlight);
        }
        const before = log.of('flush.retry').length;
        await until('it has given up waiting', () => log.of('flush.retry').length > before, 120_000);
        most = Math.max(most, flusher.status().insertsInFlight);
        try {
          process.kill(pid, 'SIGCONT');
        } catch {
          // five missed pings: the supervisor took it for hung and replaced it
        }
        await until('the backlog is gone', async () => (await buffer.depth()).rows === 0, 120_000);
      }
      expect(most).to.be.within(0, 2);
      expect(await countEvents(database)).to.eql({ rows, doubled: 0 });
      expect((await ledger.read())[0]).to.include({ accepted: rows, stored: rows, difference: 0 });
    } finally {
      await pipeline.stop();
    }
  });
});
