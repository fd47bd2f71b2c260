/**
 * The whole path on one machine: open-loop load → ingest → Redis → flush → ClickHouse, until the books close.
 *
 *   npm run bench -- pipeline [--write] [--seconds=60] [--rate=15000] [--backlog-seconds=600]
 *
 * Prints rows a second end to end, waits for the 202 at a share of the capacity, ack → visible, the drain of a
 * backlog, memory and bytes. `--seconds=600` is the ten minutes of the published numbers.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { cpuMicroseconds } from './ingest/processes.js';
import { memoryMb, startStack, type Stack } from './pipeline/stack.js';

const option = (name: string, fallback: number): number => {
  const found = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return found === undefined ? fallback : Number(found.slice(name.length + 3));
};
const SECONDS = option('seconds', 60);
const RATE = option('rate', 15_000);
const BACKLOG_SECONDS = option('backlog-seconds', 600);
const lines: string[] = [];
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const row = (what: string, value: string): void => {
  say(`${what.padEnd(56)} ${value}`);
  lines.push(`| ${what} | ${value} |`);
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const number = (value: number, digits = 0): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });

interface Books {
  ledger: { accepted: number; stored: number; buffered: number; deadLettered: number; difference: number }[];
}

/** Waits until nothing is buffered. @returns accepted, and seconds that took */
const settle = async (stack: Stack): Promise<{ accepted: number; seconds: number }> => {
  const started = performance.now();
  for (;;) {
    const [books] = (await stack.admin<Books>('/api/admin/ledger')).ledger;
    if (books && books.buffered === 0) {
      if (books.difference !== 0) throw new Error(`the books do not close: ${JSON.stringify(books)}`);
      return { accepted: books.accepted, seconds: (performance.now() - started) / 1000 };
    }
    await pause(100);
  }
};

const stored = async (stack: Stack): Promise<{ rows: number; distinct: number }> => {
  const [found] = await stack.query<{ rows: string; distinct: string }>(
    "SELECT count() AS rows, uniqExact(stream, seq) AS distinct FROM lintel.events WHERE type NOT LIKE 'stream\\_%'",
  );
  return { rows: Number(found!.rows), distinct: Number(found!.distinct) };
};

const endToEnd = async (): Promise<void> => {
  const stack = await startStack();
  const pids = () => ({
    collector: stack.collectorPid,
    redis: stack.redisPid,
    clickhouse: stack.clickhousePid(),
  });
  await stack.load({ events: 10, rate: 2000, seconds: 5 }).done;
  await settle(stack);
  const before = Object.fromEntries(
    Object.entries(pids()).map(([name, pid]) => [name, cpuMicroseconds(pid)]),
  );
  const started = performance.now();
  const load = stack.load({ events: 10, rate: RATE, seconds: SECONDS });
  const result = await load.done;
  const { accepted, seconds: settling } = await settle(stack);
  const wall = (performance.now() - started) / 1000;
  const { rows, distinct } = await stored(stack);
  if (rows !== accepted || distinct !== accepted)
    throw new Error(`accepted ${accepted}, stored ${rows}, distinct ${distinct}`);
  row(`offered events/s, ${SECONDS} s, 10-event batches`, number(RATE));
  row('accepted / stored / doubled', `${number(accepted)} / ${number(rows)} / ${rows - distinct}`);
  row('rows/s end to end (rows ÷ time until the books closed)', number(result.accepted / wall));
  row('books closed after the last answer', `${number(settling, 1)} s`);
  row('answers', JSON.stringify(result.statuses));
  row(
    '202 p50 / p95 / p99 at this rate',
    `${number(result.p50Ms, 1)} / ${number(result.p95Ms, 1)} / ${number(result.p99Ms, 1)} ms`,
  );
  row('generator late at worst', `${number(result.latestMs, 1)} ms`);
  for (const [name, pid] of Object.entries(pids()))
    row(`CPU-µs an event, ${name}`, number((cpuMicroseconds(pid) - before[name]!) / result.accepted, 2));
  row('collector memory', `${number(memoryMb(stack.collectorPid))} MB`);
  const [size] = await stack.query<{ bytes: string; parts: string }>(
    "SELECT sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts WHERE database = 'lintel' AND table = 'events' AND active",
  );
  row('bytes on disk per stored event', number(Number(size!.bytes) / rows, 1));
  row('active parts of events', size!.parts);
  await stack.stop();
};

/** A canary a second beside 2,000 events/s: from its 202 until `real-time` of its own site shows it. */
const visibility = async (): Promise<void> => {
  const stack = await startStack({
    LINTEL_SITES: JSON.stringify([
      { id: 1, key: 'pk_bench', origins: ['*'] },
      { id: 2, key: 'pk_canary', origins: ['*'] },
    ]),
  });
  const load = stack.load({ events: 10, rate: 2000, seconds: SECONDS });
  const delays: number[] = [];
  const stream = crypto.randomUUID();
  for (let seq = 0; seq < SECONDS - 2; seq++) {
    const now = Date.now();
    const answer = await fetch(`http://127.0.0.1:${stack.publicPort}/v1/events`, {
      method: 'POST',
      body: JSON.stringify({
        key: 'pk_canary',
        sentAt: now,
        stream,
        events: [{ seq, at: now, type: 'page_view', path: '/' }],
      }),
    });
    if (answer.status !== 202) throw new Error(`canary ${answer.status}`);
    const acked = performance.now();
    for (;;) {
      const { data } = await stack.admin<{ data: { minutes: { events: number }[] } }>(
        '/api/admin/analytics/real-time?site=2',
      );
      if (data.minutes.reduce((sum, { events }) => sum + events, 0) > seq) break;
      await pause(20);
    }
    delays.push(performance.now() - acked);
    await pause(Math.max(0, 1000 - (Date.now() - now)));
  }
  await load.done;
  delays.sort((a, b) => a - b);
  const at = (q: number): string => number((delays[Math.floor(q * (delays.length - 1))] ?? 0) / 1000, 2);
  row(
    `202 → visible in real-time at 2,000 events/s, n ${delays.length}: p50 / p99`,
    `${at(0.5)} / ${at(0.99)} s`,
  );
  await stack.stop();
};

/** ClickHouse away for as long as `backlog-seconds` at 2,000 events/s would be; the same backlog, sent faster. */
const backlog = async (): Promise<void> => {
  const stack = await startStack();
  const wanted = BACKLOG_SECONDS * 2000;
  await stack.stopClickhouse();
  const result = await stack.load({ events: 10, rate: 20_000, seconds: wanted / 20_000 }).done;
  const [books] = (await stack.admin<Books>('/api/admin/ledger')).ledger;
  const depth = (await stack.admin<{ buffer: { rows: number; bytes: number } }>('/statusz')).buffer;
  await stack.startClickhouse();
  const load = stack.load({ events: 10, rate: 2000, seconds: 10 });
  const started = performance.now();
  const live = await load.done;
  const { accepted } = await settle(stack);
  const seconds = (performance.now() - started) / 1000;
  const { rows, distinct } = await stored(stack);
  row(
    'ClickHouse away: backlog',
    `${number(books!.buffered)} events = ${number(books!.buffered / 2000 / 60, 1)} min at 2,000/s`,
  );
  row('answers meanwhile', JSON.stringify(result.statuses));
  row('buffer bytes per waiting event', number(depth.bytes / depth.rows, 1));
  row(
    'drained in, with 2,000 events/s going on',
    `${number(seconds, 1)} s = ${number(accepted / seconds)} rows/s`,
  );
  row('lost / doubled', `${result.accepted + live.accepted - distinct} / ${rows - distinct}`);
  await stack.stop();
};

await endToEnd();
await visibility();
await backlog();

if (process.argv.includes('--write')) {
  const [cpu] = cpus();
  writeFileSync(
    new URL('./results/pipeline.md', import.meta.url),
    [
      '# The whole path',
      '',
      `\`npm run bench -- pipeline ${process.argv.slice(2).join(' ')}\`, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model ?? ''}, Node ${process.version};`,
      'generator, collector (one process), Redis (AOF everysec) and ClickHouse share these cores.',
      '',
      '| what | measured |',
      '|---|---|',
      ...lines,
      '',
    ].join('\n'),
  );
}
