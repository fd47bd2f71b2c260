import { openBuffer } from '../../../src/buffer/index.js';
import { systemClock } from '../../../src/clock.js';
import { createDeadLetters, createFlusher } from '../../../src/flush/index.js';
import type { Fields, Log } from '../../../src/log.js';
import { createMetrics } from '../../../src/monitor/index.js';
import { createClickHouse, createRollups } from '../../../src/schema/index.js';

/** What the parent says in `FLUSHER`. */
export interface FlusherProcessOptions {
  dataDir: string;
  redisUrl: string | null;
  url: string;
  user: string;
  password: string;
  intervalMs: number;
  leaseMs: number;
  owner?: string;
  /** Starts only when the parent says a line, so that a fault can be set up before. */
  waits?: boolean;
}

/** A flush process of its own, for tests that kill or stop one: prints its log as JSON lines and ends with its parent. */
const main = async (): Promise<void> => {
  const options = JSON.parse(process.env['FLUSHER'] ?? '') as FlusherProcessOptions;
  const say =
    (level: string) =>
    (event: string, fields: Fields = {}): void => {
      process.stdout.write(`${JSON.stringify({ level, event, fields })}\n`);
    };
  const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const metrics = createMetrics();
  const { buffer, buffers } = await openBuffer({ ...options, log, metrics, clock: systemClock });
  const client = createClickHouse({ ...options, database: 'lintel' });
  const parts = { buffers, clickhouse: () => client, database: 'lintel', clock: systemClock, log, metrics };
  const flusher = createFlusher({
    ...parts,
    rollups: createRollups({ ...parts }),
    deadLetters: createDeadLetters({ ...parts, buffer, dataDir: options.dataDir }),
    intervalMs: options.intervalMs,
    leaseMs: options.leaseMs,
    owner: options.owner ?? `process:${process.pid}:${Date.now()}`,
    random: Math.random,
  });
  if (options.waits) process.stdin.once('data', () => flusher.start());
  else flusher.start();
  say('info')('ready');
  process.stdin.on('end', () => process.exit(0)).resume();
};

void main();
