import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Credentials } from './credentials.js';
import { spawnEngine, type EngineProcess } from './engine-process.js';
import { EmbeddedError } from './errors.js';
import { ping, query } from './http-client.js';

const POLL_MS = 25;
const PING_TIMEOUT_MS = 1000;
const STATEMENT_TIMEOUT_MS = 5000;

export interface LaunchedEngine {
  engine: EngineProcess;
  version: string;
  startMs: number;
}

export interface LaunchOptions {
  dir: string;
  library: string;
  database: string;
  httpPort: number;
  reader: Credentials;
  startTimeoutMs: number;
  /** Called with the process id before the engine is ready, so that it is never unknown. */
  onSpawn: (pid: number) => void;
  signal: AbortSignal;
}

const failure = (engine: EngineProcess, what: string): EmbeddedError => {
  const detail = engine.logTail();
  const reason = /^Code: \d+\. DB::.*$/m.exec(detail)?.[0];
  return new EmbeddedError('START_FAILED', `the engine ${what}${reason ? `: ${reason}` : ''}`, { detail });
};

const waitUntilReady = async (engine: EngineProcess, options: LaunchOptions): Promise<string> => {
  const { httpPort: port } = options;
  const deadline = Date.now() + options.startTimeoutMs;
  const proceed = (): void => {
    if (options.signal.aborted) throw new EmbeddedError('STOPPED', 'stopped while the engine was starting');
    const exit = engine.exit();
    if (exit) throw failure(engine, `ended while starting (${exit.signal ?? `exit ${exit.exitCode}`})`);
    if (Date.now() >= deadline) throw failure(engine, `gave no answer in ${options.startTimeoutMs} ms`);
  };

  for (;;) {
    proceed();
    if (await ping(port, PING_TIMEOUT_MS)) {
      // The reader's password also proves that the answer comes from this engine and not from a stranger on its port.
      const sql = 'SELECT version()';
      const answer = await query({ port, credentials: options.reader, sql, timeoutMs: STATEMENT_TIMEOUT_MS });
      proceed();
      if (answer.kind === 'refused')
        throw failure(engine, `refused its reader (${answer.code}): ${answer.text}`);
      if (answer.kind === 'ok') {
        await refuseIfOpen(engine, port);
        return answer.text;
      }
    }
    await sleep(POLL_MS);
  }
};

/** `default` has no password; if an engine release ever lets it in, nothing must be served at all. */
const refuseIfOpen = async (engine: EngineProcess, port: number): Promise<void> => {
  const credentials = { user: 'default', password: '' };
  const answer = await query({ port, credentials, sql: 'SELECT 1', timeoutMs: STATEMENT_TIMEOUT_MS });
  if (answer.kind === 'ok') throw failure(engine, 'lets user default in without a password');
};

/**
 * In this mode the database `system` lives in memory: a new engine does not know the log tables of the one before, fails
 * on their directories, and tries again a thousand times a second; `SYSTEM FLUSH LOGS` then never answers.
 */
const forgetSystemLogs = (dir: string): void =>
  rmSync(path.join(dir, 'data', 'data', 'system'), { recursive: true, force: true });

/**
 * Spawns the engine and waits until it answers as it should; a failed one is dead when this throws.
 * @throws {EmbeddedError} `START_FAILED` with the log tail as detail, `STOPPED` after an abort
 */
export const launchEngine = async (options: LaunchOptions): Promise<LaunchedEngine> => {
  const started = Date.now();
  forgetSystemLogs(options.dir);
  const engine = await spawnEngine(options);
  try {
    options.onSpawn(engine.pid);
    const version = await waitUntilReady(engine, options);
    return { engine, version, startMs: Date.now() - started };
  } catch (error) {
    await engine.kill();
    throw error;
  }
};
