/**
 * ClickHouse away: what an hour at 2,000 events/s leaves in the buffer, and how soon it is gone afterwards while 2,000
 * events/s go on. The backlog is the hour's, sent faster.
 *
 *   npm run bench -- buffer [--write] [--events=7200000] [--fill-rate=30000] [--ingest-processes=0]
 */
import { readBooks, settle, stored, pause } from './pipeline/books.js';
import { createReport, number, option } from './pipeline/report.js';
import { startStack, watched } from './pipeline/stack.js';

const EVENTS = option('events', 7_200_000);
const FILL_RATE = option('fill-rate', 30_000);
const INGEST_PROCESSES = option('ingest-processes', 0);
/** Events a second while the database is away, and afterwards. */
const LIVE_RATE = 2000;
/** Longest time a drain is waited for; the aim is 300 s. */
const PATIENCE_SECONDS = 900;

const report = createReport('buffer', 'ClickHouse away', [
  'Generator, collector, Redis and ClickHouse share these cores;',
  INGEST_PROCESSES === 0
    ? 'the collector is one process (ingest, flush and admin).'
    : `the collector is ${INGEST_PROCESSES} ingest process(es) and one for flush and admin.`,
]);
const stack = await startStack({ LINTEL_INGEST_PROCESSES: String(INGEST_PROCESSES) });

try {
  report.section(`An hour at ${number(LIVE_RATE)} events/s without ClickHouse`);
  await stack.load({ rate: LIVE_RATE, seconds: 3 });
  const { accepted: before } = await settle(stack);
  await stack.stopClickhouse();
  const fill = await stack.load({ rate: FILL_RATE, seconds: EVENTS / FILL_RATE, connections: 256 });
  const { buffer } = await stack.admin<{ buffer: { rows: number; bytes: number; fill: number } }>('/statusz');
  const memory = await stack.redisMemory();
  report.row('sent, events/s', number(FILL_RATE));
  report.row('acknowledged while ClickHouse was away', number(fill.accepted));
  report.row('— that is, at 2,000 events/s', `${number(fill.accepted / LIVE_RATE / 60, 1)} min`);
  report.row('answers; broken', `${JSON.stringify(fill.statuses)}; ${fill.broken}`);
  report.row('202 p50 / p99 ms', `${number(fill.p50Ms, 1)} / ${number(fill.p99Ms, 1)}`);
  report.row('rows waiting', number(buffer.rows));
  report.row('buffer bytes per waiting event, member alone', number(buffer.bytes / buffer.rows, 1));
  report.row(
    '— with the queue around it (MEMORY USAGE of the stream)',
    number(memory.queue / buffer.rows, 1),
  );
  report.row('— with the duplicate bits, all of Redis (used_memory)', number(memory.used / buffer.rows, 1));

  await stack.startClickhouse();
  const started = performance.now();
  let draining = true;
  const live = (async () => {
    let accepted = 0;
    const statuses: Record<string, number> = {};
    while (draining) {
      const result = await stack.load({ rate: LIVE_RATE, seconds: 10 });
      accepted += result.accepted;
      for (const [status, n] of Object.entries(result.statuses))
        statuses[status] = (statuses[status] ?? 0) + n;
    }
    return { accepted, statuses };
  })();
  const {
    result: seconds,
    cpuUs,
    memoryMb,
  } = await watched(
    { collector: [stack.collectorPid, ...stack.ingestPids()], clickhouse: [stack.clickhousePid()] },
    async () => {
      for (;;) {
        const passed = (performance.now() - started) / 1000;
        // what came within the last two seconds is no backlog
        if ((await readBooks(stack)).buffered <= 2 * LIVE_RATE || passed > PATIENCE_SECONDS) return passed;
        await pause(500);
      }
    },
  );
  draining = false;
  const coming = await live;
  const { accepted } = await settle(stack);
  const { rows, distinct } = await stored(stack);
  const drained = fill.accepted + LIVE_RATE * seconds;
  report.row('seconds until the backlog was gone (floor 300)', number(seconds, 1));
  report.row('drained meanwhile, rows/s', number(drained / seconds));
  report.row('answers to the live load meanwhile', JSON.stringify(coming.statuses));
  report.row('CPU-µs a row, collector (with the live load)', number(cpuUs['collector']! / drained, 2));
  report.row('CPU-µs a row, ClickHouse, merges included', number(cpuUs['clickhouse']! / drained, 2));
  report.row(
    'resident at most, MB: collector; ClickHouse',
    `${number(memoryMb['collector']!)}; ${number(memoryMb['clickhouse']!)}`,
  );
  const sent = before + fill.accepted + coming.accepted;
  report.row(
    'acknowledged / stored / lost / doubled',
    `${number(sent)} / ${number(rows)} / ${number(sent - distinct)} / ${number(rows - distinct)}`,
  );
  const isExact = sent === accepted && rows === sent && distinct === sent;
  const isWhole = Object.keys({ ...fill.statuses, ...coming.statuses }).every((status) => status === '202');
  process.exitCode = isExact && isWhole && fill.broken === 0 ? 0 : 1;
} catch (error) {
  report.row('did not finish', String(error));
  process.exitCode = 1;
} finally {
  report.save();
}
await stack.stop();
process.exit();
