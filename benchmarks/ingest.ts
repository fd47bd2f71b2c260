/**
 * CPU time of one durable event: the collector's ingest against the stack one would write first, over the same Redis
 * settings, in turns. CPU time and ratios are what counts; wall times on a shared machine are not.
 *
 *   npm run bench -- ingest [--write] [--seconds=8] [--rounds=3]
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { bundle, cpuMicroseconds, residentMb, runLoad, startRedis, startServer } from './ingest/processes.js';

const option = (name: string, fallback: number): number => {
  const found = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return found === undefined ? fallback : Number(found.slice(name.length + 3));
};
const SECONDS = option('seconds', 8);
const ROUNDS = option('rounds', 3);
const WARM_UP_SECONDS = 3;
/** Events a request, and connections that each wait for their answer before they send again. */
const CASES = [
  [10, 32],
  [10, 128],
  [1, 32],
  [1, 128],
] as const;

const SERVERS = [
  ['lintel', 'lintel-server'],
  ['plain stack', 'plain-server'],
] as const;

interface Measured {
  server: string;
  events: number;
  connections: number;
  cpu: number;
  redisCpu: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  rssMb: number;
  accepted: number;
  failed: number;
}

let streams = 0;
/** Room for the streams of one run of the generator. */
const NEXT_STREAMS = 10_000_000;

const measure = async (
  server: string,
  script: string,
  events: number,
  connections: number,
): Promise<Measured> => {
  const redis = await startRedis();
  const started = await startServer(script, [redis.url]);
  const load = (seconds: number) =>
    runLoad([started.port, events, connections, seconds, (streams += NEXT_STREAMS)]);
  await load(WARM_UP_SECONDS);
  const before = [cpuMicroseconds(started.pid), cpuMicroseconds(redis.pid)] as const;
  const { accepted, failed, p50Ms, p99Ms } = await load(SECONDS);
  const cpu = (cpuMicroseconds(started.pid) - before[0]) / accepted;
  const redisCpu = (cpuMicroseconds(redis.pid) - before[1]) / accepted;
  const rssMb = residentMb(started.pid);
  await started.stop();
  await redis.stop();
  const perSecond = 1e6 / cpu;
  return { server, events, connections, cpu, redisCpu, perSecond, p50Ms, p99Ms, rssMb, accepted, failed };
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

await bundle();
const all: Measured[] = [];
for (const [events, connections] of CASES) {
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, script] of SERVERS) {
      const one = await measure(name, script, events, connections);
      all.push(one);
      process.stdout.write(
        `${name}, ${events} a request, ${connections} connections: ${one.cpu.toFixed(1)} CPU-µs + ${one.redisCpu.toFixed(1)} of Redis an event\n`,
      );
    }
  }
}

const line = (server: string, events: number, connections: number): string => {
  const runs = all.filter(
    (one) => one.server === server && one.events === events && one.connections === connections,
  );
  const of = (read: (one: Measured) => number): number => median(runs.map(read));
  return `| ${server} | ${events} | ${connections} | ${of((one) => one.cpu).toFixed(1)} | ${of((one) => one.redisCpu).toFixed(1)} | ${Math.round(of((one) => one.perSecond)).toLocaleString('en')} | ${of((one) => one.p50Ms).toFixed(1)} / ${of((one) => one.p99Ms).toFixed(1)} | ${Math.round(of((one) => one.rssMb))} | ${runs.reduce((sum, one) => sum + one.failed, 0)} |`;
};
const ratio = (events: number, connections: number): string => {
  const of = (server: string): number =>
    median(
      all
        .filter((one) => one.server === server && one.events === events && one.connections === connections)
        .map((one) => one.cpu + one.redisCpu),
    );
  return `${(of('plain stack') / of('lintel')).toFixed(1)}×`;
};

const redisVersion = /v=([\d.]+)/.exec(String(execFileSync('redis-server', ['--version'])))?.[1];
const table = `| server | events a request | connections | CPU-µs an event, ingest | CPU-µs an event, Redis | events/s a core | p50 / p99 ms | RSS MB | failed |
|---|---|---|---|---|---|---|---|---|
${CASES.flatMap(([events, connections]) => SERVERS.map(([name]) => line(name, events, connections))).join('\n')}

CPU of a durable event, both processes, plain stack ÷ lintel: ${CASES.map(([events, connections]) => `**${ratio(events, connections)}** at ${events} a request and ${connections} connections`).join(', ')}.
`;
process.stdout.write(`\n${table}`);
if (process.argv.includes('--write')) {
  writeFileSync(
    fileURLToPath(new URL('results/ingest.md', import.meta.url)),
    `# Ingest: CPU time of a durable event

\`npm run bench -- ingest --write\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, Redis ${redisVersion} (AOF everysec); median of ${ROUNDS} rounds of ${SECONDS} s in turns, after ${WARM_UP_SECONDS} s of warm-up each. Server and Redis are processes of their own; CPU time is user + system from \`/proc/<pid>/stat\`. Events/s a core = 10⁶ ÷ CPU-µs of the ingest process.

${table}
The plain stack is \`ingest/plain-server.ts\`: Express with helmet, cors, compression, express.json, zod, and one XADD an event. It checks less, enriches nothing and knows no duplicates; lintel does all of that, and an event answered 202 is in a gzip member of the buffer together with its duplicate bit.
`,
  );
}
