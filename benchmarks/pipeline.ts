/**
 * The whole path on one machine: load → ingest → Redis → flush → ClickHouse, all on these cores, until the books close.
 *
 *   npm run bench -- pipeline [--write] [--seconds=600] [--rate=…] [--short=30] [--ingest-processes=0]
 *
 * Finds the capacity of the whole machine in a closed loop, then: memory at 20,000 events/s, waits for the 202 at 50 and
 * 90 % of the capacity, 202 → visible at 2,000 events/s, and `--seconds` of load end to end at `--rate` (default: 85 % of
 * the capacity).
 */
import { randomUUID } from 'node:crypto';
import { pause, settle, stored } from './pipeline/books.js';
import { createReport, number, option } from './pipeline/report.js';
import { startStack, watched, type Stack } from './pipeline/stack.js';

const SECONDS = option('seconds', 600);
const SHORT = option('short', 30);
const RATE = option('rate', 0);
const INGEST_PROCESSES = option('ingest-processes', 0);

const report = createReport('pipeline', 'The whole path', [
  'Generator, collector, Redis and ClickHouse share these cores;',
  INGEST_PROCESSES === 0
    ? 'the collector is one process (ingest, flush and admin).'
    : `the collector is ${INGEST_PROCESSES} ingest process(es) and one for flush and admin.`,
  'Ten events a request, values varied as visits are (`ingest/visit.ts`). Waits count from when a request should have left.',
]);

const SITES = [
  { id: 1, key: 'pk_bench', origins: ['*'] },
  { id: 2, key: 'pk_canary', origins: ['*'] },
];
const stack: Stack = await startStack({
  LINTEL_SITES: JSON.stringify(SITES),
  LINTEL_INGEST_PROCESSES: String(INGEST_PROCESSES),
});
const pids = (): Record<string, number[]> => ({
  collector: [stack.collectorPid],
  ...(INGEST_PROCESSES > 0 ? { ingest: stack.ingestPids() } : {}),
  redis: [stack.redisPid],
  clickhouse: [stack.clickhousePid()],
});
const waits = ({ p50Ms, p95Ms, p99Ms }: { p50Ms: number; p95Ms: number; p99Ms: number }): string =>
  [p50Ms, p95Ms, p99Ms].map((ms) => number(ms, 1)).join(' / ');

/** What the machine stores, not what it acknowledges: the buffer may take more for a while. */
const findCapacity = async (): Promise<number> => {
  report.section('Capacity of the whole machine');
  await stack.load({ rate: 2000, seconds: 5 });
  await settle(stack);
  const { accepted, seconds, statuses, broken } = await stack.load({ rate: 0, seconds: SHORT });
  const { seconds: settling } = await settle(stack);
  const capacity = accepted / (seconds + settling);
  report.row('acknowledged events/s, closed loop, 64 connections', number(accepted / seconds));
  report.row('capacity: rows/s stored, until the books closed', number(capacity));
  report.row('answers; broken', `${JSON.stringify(statuses)}; ${broken}`);
  return capacity;
};

const acknowledgement = async (capacity: number): Promise<void> => {
  report.section(`Waits for the 202, whole machine, ${SHORT} s each`);
  for (const [name, rate] of [
    ['20,000 events/s', 20_000],
    [`50 % of the capacity, ${number(capacity / 2)} events/s`, capacity / 2],
    [`90 % of the capacity, ${number(0.9 * capacity)} events/s`, 0.9 * capacity],
  ] as const) {
    const { result, memoryMb } = await watched(pids(), () =>
      stack.load({ rate, seconds: SHORT, connections: 256 }),
    );
    await settle(stack);
    report.row(`${name}: p50 / p95 / p99 ms`, waits(result));
    report.row(
      '— generator late at worst, ms; answers',
      `${number(result.latestMs, 1)}; ${JSON.stringify(result.statuses)}`,
    );
    for (const name of ['collector', 'ingest'].filter((one) => one in memoryMb))
      report.row(`— ${name}, resident at most, MB`, number(memoryMb[name]!));
  }
};

/** A canary a second beside 2,000 events/s: from its 202 until `real-time` of its own site shows it. */
const visibility = async (): Promise<void> => {
  report.section('202 → visible in real-time');
  const seconds = 2 * SHORT;
  const load = stack.load({ rate: 2000, seconds });
  const delays: number[] = [];
  const stream = randomUUID();
  for (let seq = 0; seq < seconds - 5; seq++) {
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
    // not in step with the flush, whose interval is a second
    await pause(Math.max(0, 500 + Math.random() * 1000 - (Date.now() - now)));
  }
  await load;
  delays.sort((a, b) => a - b);
  const at = (q: number): string =>
    number((delays[Math.min(delays.length - 1, Math.floor(q * delays.length))] ?? 0) / 1000, 2);
  report.row(
    `at 2,000 events/s, n ${delays.length}: p50 / p95 / p99 / most, s`,
    [0.5, 0.95, 0.99, 1].map(at).join(' / '),
  );
  await settle(stack);
};

const endToEnd = async (rate: number): Promise<void> => {
  report.section(`End to end, ${SECONDS} s`);
  const before = await settle(stack);
  const started = performance.now();
  const { result, cpuUs, memoryMb } = await watched(pids(), () =>
    stack.load({ rate, seconds: SECONDS, connections: 256 }),
  );
  const { accepted, seconds: settling } = await settle(stack);
  const wall = (performance.now() - started) / 1000;
  const { rows, distinct } = await stored(stack);
  report.row('offered events/s', number(rate));
  report.row('rows/s stored: acknowledged ÷ time until the books closed', number(result.accepted / wall));
  report.row('books closed after the last answer, s', number(settling, 1));
  report.row('answers; broken', `${JSON.stringify(result.statuses)}; ${result.broken}`);
  report.row(
    'acknowledged in all / stored / doubled',
    `${number(accepted)} / ${number(rows)} / ${number(rows - distinct)}`,
  );
  if (accepted !== distinct || rows !== distinct || accepted - before.accepted < result.accepted)
    throw new Error(`accepted ${accepted}, stored ${rows}, distinct ${distinct}`);
  report.row('202 p50 / p95 / p99 ms', waits(result));
  report.row('generator late at worst, ms', number(result.latestMs, 1));
  for (const [name, us] of Object.entries(cpuUs))
    report.row(`CPU-µs an event, ${name}`, number(us / result.accepted, 2));
  for (const [name, mb] of Object.entries(memoryMb)) report.row(`resident at most, MB, ${name}`, number(mb));
  const [size] = await stack.query<{ bytes: string; parts: string; rows: string }>(
    "SELECT sum(bytes_on_disk) AS bytes, count() AS parts, sum(rows) AS rows FROM system.parts WHERE database = 'lintel' AND table = 'events' AND active",
  );
  report.row('bytes on disk per stored event', number(Number(size!.bytes) / Number(size!.rows), 1));
  report.row('active parts of events', size!.parts);
};

const stage = async <T>(name: string, work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (error) {
    report.row(`${name} did not finish`, String(error));
    process.exitCode = 1;
    return null;
  } finally {
    report.save();
  }
};

const capacity = await stage('capacity', findCapacity);
if (capacity !== null) await stage('acknowledgement', () => acknowledgement(capacity));
await stage('visibility', visibility);
await stage('end to end', () => endToEnd(RATE > 0 ? RATE : 0.85 * (capacity ?? 20_000)));
await stack.stop();
process.exit();
