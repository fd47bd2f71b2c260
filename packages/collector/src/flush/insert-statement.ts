import type { LaneTable, SealedPart } from '../buffer/buffer.js';

export interface TableColumn {
  name: string;
  type: string;
}

/**
 * Settings of every INSERT that must be exactly one block. Defaults moved between 25 and 26, so each is named:
 * `async_insert` is 1 on 26.7; `deduplicate_insert_select='disable'` stored 14 rows for 7 under the same token;
 * `input_format_skip_unknown_fields` would drop a misspelt column silently.
 */
const ONE_BLOCK = {
  async_insert: 0,
  max_insert_threads: 1,
  max_block_size: 200_000,
  max_insert_block_size: 200_000,
  min_insert_block_size_rows: 200_000,
  min_insert_block_size_bytes: 0,
  input_format_parallel_parsing: 0,
  input_format_skip_unknown_fields: 0,
  date_time_input_format: 'basic',
  max_execution_time: 60,
} as const;

/** Remembered by token, so that the same bytes again store nothing. */
const REMEMBERED = {
  insert_deduplicate: 1,
  deduplicate_insert: 'enable',
  deduplicate_insert_select: 'force_enable',
  deduplicate_blocks_in_dependent_materialized_views: 1,
} as const;

/** For tables where a repeat is harmless. */
export const PLAIN_INSERT = { ...ONE_BLOCK, insert_deduplicate: 0 } as const;

/**
 * Names the bytes of a part to ClickHouse. Attempt 0 is the batch itself; `#1`, `#2`… are taken only after a read-back
 * has shown that the record of the token before is a lie.
 */
export const tokenOf = ({ batch, attempt }: Pick<SealedPart, 'batch' | 'attempt'>): string =>
  attempt === 0 ? batch : `${batch}#${attempt}`;

export const eventSettings = (
  part: Pick<SealedPart, 'batch' | 'attempt'>,
): Record<string, string | number> => ({
  ...ONE_BLOCK,
  ...REMEMBERED,
  insert_deduplication_token: tokenOf(part),
});

const identifier = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const structureOf = (columns: readonly TableColumn[]): string =>
  literal(columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(', '));

const namesOf = (columns: readonly TableColumn[]): string =>
  columns.map(({ name }) => identifier(name)).join(', ');

/** `columns` without `batch`: a row written by an older collector lacks the newest and gets their defaults. */
export const insertEvents = (database: string, columns: readonly TableColumn[], batch: string): string =>
  `INSERT INTO ${identifier(database)}.events (${namesOf(columns)}, batch) ` +
  `SELECT ${namesOf(columns)}, toUInt64(${BigInt(batch)}) FROM input(${structureOf(columns)}) FORMAT JSONEachRow`;

/**
 * The same reading, the same checks, and nothing stored. A filter that can be folded (`ignore`) would read nothing either.
 * `input` reads every column, whatever is selected; to select one is half the work (8 ms of the engine against 17).
 */
export const probeEvents = (database: string, columns: readonly TableColumn[]): string => {
  const one = identifier(columns[0]!.name);
  return (
    `INSERT INTO ${identifier(database)}.events (${one}) ` +
    `SELECT ${one} FROM input(${structureOf(columns)}) WHERE materialize(0) FORMAT JSONEachRow`
  );
};

/** `keys` live in a database of their own, which is backed up elsewhere. */
export const insertSide = (database: string, table: Exclude<LaneTable, 'events'>): string =>
  `INSERT INTO ${identifier(table === 'keys' ? `${database}_keys` : database)}.${table} FORMAT JSONEachRow`;
