/**
 * Drain of a backlog: disk buffer (or Redis) → flush process → ClickHouse, each in a process of its own.
 *
 *   npm run bench -- flush [--write] [--rows=600000] [--intake=2000] [--redis]
 *
 * Prints rows a second until the buffer is empty, CPU time per row of the flusher and of ClickHouse, and what is in the
 * table afterwards. `--intake` rows a second keep coming meanwhile. Floor: 30,000 rows a second.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBuffer } from '../packages/collector/src/buffer/index.js';
import { systemClock } from '../packages/collector/src/clock.js';
import { silentLog } from '../packages/collector/src/log.js';
import { createMetrics } from '../packages/collector/src/monitor/index.js';
import { startRedis } from '../packages/collector/test/buffer/support/redis-server.js';
import { startFlusher } from '../packages/collector/test/flush/support/child.js';
import { startDatabase } from '../packages/collector/test/flush/support/pipeline.js';
import { appendAll, backlogUnits } from './flush/backlog.js';
import { cpuMicroseconds, residentMb } from './ingest/processes.js';

const option = (name: string, fallback: number): number => {
  const found = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return found === undefined ? fallback : Number(found.slice(name.length + 3));
};
const ROWS = option('rows', 600_000);
const INTAKE = option('intake', 2000);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const whole = (value: number): string => Math.round(value).toLocaleString('en');

const dataDir = mkdtempSync(join(tmpdir(), 'lintel-bench-flush-'));
const redis = process.argv.includes('--redis') ? await startRedis() : null;
const database = await startDatabase();
const opened = await openBuffer({
  redisUrl: redis?.url ?? null,
  dataDir,
  log: silentLog,
  metrics: createMetrics(),
  clock: systemClock,
});
const { buffer } = opened;
const lines: string[] = [];
const row = (what: string, value: string): void => {
  process.stdout.write(`${what.padEnd(48)} ${value}\n`);
  lines.push(`| ${what} | ${value} |`);
};

try {
  await appendAll(buffer, backlogUnits(0, ROWS));
  const waiting = await buffer.depth();
  const flusher = await startFlusher(database, {
    dataDir,
    redisUrl: redis?.url ?? null,
    intervalMs: 1000,
    waits: true,
  });
  const engine = database.engine.pid()!;
  const before = { flusher: cpuMicroseconds(flusher.pid), engine: cpuMicroseconds(engine) };
  const startedAt = performance.now();
  let appended = ROWS;
  let intake = true;
  const coming = (async () => {
    for (let turn = 1; intake && INTAKE > 0; turn++) {
      await appendAll(buffer, backlogUnits(appended, Math.max(100, INTAKE / 10)));
      appended += Math.max(100, INTAKE / 10);
      await pause(Math.max(0, startedAt + turn * 100 - performance.now()));
    }
  })();
  flusher.go();
  let peakMb = 0;
  // with intake the buffer is never empty for long: what came within a second is no backlog
  while ((await buffer.depth()).rows > INTAKE) {
    peakMb = Math.max(peakMb, residentMb(flusher.pid));
    await pause(50);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  intake = false;
  await coming;
  while ((await buffer.depth()).rows > 0) await pause(50);
  const after = { flusher: cpuMicroseconds(flusher.pid), engine: cpuMicroseconds(engine) };
  const [stored] = await database
    .as('migrator')
    .rows<{ n: number; doubled: number; parts: number }>(
      "SELECT sum(times) AS n, countIf(times > 1) AS doubled, (SELECT count() FROM system.parts WHERE table = 'events' AND active) AS parts FROM (SELECT count() AS times FROM events GROUP BY stream, seq)",
    );
  row('buffer', redis ? 'Redis, AOF everysec' : 'disk (lmdb)');
  row('rows waiting at the start', whole(waiting.rows));
  row('bytes per waiting row', (waiting.bytes / waiting.rows).toFixed(1));
  row('rows that came meanwhile, a second', whole(INTAKE));
  row('seconds until the backlog was gone', seconds.toFixed(1));
  row('drained, rows a second (floor 30,000)', whole(appended / seconds));
  row('flusher, CPU µs a row', ((after.flusher - before.flusher) / stored!.n).toFixed(2));
  row('ClickHouse, CPU µs a row, merges included', ((after.engine - before.engine) / stored!.n).toFixed(1));
  row('flusher, resident at most, MB', whole(peakMb));
  row('sealed ranges', whole(flusher.of('flush.committed').length));
  row('rows lost, rows doubled', `${appended - stored!.n}, ${stored!.doubled}`);
  flusher.kill();
  await flusher.ended;
  if (process.argv.includes('--write')) {
    const results = new URL('results/', import.meta.url);
    mkdirSync(results, { recursive: true });
    const command = `npm run bench -- flush ${process.argv.slice(2).join(' ')}`;
    writeFileSync(
      new URL(`flush${redis ? '-redis' : ''}.md`, results),
      `# Drain of a backlog\n\n\`${command}\` · ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'} · Node ${process.version} · ClickHouse 26.7 (embedded) · ${new Date().toISOString().slice(0, 10)}\n\n| | |\n|---|---|\n${lines.join('\n')}\n`,
    );
  }
  process.exitCode = appended === stored!.n && stored!.doubled === 0 ? 0 : 1;
} finally {
  await opened.close();
  await database.stop();
  await redis?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
