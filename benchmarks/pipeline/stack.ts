import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { bundle, cpuMicroseconds, runLoad, startRedis, type Load } from '../ingest/processes.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const COLLECTOR = fileURLToPath(new URL('../../packages/collector/dist/main.js', import.meta.url));
export const TOKEN = 'benchmark-owner-token-0123456789abcdef';
const TSX = ['--import', 'tsx', '--conditions', 'source'];

export interface Stack {
  publicPort: number;
  redisPid: number;
  /** The process that was started: everything, or all but ingest. */
  collectorPid: number;
  /** Ingest processes, where the collector has some. */
  ingestPids(): number[];
  clickhousePid(): number;
  admin<T>(path: string): Promise<T>;
  /** As steward. */
  query<T>(sql: string): Promise<T[]>;
  /** 10 events a request. @param o `rate` 0: closed loop */
  load(o: { rate: number; seconds: number; connections?: number }): Promise<Load>;
  /** Bytes: the queue of waiting members, and everything. */
  redisMemory(): Promise<{ queue: number; used: number }>;
  stopClickhouse(): Promise<void>;
  startClickhouse(): Promise<void>;
  stop(): Promise<void>;
}

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const run = (args: readonly string[], env: Record<string, string> = {}): ChildProcess => {
  const child = spawn(process.execPath, [...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
};
const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
};
const firstLine = async (child: ChildProcess): Promise<string> => {
  let text = '';
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  child.stdout!.resume();
  return text;
};
const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** Redis, ClickHouse and the built collector, each a process; the collector as `npm start` would run it. */
export const startStack = async (env: Record<string, string> = {}): Promise<Stack> => {
  await bundle();
  const folder = mkdtempSync(join(tmpdir(), 'lintel-bench-'));
  const [publicPort, adminPort, httpPort] = (await freePorts(3)) as [number, number, number];
  const redis = await startRedis();
  let clickhouse: ChildProcess;
  let database: { url: string; pid: number; passwords: Record<string, string> };
  const startClickhouse = async (): Promise<void> => {
    clickhouse = run([...TSX, `${here}clickhouse.ts`, join(folder, 'clickhouse'), String(httpPort)]);
    database = JSON.parse(await firstLine(clickhouse)) as typeof database;
  };
  await startClickhouse();
  const collector = run([COLLECTOR], {
    LINTEL_PUBLIC_PORT: String(publicPort),
    LINTEL_ADMIN_PORT: String(adminPort),
    LINTEL_DATA_DIR: join(folder, 'data'),
    LINTEL_REDIS_URL: redis.url,
    LINTEL_CLICKHOUSE_URL: database!.url,
    LINTEL_CLICKHOUSE_PASSWORD: JSON.stringify(database!.passwords),
    LINTEL_ADMIN_TOKEN: TOKEN,
    LINTEL_LOG_LEVEL: 'error',
    LINTEL_SITES: JSON.stringify([{ id: 1, key: 'pk_bench', origins: ['*'] }]),
    ...env,
  });
  const admin = async <T>(path: string): Promise<T> =>
    (await (
      await fetch(`http://127.0.0.1:${adminPort}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
    ).json()) as T;
  for (;;) {
    const status = await admin<{ database: { state: string } }>('/statusz').catch(() => null);
    if (status?.database.state === 'ready') break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  return {
    publicPort,
    redisPid: redis.pid,
    collectorPid: collector.pid!,
    ingestPids: () => childrenOf(collector.pid!),
    clickhousePid: () => database.pid,
    admin,
    query: async (sql) => {
      const answer = await fetch(`${database.url}/?default_format=JSONEachRow`, {
        method: 'POST',
        headers: {
          'x-clickhouse-user': 'lintel_steward',
          'x-clickhouse-key': database.passwords['steward']!,
        },
        body: sql,
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as never);
    },
    load: ({ rate, seconds, connections = 64 }) =>
      runLoad({ port: publicPort, events: 10, connections, seconds, rate }, null),
    redisMemory: async () => {
      const client = new Redis(redis.url);
      const keys = await client.keys('*queue');
      const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key, 'SAMPLES', 0)));
      const used = /^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1];
      client.disconnect();
      return { queue: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0), used: Number(used) };
    },
    stopClickhouse: () => end(clickhouse, 'SIGTERM'),
    startClickhouse,
    stop: async () => {
      await end(collector, 'SIGTERM');
      await end(clickhouse, 'SIGTERM');
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Resident memory, in MB, as the kernel's roll-up of all mappings says. */
export const memoryMb = (pid: number): number =>
  Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;

/** Runs `work` and looks once a second. @returns its result, CPU time each process used, most memory each had */
export const watched = async <T>(
  pids: Readonly<Record<string, readonly number[]>>,
  work: () => Promise<T>,
): Promise<{ result: T; cpuUs: Record<string, number>; memoryMb: Record<string, number> }> => {
  const sum = (read: (pid: number) => number): Record<string, number> =>
    Object.fromEntries(
      Object.entries(pids).map(([name, some]) => [name, some.reduce((all, pid) => all + read(pid), 0)]),
    );
  const before = sum(cpuMicroseconds);
  const most = sum(memoryMb);
  const timer = setInterval(() => {
    for (const [name, mb] of Object.entries(sum(memoryMb))) most[name] = Math.max(most[name]!, mb);
  }, 1000);
  try {
    const result = await work();
    const after = sum(cpuMicroseconds);
    const cpuUs = Object.fromEntries(Object.keys(after).map((name) => [name, after[name]! - before[name]!]));
    return { result, cpuUs, memoryMb: most };
  } finally {
    clearInterval(timer);
  }
};
