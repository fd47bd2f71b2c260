/**
 * CPU time of one durable event: the collector's ingest against the stack one would write first, over the same Redis
 * settings, in turns; then the waits of an open loop at shares of what one core can take. CPU time and ratios are what
 * counts; wall times on a shared machine are not.
 *
 *   npm run bench -- ingest [--write] [--seconds=5] [--rounds=3] [--node=20,24]
 *
 * `--node`: major versions to run both servers on; those that are not this one are fetched from npm.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeRelease, versionOf } from './ingest/node-release.js';
import { bundle, cpuMicroseconds, residentMb, runLoad, startRedis, startServer } from './ingest/processes.js';
import { machine, redisVersion } from './ingest/machine.js';

const text = (name: string, fallback: string): string =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback;
const SECONDS = Number(text('seconds', '5'));
const ROUNDS = Number(text('rounds', '3'));
const WARM_UP_SECONDS = 2;
const CONNECTIONS = 128;
/** Of an open loop at a share of the capacity. */
const WAIT_SECONDS = 4 * SECONDS;

interface Runtime {
  binary: string;
  version: string;
}
const major = process.versions.node.split('.')[0]!;
const runtimes: Runtime[] = text('node', `${major},24`)
  .split(',')
  .flatMap((wanted) => {
    const binary = nodeRelease(Number(wanted));
    if (binary === null) process.stdout.write(`Node ${wanted} cannot be had here: not measured\n`);
    return binary === null ? [] : [{ binary, version: versionOf(binary) }];
  });

const SERVERS = [
  ['lintel', 'lintel-server'],
  ['plain stack', 'plain-server'],
] as const;
type Server = (typeof SERVERS)[number][0];
const BATCHES = [10, 1] as const;

interface Measured {
  server: Server;
  version: string;
  events: number;
  /** CPU-µs of a durable event. */
  cpu: number;
  redisCpu: number;
  /** By the clock. */
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  rssMb: number;
  refused: number;
}

const measure = async (
  server: Server,
  script: string,
  runtime: Runtime,
  events: number,
): Promise<Measured> => {
  const redis = await startRedis(0);
  const { pid, port, stop } = await startServer(script, [redis.url], { node: runtime.binary });
  const load = (seconds: number) => runLoad({ port, events, connections: CONNECTIONS, seconds, rate: 0 });
  await load(WARM_UP_SECONDS);
  const before = [cpuMicroseconds(pid), cpuMicroseconds(redis.pid)] as const;
  const { accepted, requests, seconds, p50Ms, p99Ms, broken } = await load(SECONDS);
  const cpu = (cpuMicroseconds(pid) - before[0]) / accepted;
  const redisCpu = (cpuMicroseconds(redis.pid) - before[1]) / accepted;
  const rssMb = residentMb(pid);
  await stop();
  await redis.stop();
  const refused = requests + broken - accepted / events;
  const perSecond = accepted / seconds;
  return { server, version: runtime.version, events, cpu, redisCpu, perSecond, p50Ms, p99Ms, rssMb, refused };
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const whole = (value: number): string => Math.round(value).toLocaleString('en');

await bundle();
const all: Measured[] = [];
for (const events of BATCHES) {
  for (let round = 0; round < ROUNDS; round++) {
    for (const runtime of runtimes) {
      for (const [name, script] of SERVERS) {
        const one = await measure(name, script, runtime, events);
        all.push(one);
        process.stdout.write(
          `${name}, Node ${one.version}, ${events} a request: ${one.cpu.toFixed(1)} CPU-µs + ${one.redisCpu.toFixed(1)} of Redis an event\n`,
        );
      }
    }
  }
}

const runsOf = (server: Server, version: string, events: number): Measured[] =>
  all.filter((one) => one.server === server && one.version === version && one.events === events);
const medianOf = (server: Server, version: string, events: number, read: (one: Measured) => number): number =>
  median(runsOf(server, version, events).map(read));

const line = (server: Server, version: string, events: number): string => {
  const of = (read: (one: Measured) => number): number => medianOf(server, version, events, read);
  const refused = runsOf(server, version, events).reduce((sum, one) => sum + one.refused, 0);
  return `| ${server} | ${version} | ${events} | ${of((one) => one.cpu).toFixed(1)} | ${of((one) => one.redisCpu).toFixed(1)} | ${whole(1e6 / of((one) => one.cpu))} | ${whole(of((one) => one.perSecond))} | ${of((one) => one.p50Ms).toFixed(1)} / ${of((one) => one.p99Ms).toFixed(1)} | ${whole(of((one) => one.rssMb))} | ${refused} |`;
};
const ratio = (version: string, events: number): string => {
  const of = (server: Server): number => medianOf(server, version, events, (one) => one.cpu + one.redisCpu);
  return `**${(of('plain stack') / of('lintel')).toFixed(1)}×** at ${events} a request on ${version}`;
};

/** Waits in an open loop at a share of what one core takes, by its CPU time or by the clock, whichever is less. */
const waits = async (runtime: Runtime, share: number): Promise<string> => {
  const { version } = runtime;
  const capacity = Math.min(
    1e6 / medianOf('lintel', version, 10, (one) => one.cpu),
    medianOf('lintel', version, 10, (one) => one.perSecond),
  );
  const redis = await startRedis(0);
  const { port, stop } = await startServer('lintel-server', [redis.url], { node: runtime.binary });
  const load = (rate: number, seconds: number) =>
    runLoad({ port, events: 10, connections: 256, seconds, rate });
  await load(capacity / 4, WARM_UP_SECONDS);
  const result = await load(share * capacity, WAIT_SECONDS);
  await stop();
  await redis.stop();
  const { p50Ms, p95Ms, p99Ms, latestMs, statuses, broken } = result;
  return `| ${version} | ${100 * share} % of ${whole(capacity)}/s | ${p50Ms.toFixed(1)} | ${p95Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${latestMs.toFixed(1)} | ${JSON.stringify(statuses)}${broken > 0 ? `, broken ${broken}` : ''} |`;
};
const waitLines: string[] = [];
for (const runtime of runtimes) {
  for (const share of [0.5, 0.9]) {
    waitLines.push(await waits(runtime, share));
    process.stdout.write(`${waitLines.at(-1)!}\n`);
  }
}

const versions = runtimes.map(({ version }) => version);
const table = `| server | Node | events a request | CPU-µs an event, ingest | CPU-µs an event, Redis | events/s a core (10⁶ ÷ CPU-µs) | events/s by the clock | p50 / p99 ms | RSS MB | refused |
|---|---|---|---|---|---|---|---|---|---|
${BATCHES.flatMap((events) => versions.flatMap((version) => SERVERS.map(([name]) => line(name, version, events)))).join('\n')}

CPU of a durable event, both processes, plain stack ÷ lintel: ${BATCHES.flatMap((events) => versions.map((version) => ratio(version, events))).join(', ')}.

## Waits for the 202 in an open loop

10 events a request, 256 connections, ${WAIT_SECONDS} s, counted from when each request should have left.

| Node | load | p50 ms | p95 ms | p99 ms | generator late at worst, ms | answers |
|---|---|---|---|---|---|---|
${waitLines.join('\n')}
`;
process.stdout.write(`\n${table}`);
if (process.argv.includes('--write')) {
  writeFileSync(
    fileURLToPath(new URL('results/ingest.md', import.meta.url)),
    `# Ingest: CPU time of a durable event

\`npm run bench -- ingest ${process.argv.slice(2).join(' ')}\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}, Redis ${redisVersion()} (AOF everysec); median of ${ROUNDS} rounds of ${SECONDS} s in turns, after ${WARM_UP_SECONDS} s of warm-up each, closed loop over ${CONNECTIONS} connections. The server has core 1 for itself; Redis and the generator share core 0. CPU time is user + system from \`/proc/<pid>/stat\`.

${table}
The plain stack is \`ingest/plain-server.ts\`: Express with helmet, cors, compression, express.json, zod, and one XADD an event. It checks less, enriches nothing and knows no duplicates; lintel does all of that, and an event answered 202 is in a gzip member of the buffer together with its duplicate bit.
`,
  );
}
