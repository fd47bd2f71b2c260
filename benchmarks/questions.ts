/**
 * Latency of the sixteen questions over HTTP: one client, warm, 10 million events of 180 days, the last 30 days asked
 * for; once with no finished day built (everything from `events`), once with every one (roll-ups).
 *
 *   npm run bench -- questions [--write] [--events=10000000] [--seeded=500000] [--runs=15] [--data=DIR]
 *     [--only=overview] [--built-only]
 *
 * `--data` keeps the shop between runs. Beside the times stands what ClickHouse spent on one asking, from its own query
 * log: rows and megabytes read, processor time of all its threads. Targets (p50): 600 ms from events, 150 ms where
 * roll-ups answer, real-time 50 ms, 20 ms for what jobs keep.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../packages/collector/src/log.js';
import { createRollups } from '../packages/collector/src/schema/index.js';
import { createAsker, type Asker } from './questions/ask.js';
import { costsBetween, type Cost } from './questions/cost.js';
import { DAYS, openShop } from './questions/shop.js';
import { runJobs } from './questions/jobs.js';
import { ASKED, KEPT, type Asking } from './questions/table.js';

const text = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const number = (name: string, fallback: number): number => Number(text(name) ?? fallback);
const EVENTS = number('events', 10_000_000);
const RUNS = number('runs', 15);
const SEEDED = number('seeded', 500_000);
const only = text('only');
const builtOnly = process.argv.includes('--built-only');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const kept = text('data');
const dir = kept ?? mkdtempSync(join(tmpdir(), 'lintel-bench-questions-'));
mkdirSync(dir, { recursive: true });
const shop = await openShop({
  dir,
  filled: existsSync(join(dir, 'clickhouse')),
  events: EVENTS,
  seeded: SEEDED,
  say,
});

interface Measured extends Cost {
  median: number;
  p95: number;
  kilobytes: number;
}

const measure = async (asker: Asker, asked: readonly Asking[]): Promise<Map<string, Measured>> => {
  const spans: { name: string; from: number; to: number }[] = [];
  const times = new Map<string, { median: number; p95: number; kilobytes: number }>();
  for (const { name, path } of asked) {
    let kilobytes = 0;
    try {
      await asker.ask(path);
    } catch (error) {
      say(`  ${(error as Error).message}`);
      continue;
    }
    const from = Date.now();
    const ms: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const { ms: took, bytes } = await asker.ask(path);
      ms.push(took);
      kilobytes = bytes / 1000;
    }
    spans.push({ name, from, to: Date.now() });
    ms.sort((p, q) => p - q);
    times.set(name, {
      median: ms[Math.floor(ms.length / 2)]!,
      p95: ms[Math.min(ms.length - 1, Math.floor(ms.length * 0.95))]!,
      kilobytes,
    });
  }
  const costs = await costsBetween(shop.as('migrator'), spans, RUNS);
  return new Map([...times].map(([name, time]) => [name, { ...time, ...costs.get(name)! }]));
};

/** What was written is merged: a day in production finds its parts so. */
const merged = async (): Promise<void> => {
  for (let waited = 0; waited < 120; waited++) {
    const [row] = await shop.as('migrator').rows<{ n: number }>('SELECT count() AS n FROM system.merges');
    if (row!.n === 0 && waited > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
};

/** p50 of the first answers of processes that have kept nothing yet. */
const measureFirst = async (asked: readonly Asking[]): Promise<Map<string, number>> => {
  const times = new Map<string, number>();
  for (const { name, path } of asked) {
    const ms: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const asker = await createAsker(shop);
      // the connection is there
      await asker.ask('/api/admin/jobs/results?of=quality&timeRange=24h');
      ms.push((await asker.ask(path)).ms);
      asker.close();
    }
    ms.sort((p, q) => p - q);
    times.set(name, ms[Math.floor(ms.length / 2)]!);
  }
  return times;
};

try {
  const writer = shop.as('writer');
  const rollups = createRollups({ clickhouse: () => writer, database: 'lintel', log: silentLog });
  const migrator = shop.as('migrator');
  await migrator.command('OPTIMIZE TABLE events', { timeoutMs: 600_000 });
  const [stored] = await migrator.rows<{
    n: number;
    visitors: number;
    today: number;
    live: number;
    days: string[];
  }>(
    `SELECT count() AS n, uniq(visitor) AS visitors, countIf(toDate(ts) = today()) AS today,
       countIf(ts > now64() - INTERVAL 30 MINUTE) AS live, arraySort(groupUniqArray(toString(toDate(ts)))) AS days
     FROM events`,
  );
  say(`${stored!.n.toLocaleString('en')} events, ${stored!.visitors.toLocaleString('en')} visitors`);
  // without it, days that are built stay so
  if (!builtOnly) await rollups.markDirty(stored!.days);

  const asker = await createAsker(shop);
  const asked = ASKED.filter(({ name }) => only === undefined || name.startsWith(only));
  await merged();
  const raw = builtOnly ? null : await measure(asker, asked);
  const started = performance.now();
  const rebuilt = await rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0, restMs: 0 });
  const buildS = (performance.now() - started) / 1000;
  // in the morning hardly anything is of today, and it is the open day that every question reads from `events`
  const young = new Date().getUTCHours() < 12;
  if (young) await rollups.markDirty([new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)]);
  await merged();
  const built = await measure(asker, asked);
  const first = await measureFirst(asked.filter(({ name }) => built.has(name)));
  const ran =
    only === undefined
      ? await runJobs(
          shop,
          rollups,
          KEPT.map(({ job }) => job),
        )
      : [];
  const kept = ran.length > 0 ? await measure(asker, KEPT) : new Map<string, Measured>();
  asker.close();

  const head = ['p50', 'p95', 'rows', 'MB', 'CPU'];
  let missed = 0;
  const rows = asked.map(({ name, target }) => {
    const [before, after] = [raw?.get(name), built.get(name)];
    if (!after || (raw !== null && !before)) {
      missed += 1;
      return `| ${name} | failed ${'| '.repeat(2 * head.length + 1)}| ${target} | **no** |`;
    }
    const met = after.median <= target && (!before || before.median <= Math.max(600, target));
    if (!met) missed += 1;
    const columns = [
      name,
      ...[before, after].flatMap((one) =>
        one
          ? [
              one.median.toFixed(0),
              one.p95.toFixed(0),
              `${(one.rows / 1000).toFixed(0)} k`,
              one.megabytes.toFixed(0),
              one.cpuMs.toFixed(0),
            ]
          : head.map(() => ''),
      ),
      first.get(name)!.toFixed(0),
      String(target),
      met ? 'yes' : '**no**',
    ];
    return `| ${columns.join(' | ')} |`;
  });
  const keptRows = KEPT.filter(({ name }) => kept.has(name)).map(({ name, job, target }) => {
    const { median, p95, kilobytes } = kept.get(name)!;
    const own = ran.find((run) => run.job === job)!;
    if (median > target) missed += 1;
    const columns = [
      name,
      median.toFixed(0),
      p95.toFixed(0),
      kilobytes.toFixed(1),
      String(target),
      median <= target ? 'yes' : '**no**',
      job,
      own.seconds.toFixed(1),
      String(own.rows),
    ];
    return `| ${columns.join(' | ')} |`;
  });
  const sizes = await migrator.rows<{ table: string; mb: number; per_event: number }>(
    `SELECT table, round(sum(bytes_on_disk) / 1e6, 1) AS mb, round(sum(bytes_on_disk) / ${stored!.n}, 1) AS per_event
     FROM system.parts WHERE database = 'lintel' AND active AND (table = 'events' OR endsWith(table, '_days'))
     GROUP BY table ORDER BY table`,
  );
  const report = [
    '# Latency of the questions',
    '',
    `\`npm run bench -- questions --events=${EVENTS}${SEEDED < EVENTS ? '' : ` --seeded=${EVENTS}`}${builtOnly ? ' --built-only' : ''}\`, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load of the machine ${loadavg()[0]!.toFixed(1)} at the end.`,
    '',
    `${stored!.n.toLocaleString('en')} events of ${stored!.visitors.toLocaleString('en')} visitors over ${DAYS} days: ` +
      `generated visits of the example configurator through the collector${SEEDED < EVENTS ? ', multiplied under other identities inside the database, past months merged' : ''}. ` +
      `${stored!.today.toLocaleString('en')} of them are of today, ${stored!.live.toLocaleString('en')} of the last half hour. ` +
      `The last 30 days are asked for, over HTTP with a token, one client, ${RUNS} runs after a first one. Milliseconds; ` +
      'rows, MB and CPU (all threads) are what ClickHouse spent on one asking. What answers keep for a minute (docs/questions.md) is kept here, too; `first` is the p50 of processes that have kept nothing yet, days built. Targets are for p50: 600 from events, 150 with the days built, real-time 50.',
    '',
    rebuilt.length === 0
      ? 'Every finished day was built before.'
      : `Building every finished day took ${buildS.toFixed(1)} s (${rebuilt.map((one) => `${one.rollup}: ${one.days} days, ${one.rows.toLocaleString('en')} rows`).join('; ')}).` +
        (young ? ' Yesterday was read from events again, because today is young.' : ''),
    '',
    ...sizes.map(({ table, mb, per_event }) => `- ${table}: ${mb} MB, ${per_event} B per event`),
    '',
    `| question | from events: ${head.join(' | ')} | days built: ${head.join(' | ')} | first | target | met |`,
    `|${'---|'.repeat(4 + 2 * head.length)}`,
    ...rows,
    '',
    ...(keptRows.length === 0
      ? []
      : [
          'What jobs keep (`/api/admin/jobs/results`), 30 days of it, and what one run of the job took and wrote:',
          '',
          '| of | p50 | p95 | kB | target | met | job | s | rows |',
          `|${'---|'.repeat(9)}`,
          ...keptRows,
          '',
        ]),
    missed === 0
      ? 'Every target is met.'
      : `${missed} of ${asked.length + keptRows.length} miss their target.`,
    '',
  ].join('\n');
  say(report);
  if (process.argv.includes('--write'))
    writeFileSync(new URL('./results/questions.md', import.meta.url), report);
} finally {
  await shop.stop();
  if (kept === undefined) rmSync(dir, { recursive: true, force: true });
}
