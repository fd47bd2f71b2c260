import { build } from 'esbuild';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Kernel's clock ticks per second of `/proc/<pid>/stat`. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK']));

/** CPU time a process has used so far, in microseconds, user and system. */
export const cpuMicroseconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6;
};

/** Resident memory, in MB. */
export const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
process.on('SIGTERM', () => process.exit(143));

const stop = async (child: ChildProcess): Promise<void> => {
  children.delete(child);
  if (child.exitCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
};

/** Pins to one core where the system can: server and generator must not take turns on one. */
const pinned = (core: number, command: string, args: readonly string[]): [string, string[]] =>
  existsSync('/usr/bin/taskset')
    ? ['/usr/bin/taskset', ['-c', String(core), command, ...args]]
    : [command, [...args]];

export interface Started {
  pid: number;
  port: number;
  stop(): Promise<void>;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const built = `${here}.build/`;

/**
 * Bundles the servers and the generator as a release would be: a loader that compiles on the fly names every closure
 * at run time, which doubled what was measured.
 */
export const bundle = async (): Promise<void> => {
  await build({
    entryPoints: ['lintel-server', 'plain-server', 'load'].map((name) => `${here}${name}.ts`),
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    conditions: ['source'],
    alias: {
      '@lintel/protocol': fileURLToPath(new URL('../../packages/protocol/src/index.ts', import.meta.url)),
    },
    logLevel: 'warning',
  });
  cpSync(fileURLToPath(new URL('../../packages/collector/src/buffer/lua', import.meta.url)), `${built}lua`, {
    recursive: true,
  });
};

/** Starts a server of this folder on core 1; it prints its port. */
export const startServer = async (
  name: string,
  args: readonly string[],
  { node = process.execPath, flags = [] }: { node?: string; flags?: readonly string[] } = {},
): Promise<Started> => {
  const [command, all] = pinned(1, node, [...flags, `${built}${name}.mjs`, ...args]);
  const child = spawn(command, all, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  children.add(child);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { pid: child.pid!, port: Number(line.toString().trim()), stop: () => stop(child) };
};

export interface Load {
  /** Answered. */
  requests: number;
  accepted: number;
  duplicate: number;
  /** Answers by HTTP status. */
  statuses: Record<string, number>;
  /** Requests whose connection ended without an answer. */
  broken: number;
  seconds: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  /** How late the generator itself was at worst; a number near the waits makes them worthless. */
  latestMs: number;
}

export interface LoadOptions {
  port: number;
  /** In each request. */
  events: number;
  connections: number;
  seconds: number;
  /** Events a second in an open loop; 0: closed loop. */
  rate: number;
}

/** Runs the generator to its end. @param core pins it; null leaves it to the system */
export const runLoad = async (o: LoadOptions, core: number | null = 0): Promise<Load> => {
  const args = [`${built}load.mjs`, ...[o.port, o.events, o.connections, o.seconds, o.rate].map(String)];
  const [command, all] = core === null ? [process.execPath, args] : pinned(core, process.execPath, args);
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  children.delete(child);
  if (text === '') throw new Error(`the generator ended with ${child.exitCode} and no result`);
  return JSON.parse(text) as Load;
};

/**
 * A Redis with an append-only file, synced every second, in a folder of its own.
 * @param core pins it; null leaves it to the system
 */
export const startRedis = async (core: number | null = null): Promise<Started & { url: string }> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const dir = mkdtempSync(join(tmpdir(), 'lintel-bench-redis-'));
  const settings = ['--port', String(port), '--dir', dir, '--appendonly', 'yes', '--appendfsync', 'everysec'];
  const args = [...settings, '--save', '', '--maxmemory-policy', 'noeviction'];
  const [command, all] = core === null ? ['redis-server', args] : pinned(core, 'redis-server', args);
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let text = '';
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    if (text.includes('Ready to accept connections')) break;
  }
  child.stdout!.resume();
  return {
    pid: child.pid!,
    port,
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      await stop(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
