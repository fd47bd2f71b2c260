import type { ClickHouse } from './clickhouse.js';
import type { JobTable } from './grants.js';

export interface PartitionReplacer {
  /**
   * The partition holds exactly these rows afterwards: all at once, whoever reads meanwhile. One job may write a table
   * at a time; its lease sees to that.
   * @param partition values of the partition key, in its order, e.g. `[1, 202611]`
   */
  replace(
    table: JobTable,
    partition: readonly (number | string)[],
    rows: readonly Readonly<Record<string, unknown>>[],
  ): Promise<void>;
}

const literal = (value: number | string): string => {
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return `'${value}'`;
  throw new RangeError(`not a partition value: ${value}`);
};

/** @param clickhouse as writer */
export const createPartitionReplacer = ({
  clickhouse,
  database,
}: {
  clickhouse: () => ClickHouse;
  database: string;
}): PartitionReplacer => ({
  replace: async (table, partition, rows) => {
    const name = partition.length === 1 ? literal(partition[0]!) : `(${partition.map(literal).join(', ')})`;
    const shadow = `${database}.${table}_shadow`;
    const command = (sql: string): Promise<void> => clickhouse().command(sql);
    // what a killed run left behind
    await command(`ALTER TABLE ${shadow} DROP PARTITION ${name}`);
    if (rows.length === 0) {
      await command(`ALTER TABLE ${database}.${table} DROP PARTITION ${name}`);
      return;
    }
    await clickhouse().insert(
      `INSERT INTO ${shadow} (${Object.keys(rows[0]!).join(', ')}) FORMAT JSONEachRow`,
      Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
      { settings: { insert_deduplicate: 0, async_insert: 0, input_format_skip_unknown_fields: 0 } },
    );
    await command(`ALTER TABLE ${database}.${table} REPLACE PARTITION ${name} FROM ${shadow}`);
    await command(`ALTER TABLE ${shadow} DROP PARTITION ${name}`);
  },
});
