import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Buffer as LintelBuffer } from '../../../src/buffer/buffer.js';
import { openBuffer } from '../../../src/buffer/index.js';
import { systemClock } from '../../../src/clock.js';
import {
  createDeadLetters,
  createFlusher,
  createLedger,
  type DeadLetters,
  type Flusher,
  type FlusherOptions,
  type Ledger,
} from '../../../src/flush/index.js';
import type { Fields, Log } from '../../../src/log.js';
import { createMetrics, type Metrics } from '../../../src/monitor/index.js';
import { createClickHouse, type ClickHouse } from '../../../src/schema/index.js';
import { startDatabase, type TestDatabase } from '../../schema/support.js';

export interface Logged {
  level: string;
  event: string;
  fields: Fields;
}

/** Remembers what was said. */
export const rememberingLog = (): Log & { said: Logged[]; of(event: string): Logged[] } => {
  const said: Logged[] = [];
  const at =
    (level: string) =>
    (event: string, fields: Fields = {}): void => {
      said.push({ level, event, fields });
    };
  return {
    said,
    of: (event) => said.filter((one) => one.event === event),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
};

/** Disk buffer, flusher, ledger and dead letters over a real engine, as the collector builds them. */
export interface Pipeline {
  buffer: LintelBuffer;
  flusher: Flusher;
  ledger: Ledger;
  deadLetters: DeadLetters;
  metrics: Metrics;
  log: ReturnType<typeof rememberingLog>;
  clickhouse: ClickHouse;
  dataDir: string;
  stop(): Promise<void>;
}

export interface PipelineOptions extends Partial<
  Omit<FlusherOptions, 'clickhouse' | 'database' | 'buffers'>
> {
  /** Instead of one of its own on disk. */
  buffer?: LintelBuffer;
  database: TestDatabase;
  /** Instead of the engine's own address. */
  url?: string;
  /** Kept by the caller: a second pipeline over the same folder. */
  dataDir?: string;
  wrap?: (clickhouse: ClickHouse) => ClickHouse;
}

export const openPipeline = async ({
  database,
  url,
  dataDir,
  wrap,
  buffer: given,
  ...options
}: PipelineOptions): Promise<Pipeline> => {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'lintel-flush-'));
  const log = rememberingLog();
  const metrics = createMetrics();
  const opened = given
    ? null
    : await openBuffer({ redisUrl: null, dataDir: folder, log, metrics, clock: systemClock });
  const buffer = given ?? opened!.buffers[0]!;
  const client = createClickHouse({
    url: url ?? database.engine.url,
    ...database.engine.credentials.writer,
    database: 'lintel',
  });
  const clickhouse = wrap ? wrap(client) : client;
  const parts = {
    buffers: [buffer],
    clickhouse: () => clickhouse,
    database: 'lintel',
    clock: systemClock,
    log,
    metrics,
  };
  const deadLetters = createDeadLetters({
    ...parts,
    buffer,
    dataDir: folder,
    ...(options.replayLog && { replayLog: options.replayLog }),
  });
  const flusher = createFlusher({
    ...parts,
    rollups: database.rollups,
    deadLetters,
    intervalMs: 50,
    owner: `test:${Math.random()}`,
    random: Math.random,
    ...options,
  });
  return {
    buffer,
    flusher,
    ledger: createLedger({ ...parts, deadLetters }),
    deadLetters,
    metrics,
    log,
    clickhouse,
    dataDir: folder,
    stop: async () => {
      await flusher.stop();
      await opened?.close();
      await client.close();
      if (!dataDir) rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Rows of `events` and how many of them are there more than once. */
export const countEvents = async (database: TestDatabase): Promise<{ rows: number; doubled: number }> => {
  const [row] = await database
    .as('migrator')
    .rows<{ rows: number; doubled: number }>(
      'SELECT sum(n) AS rows, countIf(n > 1) AS doubled FROM (SELECT count() AS n FROM events GROUP BY stream, seq)',
    );
  return row!;
};

export const emptyTables = async (database: TestDatabase): Promise<void> => {
  for (const table of ['events', 'ingest_batches', 'dead_letters', 'clean_days', 'inquiries']) {
    await database.as('migrator').command(`TRUNCATE TABLE ${table}`);
  }
};

export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 60_000,
): Promise<void> => {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export { startDatabase, type TestDatabase };
