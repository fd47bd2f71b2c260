import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  countEvents,
  emptyTables,
  openPipeline,
  startDatabase,
  until,
  type Pipeline,
  type TestDatabase,
} from './support/pipeline.js';
import { aRun, aStream, aUnit, rowJson, type RowWish } from './support/rows.js';

describe('dead letters', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let pipeline: Pipeline | null = null;

  const open = async (options: Partial<Parameters<typeof openPipeline>[0]> = {}): Promise<Pipeline> => {
    pipeline = await openPipeline({ database, ...options });
    return pipeline;
  };
  const drained = (): Promise<void> =>
    until('the buffer is empty', async () => (await pipeline!.buffer.depth()).rows === 0);

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

  const bad = (stream: number, seq: number): RowWish => ({
    stream: aStream(stream),
    seq,
    more: { seq: 'no number' },
  });

  it('cuts a poison row out, stores the rest, and keeps the row with its reason and bytes', async () => {
    const { buffer, flusher, ledger, deadLetters, log } = await open();
    await buffer.append(0, aUnit(aRun(1, 40)));
    await buffer.append(
      0,
      aUnit([
        ...aRun(2, 7),
        { stream: aStream(2), seq: 7, more: { price_cents: 'dear' } },
        ...aRun(2, 12, 8),
      ]),
    );
    await buffer.append(0, aUnit(aRun(3, 40)));
    flusher.start();
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 99, doubled: 0 });
    const [letter, ...others] = await deadLetters.list({ limit: 10 });
    expect(others).to.be.empty;
    expect(letter).to.include({
      site: 1,
      stream: aStream(2),
      seq: 7,
      type: 'click',
      reason: 'poison',
      state: 'open',
    });
    expect(letter!.error).to.contain('(at row 48)');
    expect(letter!.raw).to.contain('"price_cents":"dear"');
    expect((await ledger.read())[0]).to.include({
      accepted: 100,
      stored: 99,
      deadLettered: 1,
      difference: 0,
    });
    expect(log.of('flush.retry')).to.be.empty;
  });

  it('cuts every bad row of a part full of them with far fewer inserts than rows', async () => {
    let inserts = 0;
    const { buffer, flusher, ledger } = await open({
      wrap: (client) => ({
        ...client,
        insert: (sql, body, options) => {
          if (options?.queryId !== undefined) inserts += 1;
          return client.insert(sql, body, options);
        },
      }),
    });
    const rows = aRun(1, 1000).map((row, i) => (i % 10 === 3 ? { ...row, more: { depth: 'deep' } } : row));
    await buffer.append(0, aUnit(rows));
    flusher.start();
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 900, doubled: 0 });
    expect((await ledger.read())[0]).to.include({
      accepted: 1000,
      stored: 900,
      deadLettered: 100,
      difference: 0,
    });
    expect(inserts).to.equal(4);
  });

  it('cuts out rows whose text ClickHouse cannot read, and stores what stands beside them', async () => {
    const { buffer, flusher, ledger } = await open();
    const rows = aRun(1, 40);
    const raw = rows.map((row, i) =>
      i % 10 === 3 ? rowJson({ ...row, more: { message: 'x' } }).replace('"x"', '"\\ud800"') : rowJson(row),
    );
    await buffer.append(0, aUnit(rows, { raw }));
    flusher.start();
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 36, doubled: 0 });
    expect((await ledger.read())[0]).to.include({ accepted: 40, stored: 36, deadLettered: 4, difference: 0 });
  });

  it('asks about few rows at a time where the bad ones lie side by side', async () => {
    let [probes, bytes] = [0, 0];
    const { buffer, flusher, ledger } = await open({
      wrap: (client) => ({
        ...client,
        insert: (sql, body, options) => {
          if (sql.includes('materialize(0)'))
            [probes, bytes] = [probes + 1, bytes + (body as Uint8Array).length];
          return client.insert(sql, body, options);
        },
      }),
    });
    const rows = aRun(1, 200).map((row, i) => (i < 50 ? { ...row, more: { depth: 'deep' } } : row));
    const whole = rows.map((row) => rowJson(row).length).reduce((sum, n) => sum + n, 0);
    await buffer.append(0, aUnit(rows));
    flusher.start();
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 150, doubled: 0 });
    expect((await ledger.read())[0]).to.include({
      accepted: 200,
      stored: 150,
      deadLettered: 50,
      difference: 0,
    });
    expect(probes).to.be.within(45, 60);
    // if each carried all that is left, forty times the part
    expect(bytes / whole).to.be.below(4);
  });

  it('divides a part whose failure names no row, and finds the one row to blame', async () => {
    const guilty = 'guilty-one';
    let inserts = 0;
    const { buffer, flusher, ledger, deadLetters } = await open({
      wrap: (client) => ({
        ...client,
        insert: async (sql, body, options) => {
          if (options?.queryId !== undefined) inserts += 1;
          try {
            await client.insert(sql, body, options);
          } catch (error) {
            // as from an expression that runs on the block: the same code, no place
            (error as Error).message = (error as Error).message.replace(/\(at row \d+\)/, '');
            throw error;
          }
        },
      }),
    });
    const rows = aRun(1, 1000).map((row, i) => (i === 617 ? { ...row, more: { times: guilty } } : row));
    await buffer.append(0, aUnit(rows));
    flusher.start();
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 999, doubled: 0 });
    expect(await deadLetters.list({ limit: 9 })).to.have.length(1);
    expect((await deadLetters.list({ limit: 9 }))[0]).to.include({ seq: 617, reason: 'poison_alone' });
    expect((await ledger.read())[0]).to.include({
      accepted: 1000,
      stored: 999,
      deadLettered: 1,
      difference: 0,
    });
    // both halves of each level and the whole at first
    expect(inserts).to.be.at.most(2 * Math.ceil(Math.log2(1000)) + 1);
  });

  it('keeps lines that are no JSON under the site that the books miss them at', async () => {
    const { buffer, flusher, ledger, deadLetters } = await open();
    const wishes = [...aRun(1, 3), { stream: aStream(2), seq: 0, site: 7 }, ...aRun(1, 3, 3)];
    const lines = wishes.map((wish, i) => (i === 3 ? '{"site_id":"\\ud800", oh' : rowJson(wish)));
    await buffer.append(0, aUnit(wishes, { raw: lines }));
    flusher.start();
    await drained();
    const [letter] = await deadLetters.list({ limit: 10 });
    expect(letter).to.include({ site: 7, seq: 0, raw: lines[3] });
    expect(await ledger.read()).to.satisfy((rows: { difference: number }[]) =>
      rows.every((row) => row.difference === 0),
    );
    expect(await deadLetters.replay({})).to.equal(0);
    expect((await deadLetters.list({ limit: 10 }))[0]).to.include({ state: 'open' });
  });

  it('takes no neighbour with a line that ends too soon or not at all', async () => {
    const { buffer, flusher, ledger, deadLetters, log } = await open();
    const wishes = aRun(1, 40);
    const damage = (wish: RowWish, i: number): string => {
      const text = rowJson(wish);
      // an object that ends too soon is a row to ClickHouse, and what is left of the line stands against the next one
      if (i % 8 === 2) return text.replace(',', '}');
      // a text that does not end
      if (i % 8 === 5) return text.slice(0, text.lastIndexOf('"'));
      return text;
    };
    const lines = wishes.map(damage);
    await buffer.append(0, aUnit(wishes, { raw: lines }));
    flusher.start();
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 30, doubled: 0 });
    const letters = await deadLetters.list({ limit: 50 });
    expect(letters.map(({ raw }) => raw)).to.have.members(lines.filter((_, i) => i % 8 === 2 || i % 8 === 5));
    expect((await ledger.read())[0]).to.include({
      accepted: 40,
      stored: 30,
      deadLettered: 10,
      difference: 0,
    });
    expect(log.of('flush.partial')).to.be.empty;
  });

  it('replays a letter once its cause is gone, and stores it once however often it is replayed', async () => {
    const { buffer, flusher, ledger, deadLetters } = await open();
    await buffer.append(0, aUnit([...aRun(1, 5), { stream: aStream(1), seq: 5, more: { newcomer: 1 } }]));
    flusher.start();
    await drained();
    expect((await ledger.read())[0]).to.include({ accepted: 6, stored: 5, deadLettered: 1, difference: 0 });

    // a replay that changes nothing about the cause ends in another letter, and the books stay closed
    const [first] = await deadLetters.list({ limit: 1 });
    expect(await deadLetters.replay({ ids: [first!.id] })).to.equal(1);
    await drained();
    expect(await countEvents(database)).to.eql({ rows: 5, doubled: 0 });
    expect((await ledger.read())[0]).to.include({ accepted: 6, stored: 5, deadLettered: 1, difference: 0 });

    await database.as('migrator').command('ALTER TABLE events ADD COLUMN newcomer UInt8');
    try {
      // the flusher learns of new columns after an error that they explain; a new one reads them at once
      await pipeline!.flusher.stop();
      const again = await openPipeline({ database, buffer, dataDir: pipeline!.dataDir });
      again.flusher.start();
      // a crash between the append and the mark is a replay that happens twice
      expect(await deadLetters.replay({})).to.equal(1);
      await database
        .as('migrator')
        .command(
          "INSERT INTO dead_letters SELECT * REPLACE('open' AS state, version + 1 AS version) FROM dead_letters FINAL ORDER BY at DESC LIMIT 1",
        );
      expect(await deadLetters.replay({})).to.equal(1);
      await drained();
      expect(await countEvents(database)).to.eql({ rows: 6, doubled: 0 });
      expect((await ledger.read())[0]).to.include({ accepted: 6, stored: 6, deadLettered: 0, difference: 0 });
      expect(await deadLetters.replay({})).to.equal(0);
      await again.stop();
    } finally {
      await database.as('migrator').command('ALTER TABLE events DROP COLUMN newcomer');
    }
  });

  it('puts rows into quarantine when the table refuses them, and moves them into it afterwards', async () => {
    const { buffer, flusher, ledger, deadLetters, dataDir, log } = await open();
    await database.as('migrator').command('RENAME TABLE dead_letters TO dead_letters_away');
    try {
      await buffer.append(0, aUnit([...aRun(1, 5), bad(1, 5)]));
      flusher.start();
      await drained();
      expect(readdirSync(join(dataDir, 'quarantine'))).to.have.length(1);
      expect(log.of('dead_letters.refused')[0]!.fields).to.include({ code: 60, page: true });
    } finally {
      await database.as('migrator').command('RENAME TABLE dead_letters_away TO dead_letters');
    }
    expect(await countEvents(database)).to.eql({ rows: 5, doubled: 0 });
    expect((await ledger.read())[0]).to.include({ accepted: 6, stored: 5, deadLettered: 1, difference: 0 });
    await deadLetters.returnQuarantined();
    expect(readdirSync(join(dataDir, 'quarantine'))).to.be.empty;
    expect(await deadLetters.list({ limit: 9 })).to.have.length(1);
    expect((await ledger.read())[0]).to.include({ accepted: 6, stored: 5, deadLettered: 1, difference: 0 });
  });
});
