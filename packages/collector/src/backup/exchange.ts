import type { ClickHouse } from '../schema/index.js';
import type { Unfinished } from './journal.js';
import { besideOf, type Source } from './restore-beside.js';

const uuidsOf = async (clickhouse: ClickHouse, database: string): Promise<Map<string, string>> => {
  const rows = await clickhouse.rows<{ name: string; uuid: string }>(
    'SELECT name, toString(uuid) AS uuid FROM system.tables WHERE database = {database:String}',
    { parameters: { database } },
  );
  return new Map(rows.map(({ name, uuid }) => [name, uuid]));
};

/** What is about to be exchanged; written down before the first one is. */
export const planExchange = async (
  migrator: ClickHouse,
  sources: readonly Source[],
): Promise<Unfinished['tables']> => {
  const tables: Unfinished['tables'] = [];
  for (const { manifest, into } of sources) {
    const live = await uuidsOf(migrator, into);
    for (const { name } of manifest.tables)
      tables.push({ database: into, name, uuid: live.get(name) ?? null });
  }
  return tables;
};

/** Exchanges each table that was not exchanged yet: a second run goes on where the first one stopped. */
export const exchangeTables = async (
  migrator: ClickHouse,
  database: string,
  tables: Unfinished['tables'],
): Promise<void> => {
  const beside = besideOf(database);
  for (const { database: into, name, uuid } of tables) {
    const now = (await uuidsOf(migrator, into)).get(name) ?? null;
    if (now !== uuid) continue;
    await migrator.command(
      uuid === null
        ? `RENAME TABLE ${beside}.${name} TO ${into}.${name}`
        : `EXCHANGE TABLES ${into}.${name} AND ${beside}.${name}`,
    );
  }
};
