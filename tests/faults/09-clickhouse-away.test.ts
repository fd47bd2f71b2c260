import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  countEvents,
  openPipeline,
  startDatabase,
  until,
  type TestDatabase,
} from '../../packages/collector/test/flush/support/pipeline.js';
import { startProxy } from '../../packages/collector/test/flush/support/proxy.js';
import { aRun, aUnit } from '../../packages/collector/test/flush/support/rows.js';
import { describeLong } from '../support/scale.js';

/** The matrix asks for ten minutes: `LINTEL_AWAY_SECONDS=600`. */
const AWAY_SECONDS = Number(process.env['LINTEL_AWAY_SECONDS'] ?? 60);
const ROWS_A_SECOND = 500;

describeLong('09 ClickHouse away', () => {
  let database: TestDatabase;

  before(async () => {
    database = await startDatabase();
  });
  after(async () => {
    await database.stop();
  });

  it(`takes ${ROWS_A_SECOND} rows a second for ${AWAY_SECONDS} s, and drains them when it is back`, async () => {
    const proxy = await startProxy(database.engine.httpPort);
    const pipeline = await openPipeline({ database, url: proxy.url, intervalMs: 1000 });
    const { buffer, flusher, ledger, log } = pipeline;
    let rows = 0;
    const append = async (): Promise<void> => {
      await buffer.append(0, aUnit(aRun(rows, ROWS_A_SECOND / 10)));
      rows += ROWS_A_SECOND / 10;
    };
    try {
      flusher.start();
      await append();
      await until('the first rows are stored', async () => (await buffer.depth()).rows === 0);
      proxy.refuse = true;
      const startedAt = Date.now();
      for (let turn = 1; Date.now() < startedAt + AWAY_SECONDS * 1000; turn++) {
        await append();
        await sleep(Math.max(0, startedAt + turn * 100 - Date.now()));
      }
      const waiting = await buffer.depth();
      expect(waiting.rows).to.equal(rows - ROWS_A_SECOND / 10);
      expect((await ledger.read())[0]).to.include({ difference: 0, buffered: waiting.rows });
      // full jitter up to 30 s: a dozen attempts in a minute, not a storm
      expect(log.of('flush.retry').length).to.be.within(2, 10 + AWAY_SECONDS / 4);
      proxy.refuse = false;
      await until('the backlog is gone', async () => (await buffer.depth()).rows === 0, 120_000);
      expect(await countEvents(database)).to.eql({ rows, doubled: 0 });
      expect((await ledger.read())[0]).to.include({ accepted: rows, stored: rows, difference: 0 });
    } finally {
      await pipeline.stop();
      await proxy.close();
    }
  });
});
