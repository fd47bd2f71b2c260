import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAdmin, type Admin } from './admin.js';
import { createDatabase, type Database } from './database.js';
import { freshFolder } from './folder.js';
import { freePorts } from './ports.js';
import { repositoryFile, startProgram, type Program } from './program.js';
import { OWNER_TOKEN, SITE } from './site.js';
import { until } from './until.js';

export interface Collector {
  publicUrl: string;
  adminUrl: string;
  dataDir: string;
  /** What it was started with; a command line started with it finds the same collector. */
  env: Record<string, string>;
  admin: Admin;
  database: Database;
  program(): Program;
  /** Process id of the ClickHouse engine, a child of the collector. */
  enginePid(): number;
  /** Starts it again after `kill` or `stop`, on the same ports and data. */
  start(env?: Record<string, string>): Promise<void>;
  /** kill -9 of the collector alone; its engine ends itself. */
  kill(): Promise<void>;
  /** SIGTERM, and wait for the end. @returns the exit code */
  stop(): Promise<number | NodeJS.Signals>;
  /** Everything gone: process and data. */
  remove(): Promise<void>;
}

export interface CollectorOptions {
  /** A file descriptor that takes its log instead of a pipe that is read. */
  stdout?: number;
  /** Put in front of the command; it must become it (`exec`), so that signals reach the collector. */
  wrap?: readonly string[];
  /** The engine, the flush and its health on the admin port. @default everything */
  role?: 'flush';
}

/**
 * A collector process with its own data directory, free ports and one site, ready to take events.
 * @param env more settings; a name of ours replaces it
 */
export const startCollector = async (
  env: Record<string, string> = {},
  { stdout, wrap = [], role }: CollectorOptions = {},
): Promise<Collector> => {
  const folder = freshFolder();
  const [publicPort, adminPort, httpPort, tcpPort] = (await freePorts(4)).map(String) as [
    string,
    string,
    string,
    string,
  ];
  const settings: Record<string, string> = {
    LINTEL_PUBLIC_PORT: publicPort,
    LINTEL_ADMIN_PORT: adminPort,
    LINTEL_CLICKHOUSE_HTTP_PORT: httpPort,
    LINTEL_CLICKHOUSE_TCP_PORT: tcpPort,
    LINTEL_DATA_DIR: join(folder.path, 'data'),
    LINTEL_SITES: JSON.stringify([SITE]),
    LINTEL_ADMIN_TOKEN: OWNER_TOKEN,
    LINTEL_FLUSH_INTERVAL_MS: '200',
    LINTEL_LOG_LEVEL: 'warn',
    ...env,
  };
  const dataDir = settings['LINTEL_DATA_DIR']!;
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  let program: Program;

  const start = async (more: Record<string, string> = {}): Promise<void> => {
    const [command = '', ...args] = [
      ...wrap,
      process.execPath,
      ...(role === undefined
        ? [repositoryFile('packages/collector/dist/main.js')]
        : [repositoryFile('packages/collector/bin/lintel.js'), 'start', '--role', role]),
    ];
    program = startProgram(command, args, {
      env: { ...settings, ...more },
      ...(stdout === undefined ? {} : { stdout }),
    });
    await until('the collector is ready', async () => {
      if (!program.running()) throw new Error(`the collector ended: ${program.stderr()}${program.stdout()}`);
      return fetch(`${adminUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  };
  await start();

  return {
    publicUrl: `http://127.0.0.1:${publicPort}`,
    adminUrl,
    dataDir,
    env: settings,
    admin: createAdmin(adminUrl, OWNER_TOKEN),
    database: createDatabase(`http://127.0.0.1:${httpPort}`, join(dataDir, 'clickhouse', 'credentials.json')),
    program: () => program,
    enginePid: () => {
      const owner = JSON.parse(readFileSync(join(dataDir, 'clickhouse', 'owner.json'), 'utf8')) as {
        engine: { pid: number };
      };
      return owner.engine.pid;
    },
    start,
    kill: () => program.kill(),
    stop: () => {
      program.signal('SIGTERM');
      return program.ended;
    },
    remove: async () => {
      if (program.running()) {
        program.signal('SIGTERM');
        await program.ended;
      }
      folder.remove();
    },
  };
};
