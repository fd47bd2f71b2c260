import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { start, type EmbeddedClickHouse } from 'clickhouse-embedded';
import { makeBackup, type BackupDone } from '../../src/backup/backup.js';
import type { Context } from '../../src/backup/context.js';
import { openJournal } from '../../src/backup/journal.js';
import { engineFolder, serverDisk } from '../../src/backup/place.js';
import { restoreBackup, type RestoreDone } from '../../src/backup/restore.js';
import { systemClock } from '../../src/clock.js';
import type { CollectorError } from '../../src/errors.js';
import { BackupRefused } from '../../src/errors.js';
import { openBooks } from '../../src/flush/books.js';
import { openReplayLog } from '../../src/flush/replay-log.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { createClickHouse, migrate, SCHEMA_VERSION, type ClickHouse } from '../../src/schema/index.js';
import {
  countEvents,
  openPipeline,
  startDatabase,
  until,
  type Pipeline,
  type TestDatabase,
} from '../flush/support/pipeline.js';
import { aRun, aUnit } from '../flush/support/rows.js';
import { SITES } from '../schema/support.js';

/** Tables that a test here writes to. */
const WRITTEN = ['events', 'ingest_batches', 'dead_letters', 'inquiries', 'orders', 'clean_days'];

const asked = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('was not refused'),
    (error: unknown) => error as Error,
  );

describe('backup and restore', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  let database: TestDatabase;
  let dataDir: string;
  let pipeline: Pipeline;
  let context: Context;
  let rows = 0;

  const connect = (role: 'migrator' | 'steward'): ClickHouse =>
    createClickHouse({
      url: database.engine.url,
      ...database.engine.credentials[role],
      database: 'lintel',
    });

  /** Clients whose commands are looked at before they are sent. */
  const watched =
    (look: (sql: string) => Promise<void> | void): Context['database']['connect'] =>
    (role) => {
      const client = connect(role);
      return {
        ...client,
        command: async (sql, options) => {
          await look(sql);
          await client.command(sql, options);
        },
      };
    };

  before(async () => {
    database = await startDatabase();
  });
  after(() => database.stop());

  beforeEach(async () => {
    for (const table of WRITTEN) await database.as('migrator').command(`TRUNCATE TABLE ${table}`);
    rows = 0;
    dataDir = mkdtempSync(join(tmpdir(), 'lintel-backup-'));
    const metrics = createMetrics();
    const replayLog = openReplayLog({ dataDir, clock: systemClock, log: silentLog, metrics });
    pipeline = await openPipeline({ database, dataDir, replayLog });
    pipeline.flusher.start();
    context = {
      database: {
        name: 'lintel',
        client: (role) => database.as(role),
        connect,
        migrate: async () => void (await database.migrate()),
      },
      place: engineFolder(database.engine.dir),
      flusher: pipeline.flusher,
      restJobs: () => Promise.resolve(() => undefined),
      replayLog,
      books: openBooks(dataDir, [pipeline.buffer], systemClock),
      journal: openJournal(dataDir),
      rollups: database.rollups,
      sites: SITES,
      readLedger: pipeline.ledger.read,
      clock: systemClock,
      log: silentLog,
      version: '0.1.0',
      progress: () => undefined,
    };
  });
  afterEach(async () => {
    await pipeline.stop();
    rmSync(dataDir, { recursive: true });
  });

  const append = async (count: number): Promise<void> => {
    await pipeline.buffer.append(0, aUnit(aRun(rows + 1, count)));
    rows += count;
  };
  const flushed = (): Promise<void> =>
    until('nothing waits', async () => (await pipeline.buffer.depth()).rows === 0);
  const store = async (count: number): Promise<void> => {
    await append(count);
    await flushed();
  };
  const backup = (more: Partial<Context> = {}): Promise<BackupDone> =>
    makeBackup(
      { ...context, ...more },
      { to: join(dataDir, 'backups'), keysTo: join(dataDir, 'backups-keys') },
    );
  const restore = ({ folder }: BackupDone, more: Partial<Context> = {}): Promise<RestoreDone> =>
    restoreBackup({ ...context, ...more }, { from: folder, keysFrom: null });
  const balanced = async (): Promise<void> => {
    for (const line of await pipeline.ledger.read())
      expect(line.difference, JSON.stringify(line)).to.equal(0);
  };
  const count = async (what: string): Promise<number> => {
    const [row] = await database.as('steward').rows<{ n: number }>(`SELECT count() AS n FROM ${what}`);
    return row!.n;
  };

  it('brings back, after everything was lost, what was in the backup and what came since: rows, dead letters, records', async () => {
    await store(50);
    const done = await backup();
    await store(30);
    const poisoned = [...aRun(1000, 4), { ...aRun(1004, 1)[0]!, more: { price_cents: 'dear' } }];
    await pipeline.buffer.append(0, aUnit(poisoned));
    await pipeline.buffer.append(0, {
      lane: { table: 'inquiries', month: '', doubt: false },
      member: gzipSync('{"site_id":1,"inquiry_id":"00000000-0000-4000-8000-000000000001","version":1}\n'),
      rows: 1,
      identities: [],
      sites: new Map(),
      days: 0,
    });
    await flushed();
    for (const table of WRITTEN) await database.as('migrator').command(`TRUNCATE TABLE ${table}`);

    const restored = await restore(done);
    expect(restored.warnings).to.eql([]);
    expect(restored.replayed).to.deep.include({ stored: 34, present: 0, others: 2, damaged: [] });
    expect(await countEvents(database)).to.eql({ rows: 84, doubled: 0 });
    expect(await count("dead_letters FINAL WHERE state = 'open'")).to.equal(1);
    expect(await count('inquiries FINAL')).to.equal(1);
    await balanced();

    expect((await restore(done)).replayed, 'a second time').to.deep.include({ stored: 34, damaged: [] });
    expect(await countEvents(database)).to.eql({ rows: 84, doubled: 0 });
    await balanced();
  });

  it('lets the flush rest only for the copy, and intake go on', async () => {
    await store(10);
    let during = 0;
    const done = await backup({
      database: {
        ...context.database,
        connect: watched(async (sql) => {
          if (!sql.startsWith('BACKUP TABLE lintel.')) return;
          await append(7);
          await new Promise((resolve) => setTimeout(resolve, 300));
          during = (await pipeline.buffer.depth()).rows;
        }),
      },
    });
    expect(during, 'waiting while the copy is made').to.equal(7);
    await flushed();
    expect(await countEvents(database)).to.eql({ rows: 17, doubled: 0 });
    await restore(done);
    expect(await countEvents(database)).to.eql({ rows: 17, doubled: 0 });
    await balanced();
  });

  it('takes a merge for what it is, and a table that somebody writes to for no copy of one moment', async () => {
    await store(10);
    await store(10);
    let copies = 0;
    const during = (work: () => Promise<void>): Partial<Context> => ({
      database: {
        ...context.database,
        connect: watched(async (sql) => {
          if (!sql.startsWith('BACKUP TABLE lintel.')) return;
          copies += 1;
          await work();
        }),
      },
    });
    await backup(during(() => database.as('migrator').command('OPTIMIZE TABLE events FINAL')));
    expect(copies).to.equal(1);

    const event = { ts: Date.now(), type: 'click', stream: '00000000-0000-4000-8000-0000ffffffff' };
    const refused = await asked(backup(during(() => database.store([{ ...event, seq: copies }]))));
    expect(refused.message).to.match(/events became \d+ from \d+: does another collector write/);
    expect(copies).to.equal(4);
    expect(readdirSync(join(dataDir, 'backups')), 'the first backup alone').to.have.length(1);
    expect(readdirSync(join(database.engine.dir, 'backups'))).to.eql([]);
    await store(5);
    expect(await countEvents(database)).to.eql({ rows: 28, doubled: 0 });
  });

  it('does not bring back what is past its retention by now', async () => {
    await store(20);
    const old = Date.now() - 70 * 86_400_000;
    await database.store(
      Array.from({ length: 5 }, (_, n) => ({
        ts: old,
        type: 'click',
        stream: '00000000-0000-4000-8000-00000000000a',
        seq: n,
      })),
    );
    const done = await backup();
    const sites = SITES.map(({ id }) => ({ id, retentionMonths: 1 }));
    // the live ones go by the same rule, so that nothing is carried over
    await database.as('migrator').command('TRUNCATE TABLE events');
    expect(await restore(done, { sites })).to.include({ expired: 5 });
    expect(await countEvents(database)).to.eql({ rows: 20, doubled: 0 });
  });

  it('migrates what an older build has backed up', async () => {
    await store(20);
    const migrator = database.as('migrator');
    for (const table of ['notifications', 'changes_log', 'segment_members_shadow', 'quality_daily'])
      await migrator.command(`DROP TABLE ${table} SYNC`);
    await migrator.command('ALTER TABLE migrations DELETE WHERE version >= 4', {
      settings: { mutations_sync: 1 },
    });
    const done = await backup();
    await database.migrate();
    expect(await count('migrations')).to.equal(SCHEMA_VERSION);
    await restore(done);
    expect(await count(`migrations WHERE version = ${SCHEMA_VERSION}`)).to.equal(1);
    expect(await count('changes_log')).to.equal(0);
    await store(5);
    expect(await countEvents(database)).to.eql({ rows: 25, doubled: 0 });
  });

  const CUTS: readonly (readonly [what: string, statement: RegExp])[] = [
    ['before the first exchange', /^EXCHANGE TABLES/],
    ['before the exchange of the events', /^EXCHANGE TABLES lintel\.events /],
    ['between events and receipts', /^EXCHANGE TABLES lintel\.ingest_batches /],
    ['before the last exchange', /^EXCHANGE TABLES lintel\.weekly_behaviour /],
    ['before the events are carried over', /^INSERT INTO lintel\.events /],
    ['before their receipts are carried over', /^INSERT INTO lintel\.ingest_batches /],
    ['before the replaced tables are dropped', /^DROP DATABASE IF EXISTS lintel_restore/],
  ];
  for (const [what, statement] of CUTS) {
    it(`cut off ${what}: run again, it ends with everything, once`, async () => {
      await store(20);
      const done = await backup();
      // as on a machine that waited for its restore: no log, rows that only the tables have which are replaced
      rmSync(join(dataDir, 'replay'), { recursive: true });
      const metrics = createMetrics();
      const replayLog = openReplayLog({ dataDir, clock: systemClock, log: silentLog, metrics });
      await store(30);
      let [cut, prepared] = [false, false];
      const cutting: Context['database']['connect'] = watched((sql) => {
        // the first drop makes room for the tables beside
        const meant = statement.test(sql) && (prepared || !sql.startsWith('DROP'));
        prepared ||= sql.startsWith('RESTORE');
        if (cut || !meant) return;
        cut = true;
        throw new Error('cut off');
      });
      const refused = await asked(
        restore(done, { replayLog, database: { ...context.database, connect: cutting } }),
      );
      expect(refused.message).to.match(/cut off/);
      await store(10);
      await restore(done, { replayLog });
      expect(await countEvents(database)).to.eql({ rows: 60, doubled: 0 });
      await balanced();
      expect(await count("system.tables WHERE database = 'lintel_restore'")).to.equal(0);
    });
  }

  it('makes and restores no other backup while a restore is not finished', async () => {
    await store(5);
    const [one, other] = [await backup(), await backup()];
    const cutting = watched((sql) => {
      if (sql.startsWith('EXCHANGE')) throw new Error('cut off');
    });
    const broken = await asked(restore(one, { database: { ...context.database, connect: cutting } }));
    expect((broken as CollectorError).code).to.equal('RESTORE_UNFINISHED');
    const refused = await asked(restore(other));
    expect(refused).to.be.instanceOf(BackupRefused);
    expect(refused.message).to.contain(one.id);
    expect((await asked(backup())).message).to.contain(one.id);
    await restore(one);
    await restore(other);
  });

  it('needs a flush that can rest', async () => {
    await pipeline.flusher.stop();
    expect((await asked(backup())).message).to.match(/the flush/);
    expect(context.replayLog.state().backup).to.equal(null);
  });
});

describe('backup to a disk of a server', function () {
  this.timeout(180_000);

  const withEngine = async (
    config: string | null,
    work: (engine: EmbeddedClickHouse, steward: () => ClickHouse) => Promise<void>,
  ): Promise<void> => {
    const dir = mkdtempSync(join(tmpdir(), 'lintel-disk-'));
    if (config !== null) {
      mkdirSync(join(dir, 'config.d'));
      writeFileSync(join(dir, 'config.d', 'backups.xml'), config.replace('PATH', join(dir, 'disk')));
    }
    const engine = await start({ dir, httpPort: 0, tcpPort: 0 });
    try {
      await work(engine, () =>
        createClickHouse({ url: engine.url, ...engine.credentials.steward, database: 'lintel' }),
      );
    } finally {
      await engine.stop();
      rmSync(dir, { recursive: true });
    }
  };

  it('names what the server lacks', () =>
    withEngine(null, async (_engine, steward) => {
      const refused = await asked(serverDisk(steward, null).expectUsable());
      expect(refused).to.be.instanceOf(BackupRefused);
      expect(refused.message).to.match(/no disk "backups".*storage_configuration.*allowed_disk/);
      expect((await asked(serverDisk(steward, 'main').expectUsable())).message).to.match(/ON CLUSTER main/);
    }));

  it('writes to it and reads from it, and tells a backup on a disk from one in a folder', () =>
    withEngine(
      `<clickhouse>
         <storage_configuration><disks><backups><type>local</type><path>PATH/</path></backups></disks></storage_configuration>
         <backups><allowed_disk>backups</allowed_disk></backups>
       </clickhouse>`,
      async (engine, steward) => {
        const connect = (role: 'migrator' | 'steward' | 'writer'): ClickHouse =>
          createClickHouse({ url: engine.url, ...engine.credentials[role], database: 'lintel' });
        const [migrator, writer] = [connect('migrator'), connect('writer')];
        const migrateHere = async (): Promise<void> =>
          void (await migrate({
            clickhouse: migrator,
            database: 'lintel',
            userPrefix: 'lintel',
            sites: SITES,
            log: silentLog,
            cluster: null,
          }));
        await migrateHere();
        const dataDir = mkdtempSync(join(tmpdir(), 'lintel-disk-data-'));
        const context: Context = {
          database: { name: 'lintel', client: () => writer, connect, migrate: migrateHere },
          place: serverDisk(steward, null),
          flusher: {
            rest: () => Promise.resolve({ held: () => true, end: () => undefined }),
            refresh: () => undefined,
          },
          restJobs: () => Promise.resolve(() => undefined),
          replayLog: openReplayLog({
            dataDir,
            clock: systemClock,
            log: silentLog,
            metrics: createMetrics(),
          }),
          books: openBooks(dataDir, [], systemClock),
          journal: openJournal(dataDir),
          rollups: { markDirty: () => Promise.resolve() },
          sites: SITES,
          readLedger: () => Promise.resolve([]),
          clock: systemClock,
          log: silentLog,
          version: '0.1.0',
          progress: () => undefined,
        };
        try {
          const order = "INSERT INTO orders (site_id, order_id, version) SELECT 1, 'a', ";
          await migrator.command(`${order} 1`);
          const done = await makeBackup(context, { to: dataDir, keysTo: `${dataDir}/keys` });
          await migrator.command('TRUNCATE TABLE orders');
          const request = { from: done.folder, keysFrom: done.keysFolder };
          const folder = { ...context, place: engineFolder(engine.dir) };
          expect((await asked(restoreBackup(folder, request))).message).to.match(/on a disk of a ClickHouse/);
          await restoreBackup(context, request);
          expect(await migrator.rows('SELECT order_id AS id FROM orders')).to.eql([{ id: 'a' }]);
        } finally {
          await migrator.close();
          await writer.close();
          rmSync(dataDir, { recursive: true });
        }
      },
    ));
});
