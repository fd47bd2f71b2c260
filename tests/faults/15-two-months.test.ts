import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startFlusher } from '../../packages/collector/test/flush/support/child.js';
import {
  countEvents,
  openPipeline,
  startDatabase,
  until,
  type TestDatabase,
} from '../../packages/collector/test/flush/support/pipeline.js';
import { aRun, aUnit } from '../../packages/collector/test/flush/support/rows.js';
import { createRandom, describeLong } from '../support/scale.js';

const KILLS = Number(process.env['LINTEL_KILLS'] ?? 200);
const ROWS = 60;

/** Fault 15: rows around midnight of the first, while the flush process and ClickHouse are killed at random. */
describeLong('15 a batch over two months', function () {
  this.timeout(3_600_000);
  let database: TestDatabase;
  let dataDir: string;

  before(async () => {
    database = await startDatabase();
    dataDir = mkdtempSync(join(tmpdir(), 'lintel-months-'));
  });
  after(async () => {
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it(`is two whole batches over ${KILLS} kills`, async () => {
    const random = createRandom(15);
    const first = new Date();
    const midnight = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), 1);
    const owner = 'one after the other';
    const pipeline = await openPipeline({ database, dataDir, owner });
    const { buffer, flusher, ledger, clickhouse } = pipeline;
    const killed = { flusher: 0, clickhouse: 0 };
    let rows = 0;
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        for (const ts of [midnight - 1 - kill, midnight + kill]) {
          await buffer.append(0, aUnit(aRun(rows, ROWS, 0, { ts })));
          rows += ROWS;
        }
        await until('the engine is up', () => clickhouse.ping(), 90_000);
        const child = await startFlusher(database, { dataDir, owner, intervalMs: 10_000, waits: true });
        child.go();
        await sleep(random() * 250);
        if (random() < 0.4 && database.engine.pid() !== null) {
          process.kill(database.engine.pid()!, 'SIGKILL');
          killed.clickhouse += 1;
          await sleep(random() * 300);
        } else killed.flusher += 1;
        child.kill();
        await child.ended;
      }
      flusher.start();
      await until('the backlog is gone', async () => (await buffer.depth()).rows === 0, 120_000);
      process.stdout.write(`    ${rows} rows, killed: ${JSON.stringify(killed)}\n`);
      expect(await countEvents(database)).to.eql({ rows, doubled: 0 });
      const months = await database
        .as('migrator')
        .rows<{ rows: number; batches: number }>(
          'SELECT toYYYYMM(ts) AS month, count() AS rows, uniqExact(batch) AS batches FROM events GROUP BY month',
        );
      expect(months.map((month) => month.rows)).to.eql([rows / 2, rows / 2]);
      const [shared] = await database
        .as('migrator')
        .rows<{ n: number }>(
          'SELECT count() AS n FROM (SELECT batch FROM events GROUP BY batch HAVING uniqExact(toYYYYMM(ts)) > 1)',
        );
      expect(shared!.n, 'batches with rows of two months').to.equal(0);
      expect((await ledger.read())[0]).to.include({ accepted: rows, stored: rows, difference: 0 });
    } finally {
      await pipeline.stop();
    }
  });
});
