import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BackupRefused } from '../errors.js';
import { knownMigrations, retentionTtl, type ClickHouse } from '../schema/index.js';
import { readManifest } from './archive-files.js';
import type { Context } from './context.js';
import { differenceOf, expectFits, type Manifest, type TableContents } from './manifest.js';
import { engineVersion, measure, tablesOf } from './table-contents.js';

export interface RestoreRequest {
  /** Folder of the backup. */
  from: string;
  /** Folder of its keys; null: where `lintel backup` puts them, if they are there. */
  keysFrom: string | null;
}

export interface Source {
  folder: string;
  manifest: Manifest;
  /** Database whose tables it replaces. */
  into: string;
}

/** Restoring, hashing and deleting read or write everything. */
export const LONG_MS = 60 * 60_000;

/** Database beside the live one: the steward and the migrator may do everything in it. */
export const besideOf = (database: string): string => `${database}_restore`;

/** Where `lintel backup` puts the keys beside `<folder>/<id>`. */
const keysBeside = (folder: string): string =>
  join(`${dirname(resolve(folder))}-keys`, basename(resolve(folder)));

/**
 * Manifests of the data and, where there are any, of the keys; everything that they alone can tell is checked.
 * @throws {BackupRefused}
 */
export const readSources = async (
  { from, keysFrom }: RestoreRequest,
  steward: ClickHouse,
  database: string,
): Promise<Source[]> => {
  const data = { folder: from, manifest: await readManifest(from), into: database };
  if (data.manifest.kind !== 'data')
    throw new BackupRefused(`${from} holds keys; --from takes the folder of the data`);
  expectFits(data.manifest, { engine: await engineVersion(steward), migrations: knownMigrations() });
  const folder = keysFrom ?? keysBeside(from);
  if (keysFrom === null && !existsSync(folder)) return [data];
  const keys = { folder, manifest: await readManifest(folder), into: `${database}_keys` };
  if (keys.manifest.kind !== 'keys' || keys.manifest.id !== data.manifest.id)
    throw new BackupRefused(`${folder} does not hold the keys of backup ${data.manifest.id}`);
  return [data, keys];
};

/** Drops what lies beside the live database. @param migrator its client */
export const dropBeside = (migrator: ClickHouse, database: string): Promise<void> =>
  migrator.command(`DROP DATABASE IF EXISTS ${besideOf(database)} SYNC`, {
    timeoutMs: LONG_MS,
    database: 'default',
  });

export const createBeside = async (migrator: ClickHouse, database: string): Promise<void> => {
  await dropBeside(migrator, database);
  await migrator.command(`CREATE DATABASE ${besideOf(database)}`, { database: 'default' });
};

/**
 * Restores an archive beside the live tables and says what is in it. Merges stand still until then: they would drop
 * what has run out since the copy was made.
 * @param archive something for `RESTORE … FROM`   @param from database that it was made of
 */
export const contentsOf = async (
  steward: ClickHouse,
  archive: string,
  { from, tables, database }: { from: string; tables: readonly string[]; database: string },
): Promise<TableContents[]> => {
  const beside = besideOf(database);
  const list = tables.map((name) => `TABLE ${from}.${name} AS ${beside}.${name}`).join(', ');
  await steward.command(`RESTORE ${list} FROM ${archive} SETTINGS structure_only = 1`, {
    timeoutMs: LONG_MS,
  });
  for (const name of tables) await steward.command(`SYSTEM STOP MERGES ${beside}.${name}`);
  await steward.command(`RESTORE ${list} FROM ${archive}`, { timeoutMs: LONG_MS });
  const restored = (await tablesOf(steward, beside)).filter(({ name }) => tables.includes(name));
  const contents = await measure(steward, beside, restored);
  for (const name of tables) await steward.command(`SYSTEM START MERGES ${beside}.${name}`);
  return contents;
};

/**
 * Restores the archive of a manifest and compares the two.
 * @throws {BackupRefused|ClickHouseError} the live tables were not touched
 */
export const restoreBeside = async (
  { place, progress, database }: Pick<Context, 'place' | 'progress' | 'database'>,
  { folder, manifest }: Source,
  steward: ClickHouse,
): Promise<void> => {
  progress(`checking ${manifest.files.length} files of ${folder}`);
  const source = await place.source(folder, manifest);
  try {
    progress(
      `restoring ${manifest.tables.length} tables of ${manifest.database} beside the live ones, comparing`,
    );
    const found = await contentsOf(steward, source.sql, {
      from: manifest.database,
      tables: manifest.tables.map(({ name }) => name),
      database: database.name,
    });
    const difference = differenceOf(manifest.tables, found);
    if (difference !== null) throw new BackupRefused(`${folder}: ${difference}`);
  } finally {
    await source.release();
  }
};

/**
 * What ran out since the backup, or by a rule that is shorter now, does not come back.
 * @returns events that were removed
 */
export const applyRetention = async (
  { sites, progress, database }: Pick<Context, 'sites' | 'progress' | 'database'>,
  migrator: ClickHouse,
): Promise<number> => {
  const table = `${besideOf(database.name)}.events`;
  const expired = `${retentionTtl('ts', sites)} <= now()`;
  const [row] = await migrator.rows<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE ${expired}`);
  if (row!.n === 0) return 0;
  progress('removing what is past its retention');
  await migrator.command(`ALTER TABLE ${table} DELETE WHERE ${expired}`, {
    settings: { mutations_sync: 1 },
    timeoutMs: LONG_MS,
  });
  return row!.n;
};
