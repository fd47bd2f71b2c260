import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupRefused, CollectorError } from '../errors.js';
import { moveFolder, writeManifest } from './archive-files.js';
import { MANIFEST_FORMAT, type Manifest } from './manifest.js';
import type { Context } from './context.js';
import { restAll } from './context.js';
import { refusedBy } from './place.js';
import {
  appliedMigrations,
  coveredBatches,
  engineVersion,
  measure,
  partsOf,
  tablesOf,
} from './table-contents.js';
import type { ClickHouse } from '../schema/index.js';

export interface BackupRequest {
  /** Folder that gets a folder with the backup. */
  to: string;
  /** The same for the wrapped keys of contact data: another place, so that one copy alone opens nothing. */
  keysTo: string;
}

export interface BackupDone {
  id: string;
  folder: string;
  keysFolder: string;
  tables: number;
  rows: number;
  bytes: number;
  /** How long the flush rested, ms; intake went on. */
  restedMs: number;
}

/** One archive: a database, and where its manifest goes. */
interface Archive {
  kind: Manifest['kind'];
  database: string;
  to: string;
}

const BACKUP_MS = 60 * 60_000;
const MOST_ATTEMPTS = 3;

const idAt = (ms: number): string => {
  const time = new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
};

/**
 * Writes an archive and what is in it. The flush and the jobs rest, but merges and expiry go on, and another collector
 * may write: a table whose contents were not the same before and after is no copy of one moment.
 */
const writeArchive = async (
  clickhouse: ClickHouse,
  database: string,
  target: () => Promise<string>,
): Promise<Manifest['tables']> => {
  for (let attempt = 1; ; attempt++) {
    const tables = await tablesOf(clickhouse, database);
    const parts = await partsOf(clickhouse, database);
    const contents = await measure(clickhouse, database, tables);
    const list = tables.map(({ name }) => `TABLE ${database}.${name}`).join(', ');
    await clickhouse.command(`BACKUP ${list} TO ${await target()}`, { timeoutMs: BACKUP_MS });
    const now = await partsOf(clickhouse, database);
    const merged = tables.filter(({ name }) => parts.get(name) !== now.get(name));
    const again = await measure(clickhouse, database, merged);
    const changed = again.find(
      ({ name, rows, hash }) =>
        !contents.some((one) => one.name === name && one.rows === rows && one.hash === hash),
    );
    if (!changed) return contents;
    if (attempt === MOST_ATTEMPTS)
      throw new CollectorError('BUSY', `table ${changed.name} was written to: does another collector run?`);
  }
};

/**
 * One consistent backup of both databases. Until the last rename there is no folder of that name with a manifest, so a
 * half one is never taken for a backup.
 * @throws {BackupRefused|CollectorError} `BUSY`; nothing is left behind
 */
export const makeBackup = async (context: Context, request: BackupRequest): Promise<BackupDone> => {
  const { database, place, replayLog, clock, progress } = context;
  const steward = database.connect('steward');
  const at = clock.now();
  const id = idAt(at);
  const archives: Archive[] = [
    { kind: 'data', database: database.name, to: request.to },
    { kind: 'keys', database: `${database.name}_keys`, to: request.keysTo },
  ];
  const draft = ({ to }: Archive): string => join(to, `${id}.partial`);
  const nameOf = ({ kind }: Archive): string => `${id}-${kind}`;
  try {
    const unfinished = await context.journal.read();
    // the copy would lack what that one has not brought back yet, and the replay log would let go of it
    if (unfinished)
      throw new BackupRefused(`the restore of backup ${unfinished.id} is not finished: run it again first`);
    await place.expectUsable();
    for (const archive of archives) await mkdir(draft(archive), { recursive: true, mode: 0o700 });
    progress('waiting for the flush and the jobs to rest');
    const rest = await restAll(context, id);
    const restedAt = performance.now();
    const covered = replayLog.begin();
    const contents = new Map<Archive, Manifest['tables']>();
    try {
      let common: Pick<Manifest, 'engine' | 'migrations' | 'covers' | 'books'>;
      try {
        common = {
          engine: await engineVersion(steward),
          migrations: await appliedMigrations(steward, database.name),
          covers: await coveredBatches(steward, database.name),
          books: await context.books.read(),
        };
        for (const archive of archives) {
          progress(`copying ${archive.database}`);
          const target = (): Promise<string> => place.target(nameOf(archive));
          contents.set(archive, await writeArchive(steward, archive.database, target));
        }
        rest.expectHeld();
      } finally {
        rest.end();
      }
      const restedMs = Math.round(performance.now() - restedAt);

      let bytes = 0;
      for (const archive of archives) {
        progress(`writing checksums of ${archive.database}`);
        const held = await place.collect(nameOf(archive), draft(archive));
        bytes += held.files.reduce((sum, { size }) => sum + size, 0);
        await writeManifest(draft(archive), {
          format: MANIFEST_FORMAT,
          id,
          kind: archive.kind,
          created: new Date(at).toISOString(),
          collector: context.version,
          ...common,
          ...(archive.kind === 'keys' && { covers: [], books: [] }),
          database: archive.database,
          tables: contents.get(archive)!,
          ...held,
        });
      }
      for (const archive of [...archives].reverse()) await moveFolder(draft(archive), join(archive.to, id));
      await replayLog.cover(covered, { id, at });
      const tables = [...contents.values()].flat();
      return {
        id,
        folder: join(request.to, id),
        keysFolder: join(request.keysTo, id),
        tables: tables.length,
        rows: tables.reduce((sum, { rows }) => sum + rows, 0),
        bytes,
        restedMs,
      };
    } catch (error) {
      await replayLog.abandon(covered);
      throw error;
    }
  } catch (error) {
    for (const archive of archives) {
      await rm(draft(archive), { recursive: true, force: true });
      await place.discard(nameOf(archive));
    }
    throw refusedBy(error);
  } finally {
    await steward.close();
  }
};
