import type { ClickHouse } from '../../packages/collector/src/schema/index.js';

/** What ClickHouse spent on one asking. */
export interface Cost {
  rows: number;
  megabytes: number;
  /** Of all threads. */
  cpuMs: number;
  queries: number;
}

/** The query log is written every 7.5 s; nobody but its server may ask for it sooner. */
const LOG_MS = 10_000;

/** Costs of what the reader asked in each span, divided by the number of askings. */
export const costsBetween = async (
  clickhouse: ClickHouse,
  spans: readonly { name: string; from: number; to: number }[],
  runs: number,
): Promise<Map<string, Cost>> => {
  await new Promise((resolve) => setTimeout(resolve, LOG_MS));
  const costs = new Map<string, Cost>();
  for (const { name, from, to } of spans) {
    const [spent] = await clickhouse.rows<{ rows: number; bytes: number; us: number; queries: number }>(
      `SELECT sum(read_rows) AS rows, sum(read_bytes) AS bytes, count() AS queries,
         sum(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']) AS us
       FROM system.query_log
       WHERE type = 'QueryFinish' AND endsWith(user, '_reader')
         AND query_start_time_microseconds >= fromUnixTimestamp64Milli(toInt64(${from}))
         AND query_start_time_microseconds <= fromUnixTimestamp64Milli(toInt64(${to}))`,
    );
    const { rows, bytes, us, queries } = spent!;
    costs.set(name, {
      rows: rows / runs,
      megabytes: bytes / 1e6 / runs,
      cpuMs: us / 1000 / runs,
      queries: queries / runs,
    });
  }
  return costs;
};
