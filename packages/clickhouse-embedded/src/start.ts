import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { renderConfigFile } from './config-file.js';
import { loadCredentials, newPassword, type CredentialsByRole } from './credentials.js';
import { checkDataVersion, recordDataVersion } from './data-version.js';
import { EmbeddedError } from './errors.js';
import type { EngineEventListener } from './events.js';
import { defaultGrants, type GrantsByRole } from './grants.js';
import { launchEngine } from './launch-engine.js';
import { findLibrary } from './library.js';
import { acquireLock } from './lock.js';
import { claimPort } from './ports.js';
import { renderSessionFile } from './session-file.js';
import { stopEngine } from './stop-engine.js';
import { supervise } from './supervisor.js';
import { renderUsersFile } from './users-file.js';

export interface StartOptions {
  /** Everything the engine keeps lives here; created when missing. One process per directory. */
  dir: string;
  /** 0 = any free port; it stays the same across restarts of the engine. */
  httpPort: number;
  tcpPort: number;
  /** Created when missing. Default `lintel`. */
  database?: string;
  /** Users are called `<prefix>_writer`, `_reader`, `_migrator`, `_steward`. Default `lintel`. */
  userPrefix?: string;
  /** Names of the views of `database` the reader may select; they need not exist yet. Default: none. */
  readerViews?: readonly string[];
  /** Replaces the default grants of a role (see `defaultGrants`): statements without GRANT and TO. */
  grants?: Partial<GrantsByRole>;
  /** Hard limit of the engine's memory. Default: half the machine's (or the container's), at most 4 GB. */
  memoryBytes?: number;
  /** How long one start of the engine may take. Default 15 s; replacements get four times as long. */
  startTimeoutMs?: number;
  onEvent?: EngineEventListener;
}

export interface EmbeddedClickHouse {
  /** e.g. `http://127.0.0.1:4123`; does not change while this object lives. */
  url: string;
  httpPort: number;
  tcpPort: number;
  dir: string;
  database: string;
  credentials: CredentialsByRole;
  /** Of the engine now; null between a crash and the restart. */
  pid(): number | null;
  /** Replacements started since `start()`, whether they came up or not. */
  restarts(): number;
  /** Lets running queries end (5 s), ends the engine, frees the directory. Calling it again waits for the same. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;
/** A replacement may have parts to check after the crash, and giving up early would only start the check again. */
const RESTART_TIMEOUT_FACTOR = 4;
const MOST_MEMORY_BYTES = 4e9;
const PORT_ATTEMPTS = 3;

const defaultMemoryBytes = (): number => {
  const constrained = process.constrainedMemory();
  const machine = os.totalmem();
  const available = constrained > 0 && constrained < machine ? constrained : machine;
  return Math.floor(Math.min(available / 2, MOST_MEMORY_BYTES));
};

const identifier = (value: string, option: string): string => {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(value)) return value;
  throw new EmbeddedError('BAD_OPTIONS', `${option} must be letters, digits and _: ${JSON.stringify(value)}`);
};

const port = (value: number, option: string): number => {
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new EmbeddedError('BAD_OPTIONS', `${option} must be a port number or 0: ${value}`);
};

/**
 * Starts a ClickHouse server and keeps it running until `stop()` or the end of this process.
 * @throws {EmbeddedError} see `EmbeddedErrorCode`; nothing is left running or locked
 */
export const start = async (options: StartOptions): Promise<EmbeddedClickHouse> => {
  const dir = path.resolve(options.dir);
  const database = identifier(options.database ?? 'lintel', 'database');
  const userPrefix = identifier(options.userPrefix ?? 'lintel', 'userPrefix');
  const views = (options.readerViews ?? []).map((view) => identifier(view, 'readerViews'));
  const wanted = { http: port(options.httpPort, 'httpPort'), tcp: port(options.tcpPort, 'tcpPort') };
  const memoryBytes = options.memoryBytes ?? defaultMemoryBytes();
  const startTimeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
  const onEvent = options.onEvent ?? (() => undefined);
  const library = findLibrary();

  const lock = await acquireLock(dir);
  try {
    if (lock.recovered) onEvent({ kind: 'lock_recovered', ...lock.recovered });
    checkDataVersion(dir, library.packageVersion);
    for (const folder of ['data', 'backups', 'logs', 'users.d']) {
      mkdirSync(path.join(dir, folder), { recursive: true, mode: 0o700 });
    }
    const credentials = loadCredentials(dir, userPrefix);
    const supervisor = { user: `${userPrefix}_supervisor`, password: newPassword() };
    const base = defaultGrants(database, credentials.migrator.user);
    const grants = { ...base, ...options.grants };
    grants.reader = [...grants.reader, ...views.map((view) => `SELECT ON ${database}.${view}`)];

    const write = (name: string, text: string): void =>
      writeFileSync(path.join(dir, name), text, { mode: 0o600 });
    write('users.xml', renderSessionFile({ database, supervisor }));
    write(
      path.join('users.d', `${userPrefix}.xml`),
      renderUsersFile({ credentials, grants, database, readerMemoryBytes: Math.floor(memoryBytes / 2) }),
    );

    const launchOn = async (httpPort: number, timeoutMs: number, signal: AbortSignal) => {
      const launched = await launchEngine({
        dir,
        library: library.file,
        database,
        httpPort,
        reader: credentials.reader,
        startTimeoutMs: timeoutMs,
        onSpawn: lock.setEngine,
        signal,
      });
      recordDataVersion(dir, { package: library.packageVersion, engine: launched.version });
      return launched;
    };

    /** Between choosing a free port and opening it somebody else may take it: then another one is chosen. */
    const launchFirst = async () => {
      for (let attempt = 1; ; attempt++) {
        const httpPort = await claimPort(wanted.http, 'HTTP');
        const tcpPort = await claimPort(wanted.tcp, 'native');
        write('config.xml', renderConfigFile({ dir, httpPort, tcpPort, displayName: database, memoryBytes }));
        try {
          const first = await launchOn(httpPort, startTimeoutMs, new AbortController().signal);
          return { httpPort, tcpPort, first };
        } catch (error) {
          const mayChoose = wanted.http === 0 || wanted.tcp === 0;
          const taken = error instanceof EmbeddedError && /Address already in use/i.test(error.detail);
          if (!mayChoose || !taken || attempt === PORT_ATTEMPTS) throw error;
        }
      }
    };

    const { httpPort, tcpPort, first } = await launchFirst();
    onEvent({ kind: 'ready', pid: first.engine.pid, startMs: first.startMs, version: first.version });
    const supervised = supervise({
      httpPort,
      first,
      launch: (signal) => launchOn(httpPort, startTimeoutMs * RESTART_TIMEOUT_FACTOR, signal),
      stopEngine: (engine) => stopEngine({ engine, httpPort, supervisor }),
      onEvent,
      onStopped: lock.release,
    });
    return {
      url: `http://127.0.0.1:${httpPort}`,
      httpPort,
      tcpPort,
      dir,
      database,
      credentials,
      pid: supervised.pid,
      restarts: supervised.restarts,
      stop: supervised.stop,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};
