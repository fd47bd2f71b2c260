import { kill } from 'node:process';
import { expect } from 'chai';
import { ClickHouseError } from '../../src/errors.js';
import { memberLines } from '../../src/flush/members.js';
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
import { aRun, aStream, aUnit } from './support/rows.js';

describe('flusher when ClickHouse is not well', function () {
  this.timeout(180_000);
  let database: TestDatabase;
  let pipeline: Pipeline | null = null;

  const open = async (options: Partial<Parameters<typeof openPipeline>[0]> = {}): Promise<Pipeline> => {
    pipeline = await openPipeline({ database, ...options });
    return pipeline;
  };
  const drained = (ms = 60_000): Promise<void> =>
    until('the buffer is empty', async () => (await pipeline!.buffer.depth()).rows === 0, ms);

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

  it('loses and doubles nothing when ClickHouse is killed again and again in the middle', async () => {
    const { buffer, flusher, ledger } = await open({ intervalMs: 5, random: () => 0.05 });
    flusher.start();
    let rows = 0;
    for (let round = 0; round < 4; round++) {
      await until('the engine is up', () => database.engine.pid() !== null, 90_000);
      await until('it answers', () => pipeline!.clickhouse.ping(), 90_000);
      for (let unit = 0; unit < 20; unit++) {
        await buffer.append(0, aUnit(aRun(rows, 50)));
        rows += 50;
        // a different moment of the flush in each round
        if (unit !== 10 + round) continue;
        // the end of the engine before may be noticed only now
        await until('the engine is up', () => database.engine.pid() !== null, 90_000);
        kill(database.engine.pid()!, 'SIGKILL');
      }
    }
    await drained(120_000);
    expect(await countEvents(database)).to.eql({ rows, doubled: 0 });
    expect((await ledger.read())[0]).to.include({ accepted: rows, stored: rows, difference: 0 });
  });

  it('treats a socket that never answers as an unknown outcome', async () => {
    const proxy = await startProxy(database.engine.httpPort);
    try {
      const { buffer, flusher, log } = await open({ url: proxy.url, insertTimeoutMs: 300, random: () => 0 });
      await pipeline!.clickhouse.ping();
      proxy.hold = true;
      await buffer.append(0, aUnit(aRun(1, 10)));
      flusher.start();
      await until('it has given up waiting', () => log.of('flush.retry').length > 0);
      // by now both attempts may arrive: the first one late
      proxy.release();
      await drained();
      expect(await countEvents(database)).to.eql({ rows: 10, doubled: 0 });
      await pipeline!.stop();
      pipeline = null;
    } finally {
      await proxy.close();
    }
  });

  it('stores a range that spans two months as two batches and two parts', async () => {
    const { buffer, flusher, ledger } = await open();
    const midnight = Date.UTC(2026, 10, 1);
    await buffer.append(0, aUnit(aRun(1, 30, 0, { ts: midnight - 5 })));
    await buffer.append(0, aUnit(aRun(1, 40, 30, { ts: midnight + 5 })));
    flusher.start();
    await drained();
    const parts = await database
      .as('migrator')
      .rows(
        `SELECT partition, rows FROM system.parts WHERE database = 'lintel' AND table = 'events' AND active ORDER BY partition`,
      );
    expect(parts).to.eql([
      { partition: '202610', rows: 30 },
      { partition: '202611', rows: 40 },
    ]);
    const [batches] = await database
      .as('migrator')
      .rows<{ n: number }>('SELECT uniq(batch) AS n FROM ingest_batches');
    expect(batches).to.eql({ n: 2 });
    expect((await ledger.read())[0]).to.include({ accepted: 70, stored: 70, difference: 0 });
  });

  it('marks finished days dirty before their rows land', async () => {
    const order: string[] = [];
    const day = Date.UTC(2026, 9, 7, 12);
    const { buffer, flusher } = await open({
      rollups: {
        markDirty: (days) => {
          order.push(`mark ${days.join(' ')}`);
          return Promise.resolve();
        },
      },
      wrap: (client) => ({
        ...client,
        insert: (sql, body, options) => {
          if (options?.queryId !== undefined) order.push('insert');
          return client.insert(sql, body, options);
        },
      }),
    });
    await buffer.append(
      0,
      aUnit([...aRun(1, 3, 0, { ts: day }), ...aRun(1, 3, 3, { ts: day + 86_400_000 })]),
    );
    await buffer.append(0, aUnit(aRun(2, 3)));
    flusher.start();
    await drained();
    // today's rows announce nothing; the other month's INSERT may come before or after
    expect(order.filter((step) => step.startsWith('mark'))).to.eql(['mark 2026-10-07 2026-10-08']);
    expect(order.indexOf('mark 2026-10-07 2026-10-08')).to.be.below(order.lastIndexOf('insert'));
  });

  it('stops and pages on a schema error, tries seldom, and goes on by itself once it is mended', async () => {
    let inserts = 0;
    const { buffer, flusher, ledger, log } = await open({
      stoppedMs: 400,
      wrap: (client) => ({
        ...client,
        insert: (sql, body, options) => {
          inserts += 1;
          return client.insert(sql, body, options);
        },
      }),
    });
    await database.as('migrator').command('RENAME TABLE events TO events_away');
    try {
      await buffer.append(0, aUnit(aRun(1, 10)));
      flusher.start();
      await until('it pages', () => log.of('flush.stopped').length > 0);
      expect(log.of('flush.stopped')[0]!.fields).to.include({ page: true });
      expect(flusher.status()).to.include({ state: 'stopped' });
      // intake and buffer go on
      await buffer.append(0, aUnit(aRun(2, 10)));
      await until('it has tried three times', () => log.of('flush.stopped').length >= 3);
      expect(inserts).to.be.at.most(log.of('flush.stopped').length + 1);
      expect((await buffer.depth()).rows).to.equal(20);
    } finally {
      await database.as('migrator').command('RENAME TABLE events_away TO events');
    }
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 20, doubled: 0 });
    expect((await ledger.read())[0]).to.include({ accepted: 20, stored: 20, difference: 0 });
    expect(flusher.status()).to.include({ state: 'running' });
  });

  it('slows down on too many parts and drops nothing', async () => {
    const { buffer, flusher, log } = await open({ random: () => 0.1, intervalMs: 20 });
    const alter = (setting: string): Promise<void> =>
      database.as('migrator').command(`ALTER TABLE events MODIFY SETTING ${setting}`);
    await database
      .as('migrator')
      .command('SYSTEM STOP MERGES events')
      .catch(() => {});
    await alter('parts_to_throw_insert = 3, parts_to_delay_insert = 3');
    flusher.start();
    try {
      for (let unit = 0; log.of('flush.retry').length === 0; unit++) {
        expect(unit).to.be.below(500);
        await buffer.append(0, aUnit(aRun(unit, 10)));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(log.of('flush.retry')[0]!.fields).to.include({ code: 252 });
      expect(flusher.status().intervalMs).to.be.at.least(40);
      expect(log.of('dead_letters.kept')).to.be.empty;
    } finally {
      await alter('parts_to_throw_insert = 3000, parts_to_delay_insert = 1000');
      await database
        .as('migrator')
        .command('SYSTEM START MERGES events')
        .catch(() => {});
    }
    await drained();
    const [sum] = await pipeline!.ledger.read();
    expect(sum).to.include({ difference: 0, buffered: 0 });
    expect((await countEvents(database)).rows).to.equal(sum!.accepted);
  });

  it('halves a part that does not fit into memory', async () => {
    const sent: number[] = [];
    const { buffer, flusher, ledger } = await open({
      random: () => 0.05,
      wrap: (client) => ({
        ...client,
        insert: (sql, body, options) => {
          if (options?.queryId === undefined) return client.insert(sql, body, options);
          const rows = memberLines(body as Uint8Array).length;
          sent.push(rows);
          if (rows > 1500) throw new ClickHouseError(241, 'Code: 241. DB::Exception: memory limit exceeded');
          return client.insert(sql, body, options);
        },
      }),
    });
    await buffer.append(0, aUnit(aRun(1, 5000)));
    flusher.start();
    await drained();
    // two refusals a size, then halves
    expect(sent).to.eql([5000, 5000, 2500, 2500, 1250, 1250, 2500, 2500, 1250, 1250]);
    expect(await countEvents(database)).to.eql({ rows: 5000, doubled: 0 });
    expect((await ledger.read())[0]).to.include({ accepted: 5000, stored: 5000, difference: 0 });
  });

  it('asks ClickHouse about doubtful rows and stores only the unknown ones', async () => {
    const { buffer, flusher, ledger } = await open();
    await buffer.append(0, aUnit(aRun(1, 100)));
    flusher.start();
    await drained();
    // 50 known, 50 new, 10 of the new twice; the bits were not asked
    const doubtful = (wishes: ReturnType<typeof aRun>) => ({
      ...aUnit(wishes, { doubt: true }),
      identities: [],
    });
    await buffer.append(0, doubtful(aRun(1, 100, 50)));
    await buffer.append(0, doubtful([...aRun(1, 10, 100), { stream: aStream(1), seq: 1_048_575 }]));
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 151, doubled: 0 });
    expect((await ledger.read())[0]).to.include({ accepted: 150, stored: 150, difference: 0 });
  });

  it('keeps the books while ClickHouse is away, and says how old they are', async () => {
    const proxy = await startProxy(database.engine.httpPort);
    const { buffer, flusher, ledger } = await open({ url: proxy.url });
    expect(await ledger.read()).to.be.empty;
    await buffer.append(0, aUnit(aRun(1, 10)));
    flusher.start();
    await drained();
    const [before] = await ledger.read();
    expect(before).to.include({ accepted: 10, stored: 10, difference: 0 });
    expect(before!.asOf).to.be.a('number');
    await proxy.close();
    await buffer.append(0, aUnit(aRun(2, 7)));
    const [away] = await ledger.read();
    expect(away).to.include({
      accepted: 17,
      stored: 10,
      buffered: 7,
      deadLettered: 0,
      difference: 0,
      asOf: before!.asOf,
    });
    await pipeline!.stop();
    pipeline = null;
  });

  it('shows a row that is missing from the table in the books', async () => {
    const { buffer, flusher, ledger, metrics } = await open();
    await buffer.append(0, aUnit(aRun(1, 10)));
    flusher.start();
    await drained();
    await database.as('migrator').command('TRUNCATE TABLE ingest_batches');
    expect((await ledger.read())[0]).to.include({ accepted: 10, stored: 0, difference: 10 });
    expect(await metrics.registry.getSingleMetricAsString('lintel_ledger_difference')).to.contain(
      '{site="1"} 10',
    );
  });

  it('stores a side lane in its own table, and a row that the table refuses in the dead letters', async () => {
    const { buffer, flusher, ledger, deadLetters } = await open();
    const lane = { table: 'monitor' as const, month: '', doubt: false };
    const row = (n: unknown) => ({
      at: '2026-11-25 04:00:00',
      host: 'a',
      name: 'x',
      label: String(n),
      site_id: 1,
      value: n,
      n: 1,
    });
    const side = (rows: unknown[]) => ({
      ...aUnit([], { raw: rows.map((one) => JSON.stringify(one)) }),
      lane,
      rows: rows.length,
      days: 0,
    });
    await buffer.append(0, side([row(1), row('many'), row(3)]));
    flusher.start();
    await drained();
    expect(await database.as('migrator').rows('SELECT label FROM monitor ORDER BY label')).to.eql([
      { label: '1' },
      { label: '3' },
    ]);
    expect((await deadLetters.list({ limit: 9 }))[0]).to.include({ type: '@monitor', site: 1 });
    expect(await ledger.read()).to.be.empty;
    await database.as('migrator').command('TRUNCATE TABLE monitor');
  });
});
