import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FlusherProcessOptions } from './flusher-process.js';
import { until, type Logged, type TestDatabase } from './pipeline.js';

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url));

export interface FlusherChild {
  pid: number;
  process: ChildProcess;
  said: Logged[];
  of(event: string): Logged[];
  /** Resolves when it is gone. */
  ended: Promise<void>;
  kill(signal?: NodeJS.Signals): void;
  /** Lets a flusher that `waits` start. */
  go(): void;
}

/** Starts a flush process; it has opened its buffer when this resolves. */
export const startFlusher = async (
  database: TestDatabase,
  options: Partial<FlusherProcessOptions> & { dataDir: string },
): Promise<FlusherChild> => {
  const settings: FlusherProcessOptions = {
    redisUrl: null,
    url: database.engine.url,
    ...database.engine.credentials.writer,
    intervalMs: 50,
    leaseMs: 15_000,
    ...options,
  };
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions', 'source', 'test/flush/support/flusher-process.ts'],
    {
      cwd: PACKAGE,
      env: { ...process.env, FLUSHER: JSON.stringify(settings) },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const said: Logged[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line) as Logged));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const flusher: FlusherChild = {
    pid: child.pid!,
    process: child,
    said,
    of: (event) => said.filter((one) => one.event === event),
    ended,
    kill: (signal = 'SIGKILL') => child.kill(signal),
    go: () => child.stdin.write('go\n'),
  };
  await until('the flush process is ready', () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the flush process ended');
    return flusher.of('ready').length > 0;
  });
  return flusher;
};
