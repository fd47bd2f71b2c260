import { JOB_TABLES, rollupDefinitions, type ClickHouse } from '../schema/index.js';
import type { Manifest, TableContents } from './manifest.js';

export interface Table {
  name: string;
  engine: string;
}

/** Hashing reads every column of every row. */
const LONG_MS = 60 * 60_000;

/**
 * Tables that hold something nobody could compute again. Roll-ups and their marks are a cache of `events`: a copy of
 * the two taken one after the other could not be trusted.
 */
export const tablesOf = async (clickhouse: ClickHouse, database: string): Promise<Table[]> => {
  const caches = [
    'clean_days',
    ...rollupDefinitions().map(({ name }) => `${name}_days`),
    ...JOB_TABLES.map((table) => `${table}_shadow`),
  ];
  return clickhouse.rows<Table>(
    `SELECT name, engine FROM system.tables
     WHERE database = {database:String} AND endsWith(engine, 'MergeTree') AND name NOT IN {caches:Array(String)}
     ORDER BY name`,
    { parameters: { database, caches } },
  );
};

/**
 * Rows and their hash, whatever merges have done so far: where the engine folds repeats, they are folded before.
 * `groupBitXor` does not see a row that is there twice; the count does. Without `tuple`, a row with a NULL has no hash.
 */
export const measure = async (
  clickhouse: ClickHouse,
  database: string,
  tables: readonly Table[],
): Promise<TableContents[]> => {
  const contents: TableContents[] = [];
  for (const { name, engine } of tables) {
    const [row] = await clickhouse.rows<{ rows: number; hash: string }>(
      `SELECT count() AS rows, toString(groupBitXor(cityHash64(tuple(*)))) AS hash
       FROM ${database}.${name}${engine.includes('Replacing') ? ' FINAL' : ''}`,
      { timeoutMs: LONG_MS },
    );
    contents.push({ name, rows: row!.rows, hash: row!.hash });
  }
  return contents;
};

/** Rows of what the flush writes. */
export interface FlushedRows {
  events: number;
  receipts: number;
}

/** As the tables themselves know: instant, and the same whatever was merged. */
export const flushedRows = async (clickhouse: ClickHouse, database: string): Promise<FlushedRows> => {
  const [row] = await clickhouse.rows<FlushedRows>(
    `SELECT (SELECT count() FROM ${database}.events) AS events,
       (SELECT count() FROM ${database}.ingest_batches) AS receipts`,
  );
  return row!;
};

/** Newest batch of each disk and Redis shard; which one made a batch stands in its lower half. */
export const coveredBatches = (clickhouse: ClickHouse, database: string): Promise<Manifest['covers']> =>
  clickhouse.rows<Manifest['covers'][number]>(
    `SELECT if(low < 2147483648, concat('redis:', toString(intDiv(low, 8388608))),
         concat('disk:', toString(intDiv(low - 2147483648, 2048)))) AS source,
       toString(max(id)) AS batch, uniqExact(id) AS batches
     FROM (SELECT batch AS id, bitAnd(batch, 4294967295) AS low FROM ${database}.ingest_batches)
     GROUP BY source ORDER BY source`,
    { timeoutMs: LONG_MS },
  );

/** @throws when the database has none */
export const appliedMigrations = (
  clickhouse: ClickHouse,
  database: string,
): Promise<Manifest['migrations']> =>
  clickhouse.rows<Manifest['migrations'][number]>(
    `SELECT version, toString(sha256) AS sha256 FROM ${database}.migrations GROUP BY version, sha256 ORDER BY version`,
  );

/** Of the engine behind the client. */
export const engineVersion = async (clickhouse: ClickHouse): Promise<string> => {
  const [row] = await clickhouse.rows<{ version: string }>('SELECT version() AS version');
  return row!.version;
};
