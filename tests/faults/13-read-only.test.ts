import { expect } from 'chai';
import {
  countEvents,
  openPipeline,
  startDatabase,
  until,
  type TestDatabase,
} from '../../packages/collector/test/flush/support/pipeline.js';
import { aRun, aUnit } from '../../packages/collector/test/flush/support/rows.js';

/** Fault 13: the writer's profile is read-only for a while. The engine's own answer, not a made one. */
describe('13 a read-only ClickHouse', function () {
  this.timeout(120_000);
  let database: TestDatabase;

  before(async () => {
    database = await startDatabase();
  });
  after(() => database.stop());

  it('stops the flush, blames no row, takes more, and stores everything once it may write again', async () => {
    let readOnly = true;
    const pipeline = await openPipeline({
      database,
      intervalMs: 20,
      stoppedMs: 200,
      random: () => 0.05,
      wrap: (client) => ({
        ...client,
        insert: (sql, body, options) =>
          client.insert(sql, body, {
            ...options,
            settings: { ...options?.settings, ...(readOnly ? { readonly: 1 } : {}) },
          }),
      }),
    });
    const { buffer, flusher, ledger, log } = pipeline;
    try {
      await buffer.append(0, aUnit(aRun(1, 200)));
      flusher.start();
      await until('it has stopped twice', () => log.of('flush.stopped').length >= 2, 60_000);
      expect(log.of('flush.stopped')[0]!.fields).to.include({ code: 164, page: true });
      await buffer.append(0, aUnit(aRun(2, 200)));
      expect((await buffer.depth()).rows).to.equal(400);
      expect(log.of('dead_letters.kept')).to.be.empty;
      readOnly = false;
      await until('the backlog is gone', async () => (await buffer.depth()).rows === 0, 60_000);
      expect(await countEvents(database)).to.eql({ rows: 400, doubled: 0 });
      expect((await ledger.read())[0]).to.include({
        accepted: 400,
        stored: 400,
        deadLettered: 0,
        difference: 0,
      });
    } finally {
      await pipeline.stop();
    }
  });
});
