import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { identify } from '../../src/process-identity.js';

const packageFile = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Running, not merely waiting to be collected. */
export const isRunning = (pid: number): boolean => identify(pid) !== null;

export interface Started {
  child: ChildProcess;
  pid: number;
  stdout(): string;
  stderr(): string;
  /** Exit code and signal, once it has ended. */
  ended: Promise<{ exitCode: number | null; signal: string | null }>;
}

const startedHere = new Set<ChildProcess>();

/** For `afterEach`: a failed test leaves nothing running. */
export const killStarted = (): void => {
  for (const child of startedHere)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  startedHere.clear();
};

/** A Node process from TypeScript sources of this package. */
export const startNode = (file: string, args: string[], env: NodeJS.ProcessEnv = {}): Started => {
  const child = spawn(process.execPath, ['--import', 'tsx', packageFile(file), ...args], {
    cwd: packageFile('.'),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  startedHere.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  return { child, pid: child.pid!, stdout: () => stdout, stderr: () => stderr, ended };
};
