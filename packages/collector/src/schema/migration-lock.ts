import { ClickHouseError, CollectorError } from '../errors.js';
import type { ClickHouse } from './clickhouse.js';

const TABLE_EXISTS = 57;
const TABLE_UNKNOWN = 60;
const POLL_MS = 250;
/** No migration takes this long without being killed by its own timeout. */
const STALE_MS = 15 * 60_000;

const isCode = (error: unknown, code: number): boolean =>
  error instanceof ClickHouseError && error.number === code;

/**
 * One migrator at a time. ClickHouse has no locks, but creating a table succeeds once: the table is the lock. A lock
 * whose holder died is renamed away first, to a name made of its own age, so that of two waiters only one takes it over.
 * @throws {CollectorError} `CLICKHOUSE` when another migrator holds it for longer than `waitMs`
 */
export const withMigrationLock = async <T>(
  o: { clickhouse: ClickHouse; database: string; waitMs: number },
  work: () => Promise<T>,
): Promise<T> => {
  const { clickhouse, database } = o;
  const lock = `${database}.migration_lock`;
  const run = (sql: string): Promise<void> => clickhouse.command(sql, { database });
  const deadline = Date.now() + o.waitMs;
  for (;;) {
    try {
      await run(`CREATE TABLE ${lock} (x UInt8) ENGINE = Memory`);
      break;
    } catch (error) {
      if (!isCode(error, TABLE_EXISTS)) throw error;
    }
    const [held] = await clickhouse.rows<{ since: string; age_s: number }>(
      `SELECT toString(toUnixTimestamp(metadata_modification_time)) AS since, dateDiff('second', metadata_modification_time, now()) AS age_s
       FROM system.tables WHERE database = {database:String} AND name = 'migration_lock'`,
      { parameters: { database } },
    );
    if (held && held.age_s * 1000 > STALE_MS) {
      try {
        await run(`RENAME TABLE ${lock} TO ${lock}_${held.since}`);
        await run(`DROP TABLE ${lock}_${held.since} SYNC`);
        continue;
      } catch (error) {
        if (!isCode(error, TABLE_EXISTS) && !isCode(error, TABLE_UNKNOWN)) throw error;
      }
    }
    if (Date.now() > deadline) {
      throw new CollectorError('CLICKHOUSE', `another migration holds ${lock} since ${held?.age_s ?? 0} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    return await work();
  } finally {
    await run(`DROP TABLE IF EXISTS ${lock} SYNC`);
  }
};
