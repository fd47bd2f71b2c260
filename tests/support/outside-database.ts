import { startDatabase, type TestDatabase } from '../../packages/collector/test/flush/support/pipeline.js';
import type { Collector } from './collector.js';
import type { Database } from './database.js';

/** A ClickHouse that is no child of the collector: it can be away, moved or shared. */
export interface OutsideDatabase {
  /** Settings of a collector that uses it. @param url where it hears of it, when that is not the engine itself */
  env(url?: string): Record<string, string>;
  port: number;
  /** kill -9 of the engine; it is started again by itself. */
  kill(): Promise<void>;
  /** A collector whose `database` is this one. */
  of(collector: Collector): Collector;
  stop(): Promise<void>;
}

export const startOutsideDatabase = async (): Promise<OutsideDatabase> => {
  const database: TestDatabase = await startDatabase();
  const { engine } = database;
  const { writer, reader, migrator } = engine.credentials;
  const passwords = { writer: writer.password, reader: reader.password, migrator: migrator.password };
  const asMigrator: Database = {
    rows: (sql) => database.as('migrator').rows(sql),
    migrate: (sql) => database.as('migrator').command(sql),
  };
  return {
    env: (url = engine.url) => ({
      LINTEL_CLICKHOUSE_URL: url,
      LINTEL_CLICKHOUSE_PASSWORD: JSON.stringify(passwords),
    }),
    port: engine.httpPort,
    kill: async () => {
      const pid = engine.pid();
      if (pid === null) return;
      process.kill(pid, 'SIGKILL');
      while (engine.pid() === pid) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    of: (collector) => ({ ...collector, database: asMigrator }),
    stop: database.stop,
  };
};
