import type { Clock } from '../clock.js';
import { CollectorError } from '../errors.js';
import type { ClickHouse } from '../schema/clickhouse.js';
import { finishedDays } from './days.js';
import { INSERT_DEAD_LETTERS } from './dead-letters.js';
import { createEventsTable, type StoredSite } from './events-table.js';
import { eventSettings, insertSide, PLAIN_INSERT } from './insert-statement.js';
import { writeReceipts } from './receipts.js';
import type { ReplayPart } from './replay-file.js';
import type { ReplayLog } from './replay-log.js';

export interface BroughtBack {
  /** Rows of `events` that were stored again, and rows of batches that were there. */
  stored: number;
  present: number;
  /** Rows of side lanes and dead letters, sent again: a repeat is folded there. */
  others: number;
  /** Files whose bytes are not those that were written. */
  damaged: string[];
}

export interface BringBackOptions {
  replayLog: Pick<ReplayLog, 'read'>;
  /** As writer. */
  clickhouse: ClickHouse;
  rollups: { markDirty(days: readonly string[]): Promise<void> };
  clock: Clock;
}

/** A token whose record is a lie gives way to the next one, as in the flush. */
const MOST_ATTEMPTS = 3;

/**
 * Stores what was committed since the backup once more, each batch under its own number: one that is there already is
 * left alone, so a second run changes nothing. The flush must rest meanwhile.
 * @throws {CollectorError} what the database said; what was stored until then stays
 */
export const bringBack = async (options: BringBackOptions): Promise<BroughtBack> => {
  const { clickhouse, clock, rollups } = options;
  const table = createEventsTable(() => clickhouse, clickhouse.database);
  const result: BroughtBack = { stored: 0, present: 0, others: 0, damaged: [] };

  const rowsOf = (stored: readonly StoredSite[]): number => stored.reduce((sum, { rows }) => sum + rows, 0);

  const storeEvents = async (part: ReplayPart): Promise<void> => {
    const { batch, month, days } = part;
    let stored = await table.readBack(batch);
    if (rowsOf(stored) > 0) {
      result.present += rowsOf(stored);
      return;
    }
    const finished = finishedDays({ lane: { table: 'events', month, doubt: false }, days }, clock.now());
    if (finished.length > 0) await rollups.markDirty(finished);
    for (let attempt = 0; attempt < MOST_ATTEMPTS && rowsOf(stored) === 0; attempt++) {
      await clickhouse.insert(await table.insertSql(batch), Buffer.concat(part.members), {
        settings: eventSettings({ batch, attempt }),
        gzip: true,
      });
      stored = await table.readBack(batch);
    }
    if (rowsOf(stored) !== part.rows) {
      throw new CollectorError(
        'CLICKHOUSE',
        `batch ${batch}: ${rowsOf(stored)} of ${part.rows} rows arrived`,
      );
    }
    await writeReceipts(clickhouse, [{ part, stored }]);
    result.stored += part.rows;
  };

  const store = async (part: ReplayPart): Promise<void> => {
    if (part.table === 'events') {
      await storeEvents(part);
      return;
    }
    const sql =
      part.table === 'dead_letters' ? INSERT_DEAD_LETTERS : insertSide(clickhouse.database, part.table);
    await clickhouse.insert(sql, Buffer.concat(part.members), { settings: PLAIN_INSERT, gzip: true });
    result.others += part.rows;
  };

  for await (const { name, parts } of options.replayLog.read()) {
    if (parts === null) result.damaged.push(name);
    for (const part of parts ?? []) await store(part);
  }
  return result;
};
