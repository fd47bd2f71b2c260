import type { ClickHouse } from '../schema/index.js';

/** Row of a job's table: values as JSONEachRow reads them. */
export type JobRow = Record<string, unknown>;

/** `YYYY-MM-DD hh:mm:ss`, UTC. */
export const second = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/**
 * Adds rows to a job's table. The same subject twice is one row: that of the later slot, or of the later holder of the
 * same slot (their `version`).
 */
export const writeRows = async (
  clickhouse: ClickHouse,
  table: string,
  rows: readonly JobRow[],
): Promise<{ rows: number }> => {
  if (rows.length > 0) {
    await clickhouse.insert(
      `INSERT INTO ${clickhouse.database}.${table} FORMAT JSONEachRow`,
      Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
      {
        settings: {
          async_insert: 0,
          insert_deduplicate: 0,
          input_format_skip_unknown_fields: 0,
          date_time_input_format: 'basic',
        },
      },
    );
  }
  return { rows: rows.length };
};
