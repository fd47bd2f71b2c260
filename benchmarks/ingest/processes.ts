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

/** Starts a server of this folder; it prints its port. */
export const startServer = async (
  name: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Started> => {
  const [command, all] = pinned(1, process.execPath, [...flags, `${built}${name}.mjs`, ...args]);
  const child = spawn(command, all, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  children.add(child);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { pid: child.pid!, port: Number(line.toString().trim()), stop: () => stop(child) };
};

export interface Load {
  requests: number;
  accepted: number;
  failed: number;
  p50Ms: number;
  p99Ms: number;
}

/** Runs the generator to its end. */
export const runLoad = async (args: readonly number[]): Promise<Load> => {
  const [command, all] = pinned(0, process.execPath, [`${built}load.mjs`, ...args.map(String)]);
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  children.delete(child);
  return JSON.parse(text) as Load;
};

/** A Redis with an append-only file, synced every second, in a folder of its own. */
export const startRedis = async (): Promise<Started & { url: string }> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const dir = mkdtempSync(join(tmpdir(), 'lintel-bench-redis-'));
  const settings = ['--port', String(port), '--dir', dir, '--appendonly', 'yes', '--appendfsync', 'everysec'];
  const child = spawn('redis-server', [...settings, '--save', '', '--maxmemory-policy', 'noeviction'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
