import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The same from `src` (run from source) and from `dist`: both lie one level below the package's root. */
const SCRIPT = fileURLToPath(new URL('../bin/engine.js', import.meta.url));

const LOG_TAIL_LINES = 20;

export interface EngineExit {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

export interface EngineProcess {
  pid: number;
  /** Aborted when the process has ended; `reason` of the signal is not used, see `exit()`. */
  ended: AbortSignal;
  exit(): EngineExit | null;
  /** SIGKILL, and wait until the process is gone. */
  kill(): Promise<void>;
  /** The last lines of what the engine wrote, for people. */
  logTail(): string;
}

const tail = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** Never ends by itself; one row a block, because a block may sleep three seconds at most. */
const openingStatements = (database: string): string =>
  [
    `CREATE DATABASE IF NOT EXISTS ${database}`,
    'SYSTEM START LISTEN HTTP',
    'SYSTEM START LISTEN TCP',
    'SELECT sleepEachRow(3) FROM system.numbers SETTINGS max_block_size = 1, log_queries = 0 FORMAT Null',
  ].join('; ');

/** Only what a process needs to run: the engine must see neither the parent's secrets nor its NODE_OPTIONS. */
const environment = (): NodeJS.ProcessEnv => {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'LD_LIBRARY_PATH'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), TZ: 'UTC' };
};

/**
 * The engine shares its machine with what takes events in: when both want the processor, queries and merges wait first.
 * 5 is about a third of the weight of an ordinary process.
 */
const NICE = 5;

/** Starts the engine in a session of its own, so that Ctrl-C in the terminal reaches only the parent. */
export const spawnEngine = async (options: {
  dir: string;
  library: string;
  database: string;
}): Promise<EngineProcess> => {
  const { dir } = options;
  const output = path.join(dir, 'logs', 'process.log');
  const descriptor = openSync(output, 'w', 0o600);
  const args = ['--path', path.join(dir, 'data'), '--config-file', path.join(dir, 'config.xml')];
  // `nice` becomes the engine's process; a priority set later would miss the threads that it has by then
  const child = spawn(
    'nice',
    [
      ...['-n', String(NICE), process.execPath, SCRIPT, options.library],
      ...[...args, '--query', openingStatements(options.database)],
    ],
    { cwd: dir, detached: true, env: environment(), stdio: ['ignore', descriptor, descriptor, 'ipc'] },
  );
  closeSync(descriptor);

  const ended = new AbortController();
  let exit: EngineExit | null = null;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      exit = { exitCode, signal };
      ended.abort();
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  // Later errors of the handle (a signal that could not be sent, a closed channel) show as a missing answer.
  child.on('error', () => undefined);

  return {
    pid: child.pid as number,
    ended: ended.signal,
    exit: () => exit,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    logTail: () => [...tail(path.join(dir, 'logs', 'clickhouse.log')), ...tail(output)].join('\n'),
  };
};
