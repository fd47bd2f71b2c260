import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EVENT_COLUMNS } from '@lintel/protocol';
import { expect } from 'chai';
import type { CollectorError } from '../../src/errors.js';
import type { ClickHouse } from '../../src/schema/index.js';
import { SCHEMA_VERSION } from '../../src/schema/index.js';
import { readMigrations, type Migration } from '../../src/schema/migrate.js';
import { SITES, useDatabase } from './support.js';

/** Everything a schema is, without what only names it. */
const shape = async (clickhouse: ClickHouse): Promise<Record<string, unknown[]>> => {
  const rows = (sql: string): Promise<Record<string, unknown>[]> => clickhouse.rows(sql);
  return {
    tables: await rows(
      "SELECT name, create_table_query FROM system.tables WHERE database = 'lintel' AND name != 'migrations' ORDER BY name",
    ),
    columns: await rows(
      "SELECT table, name, type, position, default_kind, default_expression, compression_codec FROM system.columns WHERE database = 'lintel' ORDER BY table, position",
    ),
    ledger: await rows('SELECT version, name, sha256 FROM migrations ORDER BY version'),
  };
};

const dropEverything = async (clickhouse: ClickHouse): Promise<void> => {
  const tables = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'lintel'",
  );
  for (const { name } of tables) await clickhouse.command(`DROP TABLE ${name} SYNC`);
};

const code = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return (error as CollectorError).code;
  }
  return 'none';
};

/** A next release: a column, a table, an index. */
const NEXT: Migration = {
  version: SCHEMA_VERSION + 1,
  name: 'next',
  text: [
    "ALTER TABLE events ADD COLUMN IF NOT EXISTS later Label DEFAULT 'x' AFTER props;",
    'CREATE TABLE IF NOT EXISTS later (a UInt8, at Sec) ENGINE = MergeTree ORDER BY a {safe};',
    'ALTER TABLE events ADD INDEX IF NOT EXISTS i_later later TYPE set(0) GRANULARITY 1;',
  ].join('\n'),
};

describe('migrate', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  const db = useDatabase('each');

  it('makes the columns that the protocol writes, in its order', async () => {
    const columns = await db
      .as('migrator')
      .rows<{ name: string; type: string }>(
        "SELECT name, type FROM system.columns WHERE database = 'lintel' AND table = 'events' ORDER BY position",
      );
    expect(columns.filter(({ name }) => name !== 'batch')).to.deep.equal(EVENT_COLUMNS);
    expect(columns.find(({ name }) => name === 'batch')).to.deep.equal({ name: 'batch', type: 'UInt64' });
  });

  it('numbers every file of migrations once, without a gap', () => {
    expect(readMigrations().map(({ version }) => version)).to.deep.equal(
      readMigrations().map((_, index) => index + 1),
    );
  });

  it('makes the database of the wrapped keys', async () => {
    await db
      .as('writer')
      .insert(
        'INSERT INTO lintel_keys.keys FORMAT JSONEachRow',
        Buffer.from('{"site_id":1,"key_id":"00000000-0000-4000-8000-000000000001","wrapped":"x"}'),
      );
    expect(await db.as('migrator').rows('SELECT wrapped FROM lintel_keys.keys')).to.deep.equal([
      { wrapped: 'x' },
    ]);
  });

  it('changes nothing when it runs again, alone or three at once', async () => {
    const before = await shape(db.as('migrator'));
    expect(await db.migrate()).to.deep.equal({ version: SCHEMA_VERSION, applied: [] });
    await Promise.all([db.migrate(), db.migrate(), db.migrate()]);
    expect(await shape(db.as('migrator'))).to.deep.equal(before);
  });

  it('gives a fresh database and a migrated one with rows the same schema', async () => {
    const migrations = [...readMigrations(), NEXT];
    await db.store([{ ts: Date.now(), type: 'page_view' }]);
    expect((await db.migrate({ migrations })).applied).to.deep.equal([`${NEXT.version}-next`]);
    const migrated = await shape(db.as('migrator'));
    const fresh = db.as('migrator');
    await dropEverything(fresh);
    await db.migrate({ migrations });
    expect(await shape(fresh)).to.deep.equal(migrated);
  });

  it('comes to the same schema when it is killed after any statement and repeated', async function () {
    this.timeout(120_000);
    const migrations = [...readMigrations(), NEXT];
    const real = db.as('migrator');
    await dropEverything(real);
    await db.migrate({ migrations });
    const whole = await shape(real);
    let finished = false;
    for (let most = 0; !finished; most = Math.ceil(most * 1.5) + 1) {
      await dropEverything(real);
      let left = most;
      const dying: ClickHouse = {
        ...real,
        command: (sql, options) => {
          // the lock's own statements are not the database's
          if (/sleepEachRow|KILL QUERY/.test(sql)) return real.command(sql, options);
          return left-- > 0 ? real.command(sql, options) : Promise.reject(new Error('killed'));
        },
      };
      finished = (await code(db.migrate({ clickhouse: dying, migrations }))) === 'none';
      await db.migrate({ migrations });
      expect(await shape(real), `killed after ${most} statements`).to.deep.equal(whole);
    }
  });

  it('stops when an applied file was changed', async () => {
    const [first, ...rest] = readMigrations();
    const changed = [{ ...first!, text: `${first!.text}\n-- later\n` }, ...rest];
    expect(await code(db.migrate({ migrations: changed }))).to.equal('MIGRATION_CHANGED');
  });

  it('stops before a schema that is newer than this build', async () => {
    await db.migrate({ migrations: [...readMigrations(), NEXT] });
    expect(await code(db.migrate())).to.equal('SCHEMA_TOO_NEW');
  });

  it('waits for another migrator, and takes over when that one is killed', async function () {
    this.timeout(180_000);
    const { user, password } = db.engine.credentials.migrator;
    const holder = spawn(
      process.execPath,
      [
        '--import=tsx',
        '--conditions=source',
        fileURLToPath(new URL('./hold-migration-lock.ts', import.meta.url)),
        db.engine.url,
        user,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    holder.stdin.end(password);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    expect(await code(db.migrate({ lockWaitMs: 300 }))).to.equal('CLICKHOUSE');
    holder.kill('SIGKILL');
    expect(await code(db.migrate({ lockWaitMs: 20_000 }))).to.equal('none');
  });

  it('keeps each site as long as its settings say, and follows a change', async () => {
    const ttl = async (table: string): Promise<string> => {
      const [row] = await db
        .as('migrator')
        .rows<{ sql: string }>(
          "SELECT create_table_query AS sql FROM system.tables WHERE database = 'lintel' AND name = {table:String}",
          { parameters: { table } },
        );
      return row!.sql;
    };
    expect(await ttl('events')).to.include('multiIf((site_id IN (2)), 6, 14)');
    expect(await ttl('journey_days')).to.include('multiIf((site_id IN (2)), 6, 14)');
    await db.migrate({ sites: SITES.map((site) => ({ ...site, retentionMonths: 14 })) });
    expect(await ttl('events')).to.include('TTL toDateTime(ts) + toIntervalMonth(14) SETTINGS');
    await db.store([
      { ts: Date.now() - 8 * 31 * 86_400_000, type: 'page_view', site_id: 2 },
      { ts: Date.now() - 8 * 31 * 86_400_000, type: 'page_view', site_id: 1 },
    ]);
    await db.migrate();
    await db.as('migrator').command('ALTER TABLE events MATERIALIZE TTL SETTINGS mutations_sync = 2');
    expect(await db.as('migrator').rows('SELECT site_id FROM events')).to.deep.equal([{ site_id: 1 }]);
  });

  it('knows the configured sites, and forgets one that was taken out', async () => {
    const sites = () =>
      db.as('migrator').rows('SELECT site_id, name, time_zone FROM site_settings FINAL ORDER BY site_id');
    expect(await sites()).to.deep.equal([
      { site_id: 1, name: 'NEST', time_zone: 'Europe/Vienna' },
      { site_id: 2, name: 'Kolkata', time_zone: 'Asia/Kolkata' },
    ]);
    await db.migrate({ sites: [{ ...SITES[1]!, name: 'Bengaluru' }] });
    expect(await sites()).to.deep.equal([{ site_id: 2, name: 'Bengaluru', time_zone: 'Asia/Kolkata' }]);
  });
});
