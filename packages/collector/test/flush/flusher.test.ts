import { expect } from 'chai';
import { aRun, aStream, aUnit } from './support/rows.js';
import {
  countEvents,
  emptyTables,
  openPipeline,
  startDatabase,
  until,
  type Pipeline,
  type TestDatabase,
} from './support/pipeline.js';
import { startProxy } from './support/proxy.js';

describe('flusher', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let pipeline: Pipeline | null = null;

  const open = async (options: Partial<Parameters<typeof openPipeline>[0]> = {}): Promise<Pipeline> => {
    pipeline = await openPipeline({ database, ...options });
    return pipeline;
  };

  before(async () => {
    database = await startDatabase();
  });
  after(async () => {
    await database.stop();
  });
  afterEach(async () => {
    await pipeline?.stop();
    pipeline = null;
    await emptyTables(database);
  });

  const batches = (): Promise<{ batch: string; site: number; n: number }[]> =>
    database
      .as('writer')
      .rows('SELECT toString(batch) AS batch, site_id AS site, n FROM ingest_batches ORDER BY site');

  it('stores what waits and closes the books', async () => {
    const { buffer, flusher, ledger } = await open();
    await buffer.append(0, aUnit([...aRun(1, 100), ...aRun(2, 50, 0, { site: 2 })]));
    await buffer.append(0, aUnit([{ stream: aStream(1), seq: 1_048_575, type: 'stream_end' }]));
    flusher.start();
    expect(await flusher.drain(10_000)).to.equal(true);
    expect(await countEvents(database)).to.eql({ rows: 151, doubled: 0 });
    expect((await ledger.read()).map(({ asOf: _, ...row }) => row)).to.eql([
      { site: 1, accepted: 100, stored: 100, buffered: 0, deadLettered: 0, difference: 0 },
      { site: 2, accepted: 50, stored: 50, buffered: 0, deadLettered: 0, difference: 0 },
    ]);
    expect((await batches()).map(({ site, n }) => [site, n])).to.eql([
      [1, 100],
      [2, 50],
    ]);
    expect(await buffer.depth()).to.eql({ members: 0, rows: 0, bytes: 0 });
  });

  it('stores a batch once when the first answer is lost', async () => {
    const proxy = await startProxy(database.engine.httpPort);
    try {
      const { buffer, flusher, ledger, log } = await open({ url: proxy.url, random: () => 0 });
      proxy.swallow = 3;
      await buffer.append(0, aUnit(aRun(1, 1000)));
      flusher.start();
      await until('the buffer is empty', async () => (await buffer.depth()).rows === 0);
      expect(proxy.swallowed).to.equal(1);
      expect(log.of('flush.retry')).to.have.length(1);
      expect(await countEvents(database)).to.eql({ rows: 1000, doubled: 0 });
      expect((await ledger.read())[0]).to.include({ accepted: 1000, stored: 1000, difference: 0 });
      await pipeline!.stop();
      pipeline = null;
    } finally {
      await proxy.close();
    }
  });
});
