import { join } from 'node:path';
import { readCredentials, start as startEngine, type EmbeddedClickHouse } from 'clickhouse-embedded';
import type { Settings } from './config.js';
import { ClickHouseUnreachable } from './errors.js';
import type { Log } from './log.js';
import type { Metrics } from './monitor/index.js';
import {
  createClickHouse,
  migrate,
  readerGrants,
  SCHEMA_VERSION,
  writerGrants,
  type ClickHouse,
} from './schema/index.js';
import type { Site } from './sites.js';

const RETRY_MS = [250, 500, 1000, 2000, 5000];

export interface Database {
  readonly state: 'starting' | 'ready' | 'stopped';
  /** Last reason why it is not ready yet. */
  readonly lastError: string | null;
  /** @throws {ClickHouseUnreachable} until the database is ready */
  client(role: 'writer' | 'reader'): ClickHouse;
  /**
   * A client of a user that is needed now and then; the caller closes it.
   * @throws {ClickHouseUnreachable} until the database is ready
   */
  connect(role: 'migrator' | 'steward'): ClickHouse;
  /** Brings what lies there now to this build's schema, as at the start. */
  migrate(): Promise<void>;
  readonly name: string;
  readonly engine: EmbeddedClickHouse | null;
  /** Resolves when migrated; rejects only when stopped before. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

type Role = 'writer' | 'reader' | 'migrator' | 'steward';

interface Access {
  url: string;
  passwords: Record<Role, { user: string; password: string }>;
}

/** Who runs the embedded engine: this process, or another one of this host that keeps the same `dataDir`. */
export type EngineOwner = 'here' | 'elsewhere';

/**
 * The embedded engine or a server, migrated; intake never waits for it.
 * The migrator's client lives for the migration only.
 * @param owner of the embedded engine; means nothing when there is a server
 */
export const openDatabase = (
  settings: Settings,
  sites: readonly Site[],
  log: Log,
  metrics: Metrics,
  owner: EngineOwner = 'here',
): Database => {
  const { clickhouse } = settings;
  const clients = new Map<'writer' | 'reader', ClickHouse>();
  let engine: EmbeddedClickHouse | null = null;
  let opened: Access | null = null;
  let state: Database['state'] = 'starting';
  let lastError: string | null = null;

  const access = async (): Promise<Access> => {
    if (clickhouse.url !== null) {
      const user = (role: Role) => ({
        user: `${clickhouse.user}_${role}`,
        password: clickhouse.passwords![role],
      });
      return {
        url: clickhouse.url,
        passwords: {
          writer: user('writer'),
          reader: user('reader'),
          migrator: user('migrator'),
          steward: user('steward'),
        },
      };
    }
    const dir = join(settings.dataDir, 'clickhouse');
    if (owner === 'elsewhere') {
      const passwords = readCredentials(dir, clickhouse.user);
      if (!passwords)
        throw new ClickHouseUnreachable(`no engine has run in ${dir}: the role flush starts it there`);
      return { url: `http://127.0.0.1:${clickhouse.httpPort}`, passwords };
    }
    engine ??= await startEngine({
      dir,
      httpPort: clickhouse.httpPort,
      tcpPort: clickhouse.tcpPort,
      database: clickhouse.database,
      userPrefix: clickhouse.user,
      grants: { reader: readerGrants(clickhouse.database), writer: writerGrants(clickhouse.database) },
      onEvent: (event) => {
        const expected = event.kind === 'ready' || event.kind === 'stopped';
        log[expected ? 'info' : 'warn']('engine.event', { ...event });
        metrics.engineRestarts.set(engine?.restarts() ?? 0);
      },
    });
    return { url: engine.url, passwords: engine.credentials };
  };

  const applyMigrations = async ({ url, passwords }: Access): Promise<void> => {
    const migrator = createClickHouse({ url, ...passwords.migrator, database: 'default' });
    try {
      const { version, applied } = await migrate({
        clickhouse: migrator,
        database: clickhouse.database,
        userPrefix: clickhouse.user,
        sites,
        log,
        cluster: clickhouse.cluster,
      });
      log.info('database.ready', { version, applied });
    } finally {
      await migrator.close();
    }
  };

  /** Whoever runs the engine migrates it: two that start together would only keep each other from it. */
  const expectMigrated = async ({ url, passwords }: Access): Promise<void> => {
    const client = createClickHouse({ url, ...passwords.migrator, database: clickhouse.database });
    try {
      // the sites are written last
      const [row] = await client.rows<{ version: number; sites: number }>(
        'SELECT (SELECT max(version) FROM migrations) AS version, (SELECT count() FROM site_settings) AS sites',
      );
      if (row!.version < SCHEMA_VERSION || row!.sites === 0)
        throw new ClickHouseUnreachable('the role flush brings the schema up to date first');
    } finally {
      await client.close();
    }
  };

  const connectAs = (role: Role, { url, passwords }: Access): ClickHouse =>
    createClickHouse({ url, ...passwords[role], database: clickhouse.database });

  const open = async (): Promise<void> => {
    const known = await access();
    if (owner === 'elsewhere' && clickhouse.url === null) await expectMigrated(known);
    else await applyMigrations(known);
    clients.set('writer', connectAs('writer', known));
    clients.set('reader', connectAs('reader', known));
    opened = known;
    state = 'ready';
    lastError = null;
  };

  const openForEver = async (): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      if (state === 'stopped') throw new ClickHouseUnreachable('stopped before the database was ready');
      try {
        await open();
        return;
      } catch (error) {
        if ((error as { code?: string }).code === 'MIGRATION_CHANGED' || isSettings(error)) throw error;
        lastError = (error as Error).message;
        log.warn('database.waiting', { attempt, error: lastError });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]));
      }
    }
  };

  return {
    get state() {
      return state;
    },
    get lastError() {
      return lastError;
    },
    name: clickhouse.database,
    get engine() {
      return engine;
    },
    client: (role) => {
      const client = clients.get(role);
      if (!client) throw new ClickHouseUnreachable(lastError ?? 'the database is starting');
      return client;
    },
    connect: (role) => {
      if (!opened) throw new ClickHouseUnreachable(lastError ?? 'the database is starting');
      return connectAs(role, opened);
    },
    migrate: async () => applyMigrations(await access()),
    ready: openForEver(),
    stop: async () => {
      state = 'stopped';
      for (const client of clients.values()) await client.close();
      await engine?.stop();
    },
  };
};

/** Errors that no retry mends: a busy port, a directory in use or of a newer engine. */
const isSettings = (error: unknown): boolean => (error as { exitCode?: number }).exitCode === 78;
