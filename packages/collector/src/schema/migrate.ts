import { CollectorError } from '../errors.js';
import type { Log } from '../log.js';
import type { Site } from '../sites.js';
import type { ClickHouse } from './clickhouse.js';
import { createClusterRenderer } from './cluster.js';
import { inDependencyOrder, rollupDefinitions, sha256, viewDefinitions } from './definitions.js';
import { functionsFile, sqlFiles, statements } from './files.js';
import { expandTypes } from './macros.js';
import { withMigrationLock } from './migration-lock.js';
import { aggregateTtl, retentionTtl } from './retention.js';
import { rollupRows, rollupTable, rollupView } from './rollup-sql.js';

export interface MigrateOptions {
  /** As migrator. */
  clickhouse: ClickHouse;
  database: string;
  /** Views run as `<userPrefix>_migrator`. */
  userPrefix: string;
  sites: readonly Pick<Site, 'id' | 'name' | 'timeZone' | 'currency' | 'retentionMonths'>[];
  log: Log;
  /** Replicated and Distributed tables on this cluster; null = one server. */
  cluster: string | null;
  /** Default: what lies in `migrations/`. */
  migrations?: readonly Migration[];
  /** Longest wait for another migrator. Default 60 s. */
  lockWaitMs?: number;
}

/** A numbered file; forward only. */
export interface Migration {
  version: number;
  name: string;
  text: string;
}

export const readMigrations = (): Migration[] =>
  sqlFiles('migrations').map(({ name, text }) => ({
    version: Number(name.slice(0, 3)),
    name: name.slice(4),
    text,
  }));

/** Every migration of this build, by the hash of its file. */
export const knownMigrations = (): { version: number; sha256: string }[] =>
  readMigrations().map(({ version, text }) => ({ version, sha256: sha256(text) }));

/** What this build makes and needs. */
export const SCHEMA_VERSION = Math.max(...readMigrations().map(({ version }) => version));

const LEDGER = `CREATE TABLE IF NOT EXISTS migrations (version UInt32, name String, sha256 FixedString(64), applied Ms DEFAULT now64(3), ms UInt32, lintel String) ENGINE = MergeTree ORDER BY version {safe}`;

/** Statements may take long on a large table; no answer is not a failure of theirs. */
const STATEMENT_MS = 10 * 60_000;

/**
 * Brings a database to this build's schema: pending migrations, then functions, roll-ups, views, sites and retention,
 * each only where it differs. Every statement can be repeated, so a killed run is mended by the next one.
 * @throws {CollectorError} `MIGRATION_CHANGED` when an applied file is not the one on disk, `SCHEMA_TOO_NEW`
 */
export const migrate = async (options: MigrateOptions): Promise<{ version: number; applied: string[] }> => {
  const { clickhouse, database } = options;
  await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${database}`, { database: 'default' });
  return withMigrationLock({ clickhouse, database, waitMs: options.lockWaitMs ?? 60_000 }, () =>
    run(options),
  );
};

const run = async (options: MigrateOptions): Promise<{ version: number; applied: string[] }> => {
  const { clickhouse, database, log } = options;
  const migrations = options.migrations ?? readMigrations();
  const { cluster } = options;
  const renderer = cluster === null ? null : createClusterRenderer({ cluster, database });
  const command = async (sql: string): Promise<void> => {
    for (const statement of renderer?.render(sql) ?? [sql]) {
      await clickhouse.command(statement, { database, timeoutMs: STATEMENT_MS });
    }
  };
  await command(expandTypes(LEDGER));
  const applied = await pending({ ...options, migrations }, command);
  await applyFunctions(command);
  await applyRollups(options, command);
  await applyViews(options, command);
  await writeSites(options);
  await applyRetention(options, command);
  const version = Math.max(0, ...migrations.map((migration) => migration.version));
  if (applied.length > 0) log.info('schema.migrated', { version, applied });
  return { version, applied };
};

type Command = (sql: string) => Promise<void>;

const pending = async (
  { clickhouse, database, migrations }: MigrateOptions & { migrations: readonly Migration[] },
  command: Command,
): Promise<string[]> => {
  const done = await clickhouse.rows<{ version: number; sha256: string }>(
    'SELECT version, toString(sha256) AS sha256 FROM migrations ORDER BY version',
    { database },
  );
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const { version, sha256: hash } of done) {
    const file = known.get(version);
    if (!file) {
      throw new CollectorError(
        'SCHEMA_TOO_NEW',
        `${database} is at ${version}, this build knows ${Math.max(...known.keys())}`,
      );
    }
    if (sha256(file.text) !== hash) {
      throw new CollectorError(
        'MIGRATION_CHANGED',
        `migration ${version}-${file.name} was changed after it was applied`,
      );
    }
  }
  const versions = new Set(done.map(({ version }) => version));
  const applied: string[] = [];
  for (const { version, name, text } of migrations) {
    if (versions.has(version)) continue;
    const started = Date.now();
    for (const statement of statements(text)) await command(expandTypes(statement, database));
    await clickhouse.command(
      `INSERT INTO migrations (version, name, sha256, ms, lintel)
       SELECT {version:UInt32}, {name:String}, {sha256:String}, {ms:UInt32}, ''`,
      { database, parameters: { version, name, sha256: sha256(text), ms: Date.now() - started } },
    );
    applied.push(`${version}-${name}`);
  }
  return applied;
};

const applyFunctions = async (command: Command): Promise<void> => {
  for (const statement of statements(functionsFile())) await command(statement);
};

/** Comment of each table and view: the hash of the statement that made it. */
const comments = async ({ clickhouse, database }: MigrateOptions): Promise<Map<string, string>> => {
  const rows = await clickhouse.rows<{ name: string; comment: string }>(
    'SELECT name, comment FROM system.tables WHERE database = {database:String}',
    { parameters: { database } },
  );
  return new Map(rows.map(({ name, comment }) => [name, comment]));
};

const viewMaker = (
  { userPrefix }: MigrateOptions,
  made: Map<string, string>,
  command: Command,
): ((name: string, select: string) => Promise<void>) => {
  return async (name, select) => {
    const head = `CREATE OR REPLACE VIEW ${name} DEFINER = ${userPrefix}_migrator SQL SECURITY DEFINER AS\n`;
    const hash = sha256(head + functionsFile() + select);
    if (made.get(name) === hash) return;
    await command(`${head}${select}\nCOMMENT '${hash}'`);
    // a roll-up's view is made twice: its last statement may be the one that was there
    made.set(name, hash);
  };
};

/**
 * A changed roll-up never gives a wrong answer on its way: first its view reads events alone and no day of it is clean
 * under any key, then the table is made anew and empty, then the view reads both. A key alone would not do: whoever goes
 * back to an older build meets that build's marks again, and questions carry the key in their text until they are made.
 */
const applyRollups = async (options: MigrateOptions, command: Command): Promise<void> => {
  const made = await comments(options);
  const view = viewMaker(options, made, command);
  for (const rollup of rollupDefinitions()) {
    const table = rollupTable(rollup);
    const hash = sha256(table);
    if (made.get(`${rollup.name}_days`) !== hash) {
      await view(rollup.name, rollup.select);
      await forgetBuilds(options, rollup.name);
      await command(`${table} COMMENT '${hash}'`);
    }
    await view(`${rollup.name}_rows`, rollupRows(rollup));
    await view(rollup.name, rollupView(rollup));
  }
};

/** Marks every built day of a roll-up dirty, whichever of its keys it was built under. */
const forgetBuilds = ({ clickhouse, database }: MigrateOptions, name: string): Promise<void> =>
  clickhouse.command(
    `INSERT INTO clean_days (rollup, day, build, built, version, clean)
     SELECT rollup, day, 0, now64(3), version + 1, 0 FROM clean_days FINAL
     WHERE startsWith(rollup, {prefix:String}) AND clean = 1`,
    { database, parameters: { prefix: `${name}@` }, settings: { insert_deduplicate: 0 } },
  );

const applyViews = async (options: MigrateOptions, command: Command): Promise<void> => {
  const view = viewMaker(options, await comments(options), command);
  for (const { name, select } of inDependencyOrder(viewDefinitions())) await view(name, select);
};

const writeSites = async ({ clickhouse, database, sites }: MigrateOptions): Promise<void> => {
  const fields = ['site_id', 'name', 'time_zone', 'currency'].join(', ');
  const stored = await clickhouse.rows<Record<string, unknown>>(
    `SELECT ${fields} FROM site_settings FINAL ORDER BY site_id`,
    { database },
  );
  const wanted = sites
    .map(({ id, name, timeZone, currency }) => ({ site_id: id, name, time_zone: timeZone, currency }))
    .sort((p, q) => p.site_id - q.site_id);
  if (JSON.stringify(stored) === JSON.stringify(wanted)) return;
  const version = Date.now();
  const gone = stored.filter((row) => !wanted.some(({ site_id }) => site_id === row.site_id));
  const rows = [
    ...gone.map((row) => ({ ...row, version, gone: 1 })),
    ...wanted.map((row) => ({ ...row, version, gone: 0 })),
  ];
  await clickhouse.insert(
    `INSERT INTO site_settings (${fields}, version, gone) FORMAT JSONEachRow`,
    Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
    { database },
  );
};

/** Only where the rule differs: a changed TTL rewrites metadata, and rows leave with the next merges. */
const applyRetention = async (options: MigrateOptions, command: Command): Promise<void> => {
  const { clickhouse, database, sites } = options;
  const rules = new Map([
    ['events', retentionTtl('ts', sites)],
    ...rollupDefinitions().map(
      ({ name, keep }) =>
        [`${name}_days`, keep === 'visitor' ? retentionTtl('ts', sites) : aggregateTtl('ts')] as const,
    ),
  ]);
  for (const [table, rule] of rules) {
    const [row] = await clickhouse.rows<{ same: number }>(
      `SELECT position(create_table_query, concat(' TTL ', substring(formatQuerySingleLine({sql:String}), 8), ' SETTINGS ')) > 0 AS same
       FROM system.tables WHERE database = {database:String} AND name = {table:String}`,
      { parameters: { database, table, sql: `SELECT ${rule}` } },
    );
    if (row?.same === 1) continue;
    await command(`ALTER TABLE ${table} MODIFY TTL ${rule} SETTINGS materialize_ttl_after_modify = 0`);
  }
};
