import { rollupDefinitions, viewDefinitions } from './definitions.js';

/** Written by jobs through `<table>_shadow`, a whole partition at a time. */
export const JOB_TABLES = ['segment_members'] as const;
export type JobTable = (typeof JOB_TABLES)[number];

/** Views of the questions, one by one: a wildcard that fits the views would fit the tables beside them. */
export const readerGrants = (database: string): string[] =>
  viewDefinitions().map(({ name }) => `SELECT ON ${database}.${name}`);

/**
 * The writer adds rows and reads back its own batches; it sees no column about a person. Roll-ups are built by it
 * through `<rollup>_rows`, which shows what the roll-up keeps.
 */
export const writerGrants = (database: string): string[] => {
  const keys = `${database}_keys`;
  return [
    `INSERT ON ${database}.*`,
    `INSERT ON ${keys}.*`,
    `SELECT(batch, bot, type, stream, seq, ts, site_id) ON ${database}.events`,
    ...['ingest_batches', 'dead_letters', 'clean_days', 'migrations', 'job_runs'].map(
      (table) => `SELECT ON ${database}.${table}`,
    ),
    ...rollupDefinitions().flatMap(({ name }) => [
      `SELECT ON ${database}.${name}_rows`,
      `SELECT ON ${database}.${name}_days`,
      // drops builds that nobody reads any more
      `ALTER DELETE ON ${database}.${name}_days`,
    ]),
    ...JOB_TABLES.flatMap((table) => [
      `SELECT, ALTER DELETE ON ${database}.${table}`,
      `SELECT, ALTER DELETE ON ${database}.${table}_shadow`,
    ]),
    ...['ledger_checks', 'notifications', 'forecast_log'].map((table) => `SELECT ON ${database}.${table}`),
    `SHOW COLUMNS ON ${database}.*`,
    `SELECT ON system.columns`,
    `SELECT ON system.parts`,
    // without it a user cannot find, hence not kill, his own query
    'SELECT ON system.processes',
  ];
};
