/**
 * Latency of every view over HTTP, warm: one client, 180 days of events, the last 30 of them asked for.
 *
 *   npm run bench -- questions [--write] [--events=10000000] [--runs=9]
 *
 * Prints median and p95 of each view with all finished days built, and with none built. Targets: 600 ms from events,
 * 150 ms where a roll-up answers, 50 ms for the live views.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { viewDefinitions } from '../packages/collector/src/schema/definitions.js';
import { DAY_MS, someParameters, startDatabase } from '../packages/collector/test/schema/support.js';
import { trafficSql } from './questions/traffic.js';

const option = (name: string, fallback: number): number => {
  const found = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return found === undefined ? fallback : Number(found.slice(name.length + 3));
};
const EVENTS = option('events', 10_000_000);
const RUNS = option('runs', 9);
/** Events of a session on average, before the end cuts some. */
const EVENTS_PER_SESSION = 18.5;
const CHUNK = 50_000;

/** Views that answer from now: chapter 4 wants them within 50 ms. */
const LIVE = ['real_time', 'live_steps', 'live_visitors', 'live_errors', 'freshness'];
const READS_ROLLUP = /\bFROM (journey|sessions|timings_quarters)\b/;

const db = await startDatabase();
try {
  const clickhouse = db.as('migrator');
  const sessions = Math.round(EVENTS / EVENTS_PER_SESSION);
  const end = Date.now();
  for (let from = 0; from < sessions; from += CHUNK) {
    await clickhouse.command(trafficSql(sessions, from, Math.min(from + CHUNK, sessions), end), {
      timeoutMs: 300_000,
    });
  }
  const [stored] = await clickhouse.rows<{ n: number; visitors: number }>(
    'SELECT count() AS n, uniq(visitor) AS visitors FROM events',
  );
  process.stdout.write(
    `${stored!.n.toLocaleString('en')} events, ${stored!.visitors.toLocaleString('en')} visitors\n`,
  );

  const measure = async (): Promise<Map<string, { median: number; p95: number }>> => {
    const result = new Map<string, { median: number; p95: number }>();
    for (const view of viewDefinitions()) {
      if (view.name === 'query_cost' || view.name.startsWith('alert_')) continue;
      const parameters = { ...someParameters(view, end - 30 * DAY_MS, end) };
      if (view.name.startsWith('experiment_')) parameters['experiment'] = 'hero';
      if (view.name.startsWith('experiment_') && 'metric' in parameters) parameters['metric'] = 'inquiry';
      const times: number[] = [];
      for (let run = -1; run < RUNS; run++) {
        const started = performance.now();
        for await (const bytes of db.views.bytes(view.name, parameters, 'JSONCompactEachRowWithNames'))
          void bytes;
        if (run >= 0) times.push(performance.now() - started);
      }
      times.sort((p, q) => p - q);
      result.set(view.name, {
        median: times[Math.floor(times.length / 2)]!,
        p95: times[Math.floor(times.length * 0.95)]!,
      });
    }
    return result;
  };

  const raw = await measure();
  const started = performance.now();
  const rebuilt = await db.rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0 });
  const buildMs = performance.now() - started;
  const built = await measure();

  const lines = ['| view | from events | p95 | days built | p95 | target |', '|---|---|---|---|---|---|'];
  for (const [name, { median, p95 }] of built) {
    const { select } = viewDefinitions().find((view) => view.name === name)!;
    const target = LIVE.includes(name) ? 50 : READS_ROLLUP.test(select) ? 150 : 600;
    const missed = median > target ? ' **missed**' : '';
    const before = raw.get(name)!;
    lines.push(
      `| ${name} | ${before.median.toFixed(0)} | ${before.p95.toFixed(0)} | ${median.toFixed(0)} | ${p95.toFixed(0)} | ${target}${missed} |`,
    );
  }
  const builds = rebuilt
    .map(({ rollup, days, rows }) => `${rollup}: ${days} days, ${rows.toLocaleString('en')} rows`)
    .join('; ');
  const sizes = await clickhouse.rows<{ table: string; mb: number; per_event: number }>(
    `SELECT table, round(sum(bytes_on_disk) / 1e6, 1) AS mb, round(sum(bytes_on_disk) / ${stored!.n}, 1) AS per_event
     FROM system.parts WHERE database = 'lintel' AND active AND (table = 'events' OR endsWith(table, '_days'))
     GROUP BY table ORDER BY table`,
  );
  const text = [
    `# Latency of the views`,
    '',
    `\`npm run bench -- questions --events=${EVENTS}\`, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}: ${stored!.n.toLocaleString('en')} events of ${stored!.visitors.toLocaleString('en')} visitors over 180 days, the last 30 days asked for, ${RUNS} warm runs of one client over HTTP, milliseconds.`,
    '',
    `Building every finished day took ${(buildMs / 1000).toFixed(1)} s (${builds}).`,
    '',
    ...sizes.map(({ table, mb, per_event }) => `- ${table}: ${mb} MB, ${per_event} B per event`),
    '',
    ...lines,
    '',
  ].join('\n');
  process.stdout.write(`${text}\n`);
  if (process.argv.includes('--write')) {
    writeFileSync(new URL('./results/questions.md', import.meta.url), text);
  }
} finally {
  await db.stop();
}
