import { randomUUID } from 'node:crypto';
import { ClickHouseError, CollectorError } from '../errors.js';
import type { ClickHouse } from './clickhouse.js';

const SAME_ID_RUNS = 216;
const POLL_MS = 25;
const LONGEST_S = 1800;

/**
 * One migrator at a time. ClickHouse has no locks, but it refuses a second query with the id of a running one: the
 * lock is a sleeping query. It ends with the connection of its holder, so a killed migrator leaves nothing behind.
 * @throws {CollectorError} `CLICKHOUSE` when another migrator holds it for longer than `waitMs`
 */
export const withMigrationLock = async <T>(
  { clickhouse, database, waitMs }: { clickhouse: ClickHouse; database: string; waitMs: number },
  work: () => Promise<T>,
): Promise<T> => {
  const queryId = `lintel-migration:${database}`;
  const mine = randomUUID();
  const deadline = Date.now() + waitMs;
  const state: { refused: unknown } = { refused: null };

  const sleep = (): void => {
    state.refused = null;
    clickhouse
      .command(`SELECT sleepEachRow(0.1) FROM numbers(${LONGEST_S * 10}) FORMAT Null -- ${mine}`, {
        queryId,
        settings: {
          max_block_size: 1,
          max_execution_time: LONGEST_S,
          cancel_http_readonly_queries_on_client_close: 1,
          readonly: 2,
        },
        timeoutMs: LONGEST_S * 1000,
      })
      .catch((error: unknown) => {
        state.refused = error;
      });
  };

  const isMine = async (): Promise<boolean> => {
    const [row] = await clickhouse.rows<{ n: number }>(
      'SELECT count() AS n FROM system.processes WHERE query_id = {id:String} AND endsWith(query, {mine:String})',
      { parameters: { id: queryId, mine } },
    );
    return row!.n > 0;
  };

  sleep();
  while (!(await isMine())) {
    if (state.refused !== null) {
      const { refused } = state;
      if (!(refused instanceof ClickHouseError && refused.number === SAME_ID_RUNS)) throw refused;
      if (Date.now() > deadline)
        throw new CollectorError('CLICKHOUSE', `another migration of ${database} runs`);
      sleep();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    return await work();
  } finally {
    // SYNC would go on killing by id, hence the next holder too
    await clickhouse.command(
      'KILL QUERY WHERE query_id = {id:String} AND endsWith(query, {mine:String}) ASYNC',
      {
        parameters: { id: queryId, mine },
      },
    );
  }
};
