import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupRefused, CollectorError } from '../errors.js';
import { moveFolder, writeManifest } from './archive-files.js';
import { MANIFEST_FORMAT, type Manifest } from './manifest.js';
import type { Context } from './context.js';
import { restAll } from './context.js';
import { refusedBy } from './place.js';
import { contentsOf, createBeside, dropBeside } from './restore-beside.js';
import {
  appliedMigrations,
  coveredBatches,
  engineVersion,
  flushedRows,
  tablesOf,
  type FlushedRows,
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
 * Writes the archives while the flush rests. Another collector may write all the same, and rows may run out: when
 * events and receipts were not the same before and after, the copies show no single moment.
 */
const writeArchives = async (
  steward: ClickHouse,
  live: string,
  archives: readonly Archive[],
  target: (archive: Archive) => Promise<string>,
): Promise<{ tables: Map<Archive, string[]>; rows: FlushedRows }> => {
  const tables = new Map<Archive, string[]>();
  for (let attempt = 1; ; attempt++) {
    const before = await flushedRows(steward, live);
    for (const archive of archives) {
      const names = (await tablesOf(steward, archive.database)).map(({ name }) => name);
      const list = names.map((name) => `TABLE ${archive.database}.${name}`).join(', ');
      await steward.command(`BACKUP ${list} TO ${await target(archive)}`, { timeoutMs: BACKUP_MS });
      tables.set(archive, names);
    }
    const after = await flushedRows(steward, live);
    if (before.events === after.events && before.receipts === after.receipts) return { tables, rows: after };
    if (attempt === MOST_ATTEMPTS)
      throw new CollectorError(
        'BUSY',
        `events became ${after.events} from ${before.events}: does another collector write?`,
      );
  }
};

/**
 * Restores the archives beside the live tables and measures them there: the manifest says what can be had back, and an
 * archive that cannot be restored is no backup. The flush goes on meanwhile.
 */
const proveArchives = async (
  { database, place }: Context,
  steward: ClickHouse,
  archives: ReadonlyMap<Archive, readonly string[]>,
  nameOf: (archive: Archive) => string,
): Promise<Map<Archive, Manifest['tables']>> => {
  const migrator = database.connect('migrator');
  const contents = new Map<Archive, Manifest['tables']>();
  try {
    await createBeside(migrator, database.name);
    for (const [archive, tables] of archives) {
      const source = place.written(nameOf(archive));
      const about = { from: archive.database, tables, database: database.name };
      contents.set(archive, await contentsOf(steward, source, about));
    }
    return contents;
  } finally {
    await dropBeside(migrator, database.name);
    await migrator.close();
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
    try {
      let common: Pick<Manifest, 'engine' | 'migrations' | 'covers' | 'books'>;
      let copied: { tables: Map<Archive, string[]>; rows: FlushedRows };
      try {
        progress('copying');
        common = {
          engine: await engineVersion(steward),
          migrations: await appliedMigrations(steward, database.name),
          covers: await coveredBatches(steward, database.name),
          books: await context.books.read(),
        };
        copied = await writeArchives(steward, database.name, archives, (archive) =>
          place.target(nameOf(archive)),
        );
        rest.expectHeld();
      } finally {
        rest.end();
      }
      const restedMs = Math.round(performance.now() - restedAt);

      progress('restoring the copy beside the live tables, to prove it');
      const contents = await proveArchives(context, steward, copied.tables, nameOf);
      const inCopy = contents.get(archives[0]!)!.find(({ name }) => name === 'events')?.rows;
      if (inCopy !== copied.rows.events)
        throw new CollectorError('CLICKHOUSE', `the copy has ${inCopy} events of ${copied.rows.events}`);
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
      const held = [...contents.values()].flat();
      return {
        id,
        folder: join(request.to, id),
        keysFolder: join(request.keysTo, id),
        tables: held.length,
        rows: held.reduce((sum, { rows }) => sum + rows, 0),
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
