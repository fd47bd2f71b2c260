import { CollectorError } from '../errors.js';
import type { ClickHouse } from '../schema/index.js';
import { tablesOf } from './table-contents.js';

const LONG_MS = 60 * 60_000;
/** 21 bytes each, named twice, and a statement may have 256 KiB. */
const BATCHES_A_STATEMENT = 5000;

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
 * What only the replaced tables know: batches that were stored after the backup and are in no replay log, for instance
 * while a new machine waited for its restore, and the rows of tables where the newest version wins. A batch that came
 * back already stays as it is, so a repetition changes nothing.
 * @param clickhouse as migrator   @param live database of the events   @param replaced tables that lie in `beside` now
 * @returns rows of `events`
 * @throws {CollectorError} naming the tables that cannot be read, after everything else was carried over
 */
export const carryOver = async ({
  clickhouse,
  live,
  beside,
  replaced,
}: {
  clickhouse: ClickHouse;
  live: string;
  beside: string;
  replaced: readonly { database: string; name: string }[];
}): Promise<number> => {
  const failures: string[] = [];
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
      failures.push(`${beside}.${table}: ${(error as Error).message.split('\n')[0]}`);
    }
  };

  /**
   * By the receipts, which are written last. After a restore that was cut off, some rows of a batch may be here already,
   * or all of them and only the receipts there.
   */
  const copyBatches = async (): Promise<void> => {
    const missing = await clickhouse.rows<{ batch: string }>(
      `SELECT DISTINCT toString(batch) AS batch FROM ${beside}.ingest_batches
       WHERE ingest_batches.batch NOT IN (SELECT batch FROM ${live}.ingest_batches)`,
      { timeoutMs: LONG_MS },
    );
    for (let first = 0; first < missing.length; first += BATCHES_A_STATEMENT) {
      const some = missing.slice(first, first + BATCHES_A_STATEMENT).map(({ batch }) => batch);
      const named = `WHERE batch IN (${some.join(', ')})`;
      const away = `${named} AND (stream, seq) NOT IN (SELECT stream, seq FROM ${live}.events ${named})`;
      const [row] = await clickhouse.rows<{ n: number }>(
        `SELECT count() AS n FROM ${beside}.events ${away}`,
        { timeoutMs: LONG_MS },
      );
      if (row!.n > 0) await copy(live, 'events', away);
      await copy(live, 'ingest_batches', named);
      rows += row!.n;
    }
  };

  if (replaced.some(({ name }) => name === 'events')) await attempt('events', copyBatches);
  for (const database of new Set(replaced.map((table) => table.database))) {
    const folding = (await tablesOf(clickhouse, database)).filter(({ engine }) =>
      engine.includes('Replacing'),
    );
    for (const { name } of folding) {
      if (replaced.some((table) => table.database === database && table.name === name))
        await attempt(name, () => copy(database, name, ''));
    }
  }
  if (failures.length > 0)
    throw new CollectorError(
      'RESTORE_UNFINISHED',
      `replaced rows are not carried over: ${failures.join('; ')}`,
    );
  return rows;
};
