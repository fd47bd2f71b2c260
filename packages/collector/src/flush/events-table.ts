import type { ClickHouse } from '../schema/clickhouse.js';
import { insertEvents, probeEvents, type TableColumn } from './insert-statement.js';

/** What one batch left in `events`, per site. */
export interface StoredSite {
  site: number;
  /** All rows. */
  rows: number;
  /** Without the collector's own rows: what the ledger counts. */
  events: number;
  /** Epoch ms of the first and the last event. */
  firstTs: number;
  lastTs: number;
}

/** First sequence number of the collector's own rows. */
export const OWN_ROWS_FROM = 983_040;

/** The statements of the flush on the table `events`. */
export interface EventsTable {
  insertSql(batch: string): Promise<string>;
  probeSql(): Promise<string>;
  /** Rows of a batch; nothing when it is not there. */
  readBack(batch: string): Promise<StoredSite[]>;
  /** Ends a twin of the INSERT that may still be running, and waits until it is gone. */
  kill(batch: string): Promise<void>;
  /** Forgets the columns: a migration may have added some. */
  refresh(): void;
}

const READ_BACK = `
SELECT site_id AS site, count() AS rows, countIf(seq < {own:UInt32}) AS events,
  toUnixTimestamp64Milli(min(ts)) AS firstTs, toUnixTimestamp64Milli(max(ts)) AS lastTs
FROM events WHERE batch = {batch:UInt64} GROUP BY site_id`;

/** Columns as they are now: read once and again after an error that a migration explains. */
export const createEventsTable = (clickhouse: () => ClickHouse, database: string): EventsTable => {
  let columns: Promise<TableColumn[]> | null = null;
  const read = (): Promise<TableColumn[]> => {
    columns ??= clickhouse().rows<TableColumn>(
      `SELECT name, type FROM system.columns
       WHERE database = {database:String} AND table = 'events' AND name != 'batch'
         AND default_kind NOT IN ('MATERIALIZED', 'ALIAS', 'EPHEMERAL')
       ORDER BY position`,
      { parameters: { database } },
    );
    // a failed read must not be remembered
    columns.catch(() => (columns = null));
    return columns;
  };
  return {
    insertSql: async (batch) => insertEvents(database, await read(), batch),
    probeSql: async () => probeEvents(database, await read()),
    readBack: (batch) =>
      clickhouse().rows<StoredSite>(READ_BACK, { parameters: { batch, own: OWN_ROWS_FROM } }),
    kill: (batch) =>
      clickhouse().command('KILL QUERY WHERE query_id = {batch:String} SYNC', { parameters: { batch } }),
    refresh: () => {
      columns = null;
    },
  };
};
