import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BackupRefused, CollectorError } from '../errors.js';
import { bringBack, type BroughtBack, type LedgerRow } from '../flush/index.js';
import { knownMigrations, retentionTtl } from '../schema/index.js';
import { readManifest } from './archive-files.js';
import { carryOver, type Replaced } from './carry-over.js';
import { restAll, type Context } from './context.js';
import { differenceOf, expectFits, type Manifest } from './manifest.js';
import { refusedBy } from './place.js';
import { engineVersion, measure, tablesOf } from './table-contents.js';

export interface RestoreRequest {
  /** Folder of the backup. */
  from: string;
  /** Folder of its keys; null: where `lintel backup` puts them, if they are there. */
  keysFrom: string | null;
}

export interface RestoreDone {
  id: string;
  /** Rows that the archives held. */
  rows: number;
  /** Rows past their retention that the archive still had. */
  expired: number;
  replayed: BroughtBack;
  /** Rows of `events` that only the replaced database had. */
  carried: number;
  /** What the operator must know; empty when nothing is missing. */
  warnings: string[];
  ledger: LedgerRow[];
}

interface Source {
  folder: string;
  manifest: Manifest;
  /** Database whose tables are exchanged. */
  into: string;
}

const LONG_MS = 60 * 60_000;

/** Where `lintel backup` puts the keys beside `<folder>/<id>`. */
export const keysBeside = (folder: string): string =>
  join(`${dirname(resolve(folder))}-keys`, basename(resolve(folder)));

const listOf = (tables: readonly { name: string }[], from: string, to: string): string =>
  tables.map(({ name }) => `TABLE ${from}.${name} AS ${to}.${name}`).join(', ');

/**
 * Restores beside the live database and compares, so that whatever is wrong with a backup is found before anything is
 * touched; then exchanges, and brings back what was committed since.
 * @throws {BackupRefused} nothing was touched   {CollectorError} after the exchange: run it again
 */
export const restoreBackup = async (context: Context, request: RestoreRequest): Promise<RestoreDone> => {
  const { database, place, replayLog, rollups, progress, log } = context;
  const beside = `${database.name}_restore`;
  const steward = database.connect('steward');
  const migrator = database.connect('migrator');
  const dropBeside = (): Promise<void> =>
    migrator.command(`DROP DATABASE IF EXISTS ${beside} SYNC`, { timeoutMs: LONG_MS, database: 'default' });

  /** Manifest by manifest: what can be said without reading an archive is said first. */
  const sources = async (): Promise<Source[]> => {
    const data = { folder: request.from, manifest: await readManifest(request.from), into: database.name };
    if (data.manifest.kind !== 'data')
      throw new BackupRefused(`${request.from} holds keys; --from takes the folder of the data`);
    expectFits(data.manifest, { engine: await engineVersion(steward), migrations: knownMigrations() });
    const folder = request.keysFrom ?? keysBeside(request.from);
    if (request.keysFrom === null && !existsSync(folder)) return [data];
    const keys = { folder, manifest: await readManifest(folder), into: `${database.name}_keys` };
    if (keys.manifest.kind !== 'keys' || keys.manifest.id !== data.manifest.id)
      throw new BackupRefused(`${folder} does not hold the keys of backup ${data.manifest.id}`);
    return [data, keys];
  };

  /** Merges stand still until all is compared: they would drop what has run out since, and no hash would fit. */
  const restoreBeside = async ({ folder, manifest }: Source): Promise<void> => {
    progress(`checking ${manifest.files.length} files of ${folder}`);
    const source = await place.source(folder, manifest);
    try {
      progress(`restoring ${manifest.tables.length} tables of ${manifest.database} beside the live database`);
      const list = listOf(manifest.tables, manifest.database, beside);
      await steward.command(`RESTORE ${list} FROM ${source.sql} SETTINGS structure_only = 1`, {
        timeoutMs: LONG_MS,
      });
      for (const { name } of manifest.tables) await steward.command(`SYSTEM STOP MERGES ${beside}.${name}`);
      await steward.command(`RESTORE ${list} FROM ${source.sql}`, { timeoutMs: LONG_MS });
    } finally {
      await source.release();
    }
    progress('comparing rows and contents with the manifest');
    const restored = (await tablesOf(steward, beside)).filter(({ name }) =>
      manifest.tables.some((table) => table.name === name),
    );
    const difference = differenceOf(manifest.tables, await measure(steward, beside, restored));
    if (difference !== null) throw new BackupRefused(`${folder}: ${difference}`);
    for (const { name } of manifest.tables) await steward.command(`SYSTEM START MERGES ${beside}.${name}`);
  };

  /** What ran out since the backup, or by a rule that is shorter now, does not come back. */
  const applyRetention = async (): Promise<number> => {
    const rule = retentionTtl('ts', context.sites);
    const [row] = await steward.rows<{ n: number }>(
      `SELECT count() AS n FROM ${beside}.events WHERE ${rule} <= now()`,
    );
    if (row!.n === 0) return 0;
    progress('removing what is past its retention');
    await migrator.command(`ALTER TABLE ${beside}.events DELETE WHERE ${rule} <= now()`, {
      settings: { mutations_sync: 1 },
      timeoutMs: LONG_MS,
    });
    return row!.n;
  };

  const daysOf = async (name: string): Promise<string[]> => {
    const rows = await steward.rows<{ day: string }>(
      `SELECT DISTINCT toString(toDate(ts)) AS day FROM ${name}.events`,
    );
    return rows.map(({ day }) => day);
  };

  const exchange = async ({ manifest, into }: Source): Promise<string[]> => {
    const live = new Set((await tablesOf(migrator, into)).map(({ name }) => name));
    const replaced: string[] = [];
    for (const { name } of manifest.tables) {
      if (live.has(name)) {
        await migrator.command(`EXCHANGE TABLES ${into}.${name} AND ${beside}.${name}`);
        replaced.push(name);
      } else await migrator.command(`RENAME TABLE ${beside}.${name} TO ${into}.${name}`);
    }
    return replaced;
  };

  const warningsOf = (data: Manifest, all: readonly Source[], replayed: BroughtBack): string[] => {
    const { backup, gapSince } = replayLog.state();
    const warnings: string[] = [];
    if (all.length === 1)
      warnings.push(`no keys of this backup were found: ${database.name}_keys stays as it is`);
    if (backup === null)
      warnings.push('this host has no replay log: nothing later than the backup came from it');
    else if (backup.id !== data.id)
      warnings.push(
        `the replay log begins after backup ${backup.id}, not after ${data.id}: what was stored between the two ` +
          `came back only where the replaced database still had it`,
      );
    if (gapSince !== null)
      warnings.push(`the replay log was full or not writable from ${new Date(gapSince).toISOString()} on`);
    for (const name of replayed.damaged) warnings.push(`replay/${name} is damaged and was left out`);
    return warnings;
  };

  /** Everything that is found wrong in here has touched nothing. */
  const prepare = async (): Promise<{ all: Source[]; expired: number }> => {
    try {
      await place.expectUsable();
      const all = await sources();
      await dropBeside();
      await migrator.command(`CREATE DATABASE ${beside}`, { database: 'default' });
      for (const source of all) await restoreBeside(source);
      return { all, expired: await applyRetention() };
    } catch (error) {
      await dropBeside().catch((cause: unknown) => {
        log.warn('restore.not_dropped', { database: beside, error: String(cause) });
      });
      throw refusedBy(error);
    }
  };

  const bringUp = async (all: readonly Source[]): Promise<Omit<RestoreDone, 'expired' | 'ledger'>> => {
    const { manifest } = all[0]!;
    const days = [...new Set([...(await daysOf(database.name)), ...(await daysOf(beside))])];
    progress('exchanging');
    await rollups.markDirty(days);
    const replaced: Replaced[] = [];
    for (const source of all) replaced.push({ database: source.into, tables: await exchange(source) });
    await database.migrate();
    context.flusher.refresh();
    // a build that began before has counted rows that are no more
    await rollups.markDirty(days);
    progress('bringing back what was stored since the backup');
    const replayed = await bringBack({
      replayLog,
      clickhouse: database.client('writer'),
      rollups,
      clock: context.clock,
    });
    await context.books.close(manifest.books);
    progress('carrying over what only the replaced database had');
    const carried = await carryOver({ clickhouse: migrator, beside, replaced });
    const warnings = [...warningsOf(manifest, all, replayed), ...carried.warnings];
    const rows = all.flatMap((source) => source.manifest.tables).reduce((sum, table) => sum + table.rows, 0);
    return { id: manifest.id, rows, replayed, carried: carried.rows, warnings };
  };

  try {
    const { all, expired } = await prepare();
    progress('waiting for the flush and the jobs to rest');
    const rest = await restAll(context, `restore ${all[0]!.manifest.id}`).catch(async (error: unknown) => {
      await dropBeside();
      throw error;
    });
    let done: Omit<RestoreDone, 'expired' | 'ledger'>;
    try {
      done = await bringUp(all);
      rest.expectHeld();
    } catch (error) {
      throw new CollectorError(
        'CLICKHOUSE_UNREACHABLE',
        `the restore broke off half-way, run it again: ${(error as Error).message}`,
        { cause: error },
      );
    } finally {
      rest.end();
    }
    // what could not be carried over is still there for a person
    if (done.warnings.every((warning) => !warning.includes(beside))) await dropBeside();
    return { ...done, expired, ledger: await context.readLedger() };
  } finally {
    await steward.close();
    await migrator.close();
  }
};
