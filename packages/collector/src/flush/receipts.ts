import type { ClickHouse } from '../schema/clickhouse.js';
import { PLAIN_INSERT } from './insert-statement.js';
import type { StoredSite } from './events-table.js';

const STRUCTURE = 'batch UInt64, site_id UInt16, n UInt64, first_ts Int64, last_ts Int64';
const INSERT = `
INSERT INTO ingest_batches (batch, site_id, n, first_ts, last_ts)
SELECT batch, site_id, n, fromUnixTimestamp64Milli(first_ts, 'UTC'), fromUnixTimestamp64Milli(last_ts, 'UTC')
FROM input('${STRUCTURE}') FORMAT JSONEachRow`;

/** What one batch left. */
interface StoredBatch {
  part: { batch: string };
  stored: readonly StoredSite[];
}

/**
 * Writes what each batch left per site, as ClickHouse itself counted it, into `ingest_batches`. A repeat is a second
 * row of the same (batch, site), which readers fold.
 */
export const writeReceipts = async (clickhouse: ClickHouse, parts: readonly StoredBatch[]): Promise<void> => {
  const lines = parts.flatMap(({ part, stored }) =>
    stored.map(({ site, events, firstTs, lastTs }) =>
      JSON.stringify({ batch: part.batch, site_id: site, n: events, first_ts: firstTs, last_ts: lastTs }),
    ),
  );
  if (lines.length === 0) return;
  await clickhouse.insert(INSERT, Buffer.from(`${lines.join('\n')}\n`), { settings: PLAIN_INSERT });
};
