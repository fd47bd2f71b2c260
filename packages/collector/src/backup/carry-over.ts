import type { ClickHouse } from '../schema/index.js';
import { tablesOf } from './table-contents.js';

/** Tables of a live database that were exchanged; by now they lie beside it. */
export interface Replaced {
  database: string;
  tables: readonly string[];
}

const LONG_MS = 60 * 60_000;
/** 21 bytes each, and a statement may have 256 KiB. */
const BATCHES_A_STATEMENT = 5000;
/** Their rows belong to the schema, not to what was sent. */
const OF_THE_SCHEMA = ['migrations'];

/** Columns that both tables have, as a list for SQL: a migration may lie between the two. */
const sharedColumns = async (
  clickhouse: ClickHouse,
  [database, beside]: readonly [string, string],
  table: string,
): Promise<string> => {
  const rows = await clickhouse.rows<{ name: string }>(
    `SELECT name FROM system.columns
     WHERE database IN ({database:String}, {beside:String}) AND table = {table:String}
       AND default_kind NOT IN ('MATERIALIZED', 'ALIAS', 'EPHEMERAL')
     GROUP BY name HAVING count() = 2 ORDER BY any(position)`,
    { parameters: { database, beside, table } },
  );
  return rows.map(({ name }) => `\`${name}\``).join(', ');
};

/**
 * What only the replaced database knows: batches that were stored after the backup and are in no replay log, for
 * instance while a new machine waited for its restore, and the rows of tables where the newest version wins. A batch
 * that came back already stays as it is.
 * @param clickhouse as migrator
 * @returns rows of `events`; a table that cannot be read any more is a warning, and everything else goes on
 */
export const carryOver = async ({
  clickhouse,
  beside,
  replaced,
}: {
  clickhouse: ClickHouse;
  beside: string;
  replaced: readonly Replaced[];
}): Promise<{ rows: number; warnings: string[] }> => {
  const warnings: string[] = [];
  let rows = 0;
  const copy = async (database: string, table: string, where: string): Promise<void> => {
    const columns = await sharedColumns(clickhouse, [database, beside], table);
    await clickhouse.command(
      `INSERT INTO ${database}.${table} (${columns}) SELECT ${columns} FROM ${beside}.${table} ${where}`,
      {
        settings: { insert_deduplicate: 0, async_insert: 0, max_partitions_per_insert_block: 0 },
        timeoutMs: LONG_MS,
      },
    );
  };
  const attempt = async (table: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const reason = (error as Error).message.split('\n')[0];
      warnings.push(`rows of the replaced ${table} stay in ${beside}.${table}: ${reason}`);
    }
  };

  const batches = async (database: string): Promise<void> => {
    const missing = await clickhouse.rows<{ batch: string; n: number }>(
      `SELECT toString(batch) AS batch, count() AS n FROM ${beside}.events
       WHERE batch IN (SELECT batch FROM ${beside}.ingest_batches)
         AND batch NOT IN (SELECT batch FROM ${database}.ingest_batches)
       GROUP BY batch`,
      { timeoutMs: LONG_MS },
    );
    for (let first = 0; first < missing.length; first += BATCHES_A_STATEMENT) {
      const some = missing.slice(first, first + BATCHES_A_STATEMENT);
      const where = `WHERE batch IN (${some.map(({ batch }) => batch).join(', ')})`;
      await copy(database, 'events', where);
      await copy(database, 'ingest_batches', where);
      rows += some.reduce((sum, { n }) => sum + n, 0);
    }
  };

  for (const { database, tables } of replaced) {
    if (tables.includes('events')) await attempt('events', () => batches(database));
    const folding = (await tablesOf(clickhouse, database)).filter(({ engine }) =>
      engine.includes('Replacing'),
    );
    for (const { name } of folding) {
      if (!tables.includes(name) || OF_THE_SCHEMA.includes(name)) continue;
      await attempt(name, () => copy(database, name, ''));
    }
  }
  return { rows, warnings };
};
