import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BackupRefused } from '../errors.js';
import { knownMigrations, retentionTtl, type ClickHouse } from '../schema/index.js';
import { readManifest } from './archive-files.js';
import type { Context } from './context.js';
import { differenceOf, expectFits, type Manifest } from './manifest.js';
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

/**
 * Restores one archive beside the live tables and compares it with its manifest. Merges stand still until then: they
 * would drop what has run out since, and no hash would fit.
 * @throws {BackupRefused|ClickHouseError} the live tables were not touched
 */
export const restoreBeside = async (
  { place, progress, database }: Pick<Context, 'place' | 'progress' | 'database'>,
  { folder, manifest }: Source,
  steward: ClickHouse,
): Promise<void> => {
  const beside = besideOf(database.name);
  progress(`checking ${manifest.files.length} files of ${folder}`);
  const source = await place.source(folder, manifest);
  try {
    progress(`restoring ${manifest.tables.length} tables of ${manifest.database} beside the live database`);
    const list = manifest.tables
      .map(({ name }) => `TABLE ${manifest.database}.${name} AS ${beside}.${name}`)
      .join(', ');
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
