import { BackupRefused, CollectorError } from '../errors.js';
import { bringBack, type BroughtBack, type LedgerRow } from '../flush/index.js';
import type { ClickHouse } from '../schema/index.js';
import { carryOver } from './carry-over.js';
import { restAll, type Context } from './context.js';
import { exchangeTables, planExchange } from './exchange.js';
import type { Unfinished } from './journal.js';
import { refusedBy } from './place.js';
import {
  applyRetention,
  besideOf,
  createBeside,
  dropBeside,
  readSources,
  restoreBeside,
  type RestoreRequest,
  type Source,
} from './restore-beside.js';

export interface RestoreDone {
  id: string;
  /** Rows that the archives held. */
  rows: number;
  /** Events past their retention that the archive still had. */
  expired: number;
  replayed: BroughtBack;
  /** Rows of `events` that only the replaced database had. */
  carried: number;
  /** What the operator must know; empty when nothing is missing. */
  warnings: string[];
  ledger: LedgerRow[];
}

interface Work extends Context {
  steward: ClickHouse;
  migrator: ClickHouse;
}

/** Whatever is found wrong in here has touched nothing. */
const prepare = async (work: Work, sources: readonly Source[]): Promise<number> => {
  const { migrator, steward, database, log } = work;
  try {
    await createBeside(migrator, database.name);
    for (const source of sources) await restoreBeside(work, source, steward);
    return await applyRetention(work, migrator);
  } catch (error) {
    await dropBeside(migrator, database.name).catch((cause: unknown) => {
      log.warn('restore.not_dropped', { error: String(cause) });
    });
    throw refusedBy(error);
  }
};

/** Days of the events that are live and of those beside them. */
const allDays = async ({ steward, database }: Work): Promise<string[]> => {
  const days = new Set<string>();
  for (const name of [database.name, besideOf(database.name)]) {
    const rows = await steward.rows<{ day: string }>(
      `SELECT DISTINCT toString(toDate(ts)) AS day FROM ${name}.events`,
    );
    for (const { day } of rows) days.add(day);
  }
  return [...days];
};

const warningsOf = (
  { replayLog, database }: Work,
  { id, tables }: Unfinished,
  replayed: BroughtBack,
): string[] => {
  const { backup, gapSince } = replayLog.state();
  const warnings: string[] = [];
  if (tables.every((table) => table.database === database.name))
    warnings.push(`no keys of this backup were found: ${database.name}_keys stays as it is`);
  if (backup === null)
    warnings.push('this host has no replay log: nothing later than the backup came from it');
  else if (backup.id !== id)
    warnings.push(
      `the replay log begins after backup ${backup.id}, not after ${id}: what was stored between the two ` +
        `came back only where the replaced database still had it`,
    );
  if (gapSince !== null)
    warnings.push(`the replay log was full or not writable from ${new Date(gapSince).toISOString()} on`);
  for (const name of replayed.damaged) warnings.push(`replay/${name} is damaged and was left out`);
  return warnings;
};

/** From here on a repetition goes on instead of beginning anew. Nothing is dropped before everything is carried over. */
const putInPlace = async (
  work: Work,
  sources: readonly Source[],
  unfinished: Unfinished,
): Promise<Omit<RestoreDone, 'expired' | 'ledger'>> => {
  const { database, rollups, replayLog, books, clock, migrator, flusher, progress } = work;
  const days = await allDays(work);
  progress('exchanging tables');
  await rollups.markDirty(days);
  await exchangeTables(migrator, database.name, unfinished.tables);
  await database.migrate();
  flusher.refresh();
  // a build that began before has counted rows that are no more
  await rollups.markDirty(days);
  progress('bringing back what was stored since the backup');
  const replayed = await bringBack({ replayLog, clickhouse: database.client('writer'), rollups, clock });
  await books.close(sources[0]!.manifest.books);
  progress('carrying over what only the replaced database has');
  const replaced = unfinished.tables.filter(({ uuid }) => uuid !== null);
  const carried = await carryOver({
    clickhouse: migrator,
    live: database.name,
    beside: besideOf(database.name),
    replaced,
  });
  return {
    id: unfinished.id,
    rows: sources.flatMap(({ manifest }) => manifest.tables).reduce((sum, { rows }) => sum + rows, 0),
    replayed,
    carried,
    warnings: warningsOf(work, unfinished, replayed),
  };
};

/**
 * Restores beside the live database and compares, so that whatever is wrong with a backup is found before anything is
 * touched; then exchanges, and brings back what was committed since.
 * @throws {BackupRefused} nothing was touched   {CollectorError} once tables were exchanged: run it again
 */
export const restoreBackup = async (context: Context, request: RestoreRequest): Promise<RestoreDone> => {
  const { database, place, journal, progress } = context;
  const steward = database.connect('steward');
  const migrator = database.connect('migrator');
  const work: Work = { ...context, steward, migrator };
  try {
    await place.expectUsable();
    const sources = await readSources(request, steward, database.name);
    const { id } = sources[0]!.manifest;
    const begun = await journal.read();
    if (begun && begun.id !== id)
      throw new BackupRefused(`the restore of backup ${begun.id} is not finished: run that one again first`);
    const expired = begun ? 0 : await prepare(work, sources);

    progress('waiting for the flush and the jobs to rest');
    const rest = await restAll(context, `restore ${id}`).catch(async (error: unknown) => {
      if (!begun) await dropBeside(migrator, database.name);
      throw error;
    });
    let done: Omit<RestoreDone, 'expired' | 'ledger'>;
    try {
      const unfinished = begun ?? { id, tables: await planExchange(migrator, sources) };
      await journal.begin(unfinished);
      done = await putInPlace(work, sources, unfinished);
      rest.expectHeld();
      await dropBeside(migrator, database.name);
      await journal.end();
    } catch (error) {
      throw new CollectorError(
        'RESTORE_UNFINISHED',
        `the restore broke off, run it again to finish it: ${(error as Error).message}`,
        { cause: error },
      );
    } finally {
      rest.end();
    }
    return { ...done, expired, ledger: await context.readLedger() };
  } finally {
    await steward.close();
    await migrator.close();
  }
};
