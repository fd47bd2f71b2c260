import type { Role } from './credentials.js';

/** Statements without the word GRANT and without TO, e.g. `SELECT(id, at) ON shop.orders`. */
export type GrantsByRole = Record<Role, readonly string[]>;

/**
 * What each user may do when the caller names nothing else. The shape is Lintel's (an append-only table `events`, side
 * tables beside it, a database `<database>_keys` for wrapped keys); a grant on a table that does not exist is harmless.
 * `reader` gets nothing here: views are granted one by one (`readerViews`), because a wildcard that fits the views
 * would fit the tables beside them.
 */
export const defaultGrants = (database: string, migrator: string): GrantsByRole => {
  const keys = `${database}_keys`;
  return {
    writer: [
      `INSERT ON ${database}.*`,
      `INSERT ON ${keys}.*`,
      // Read-back of a doubtful insert: which rows of the batch are there, nothing about the visitor.
      `SELECT(batch, bot, type, stream, seq, ts, site_id) ON ${database}.events`,
      ...['ingest_batches', 'dead_letters', 'clean_days', 'migrations'].map(
        (table) => `SELECT ON ${database}.${table}`,
      ),
      `SHOW COLUMNS ON ${database}.*`,
      // Without it a user cannot find, hence not kill, his own query.
      'SELECT ON system.processes',
    ],
    reader: [],
    migrator: [
      `ALL ON ${database}.*`,
      `ALL ON ${keys}.*`,
      // What a restore put beside the live data is exchanged with it.
      `ALL ON ${database}_restore.*`,
      'TABLE ENGINE ON *',
      `SET DEFINER ON ${migrator}`,
      'CREATE FUNCTION ON *.*',
      'DROP FUNCTION ON *.*',
      ...[
        'columns',
        'tables',
        'parts',
        'mutations',
        'merges',
        'processes',
        'query_log',
        'part_log',
        'disks',
      ].map((table) => `SELECT ON system.${table}`),
    ],
    steward: [
      ...[database, keys].flatMap((name) => [
        `SELECT ON ${name}.*`,
        `INSERT ON ${name}.*`,
        `ALTER DELETE ON ${name}.*`,
        `BACKUP ON ${name}.*`,
        `SHOW ON ${name}.*`,
      ]),
      // A restore goes beside the live data and is compared before anything is exchanged.
      `ALL ON ${database}_restore.*`,
      'TABLE ENGINE ON *',
      ...['parts', 'mutations', 'backups', 'processes', 'query_log', 'part_log', 'disks'].map(
        (table) => `SELECT ON system.${table}`,
      ),
    ],
  };
};
