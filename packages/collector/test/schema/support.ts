import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_COLUMNS } from '@lintel/protocol';
import { start, type EmbeddedClickHouse } from 'clickhouse-embedded';
import { silentLog } from '../../src/log.js';
import type { ViewParameter } from '../../src/questions/index.js';
import type { ViewDefinition } from '../../src/schema/definitions.js';
import {
  createClickHouse,
  createRollups,
  createViewReader,
  migrate,
  readerGrants,
  writerGrants,
  type ClickHouse,
  type Rollups,
} from '../../src/schema/index.js';
import type { MigrateOptions } from '../../src/schema/migrate.js';

export type Role = 'migrator' | 'writer' | 'reader' | 'steward';

/** A real engine with the schema of this build. */
export interface TestDatabase {
  engine: EmbeddedClickHouse;
  as(role: Role): ClickHouse;
  rollups: Rollups;
  views: ReturnType<typeof createViewReader>;
  /** Stores events without the pipeline; what a row leaves out has a harmless default. */
  store(events: readonly TestEvent[]): Promise<void>;
  migrate(options?: Partial<MigrateOptions>): Promise<{ version: number; applied: string[] }>;
  stop(): Promise<void>;
}

export const SITES: MigrateOptions['sites'] = [
  { id: 1, name: 'NEST', timeZone: 'Europe/Vienna', currency: 'EUR', retentionMonths: 14 },
  { id: 2, name: 'Kolkata', timeZone: 'Asia/Kolkata', currency: 'INR', retentionMonths: 6 },
];

/** A row of `events` as the edge writes it; `ts` and `received` as epoch ms. */
export type TestEvent = Record<string, unknown> & { ts: number; type: string };

const DEFAULTS: Record<string, unknown> = {
  site_id: 1,
  stream: '00000000-0000-4000-8000-000000000001',
  seq: 0,
  consent: 'statistics',
  rate: 1,
};

const iso = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

/** One line of NDJSON; `store` and the flush send such lines. */
export const rowOf = (event: TestEvent): Record<string, unknown> => ({
  ...DEFAULTS,
  ...event,
  ts: iso(event.ts),
  received: iso((event.received as number | undefined) ?? event.ts).slice(0, 19),
});

/** @param under where its folder is made */
export const startDatabase = async (under = tmpdir()): Promise<TestDatabase> => {
  const dir = mkdtempSync(join(under, 'lintel-schema-'));
  const database = 'lintel';
  const engine = await start({
    dir,
    httpPort: 0,
    tcpPort: 0,
    database,
    grants: { reader: readerGrants(database), writer: writerGrants(database) },
  });
  const clients = new Map<Role, ClickHouse>();
  const as = (role: Role): ClickHouse => {
    const client =
      clients.get(role) ?? createClickHouse({ url: engine.url, ...engine.credentials[role], database });
    clients.set(role, client);
    return client;
  };
  const migrateHere: TestDatabase['migrate'] = (options = {}) =>
    migrate({
      clickhouse: as('migrator'),
      database,
      userPrefix: 'lintel',
      sites: SITES,
      log: silentLog,
      cluster: null,
      ...options,
    });
  await migrateHere().catch(async (error: unknown) => {
    await engine.stop();
    throw error;
  });
  const columns = EVENT_COLUMNS.map(({ name }) => name).join(', ');
  let batch = 1;
  return {
    engine,
    as,
    rollups: createRollups({ clickhouse: () => as('writer'), database, log: silentLog }),
    views: createViewReader({ clickhouse: () => as('reader'), database }),
    store: async (events) => {
      const structure = EVENT_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');
      await as('writer').insert(
        `INSERT INTO events (${columns}, batch) SELECT ${columns}, toUInt64(${batch++}) FROM input('${structure.replaceAll("'", "\\'")}') FORMAT JSONEachRow`,
        Buffer.from(events.map((event) => JSON.stringify(rowOf(event))).join('\n')),
        { settings: { async_insert: 0, insert_deduplicate: 0 } },
      );
    },
    migrate: migrateHere,
    stop: async () => {
      for (const client of clients.values()) await client.close();
      await engine.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** Starts an engine before the tests of a `describe` (or before each of them) and stops it after. */
export const useDatabase = (often: 'once' | 'each' = 'once'): Omit<TestDatabase, 'stop'> => {
  let db: TestDatabase | undefined;
  const [up, down] = often === 'once' ? [before, after] : [beforeEach, afterEach];
  up(async () => {
    db = await startDatabase();
  });
  down(() => db?.stop());
  return {
    get engine() {
      return db!.engine;
    },
    get rollups() {
      return db!.rollups;
    },
    get views() {
      return db!.views;
    },
    as: (role) => db!.as(role),
    store: (events) => db!.store(events),
    migrate: (options) => db!.migrate(options),
  };
};

export const DAY_MS = 86_400_000;

/** What every view of a question takes, for everybody. */
export const scope = (from: number, to: number, more: Record<string, unknown> = {}) => ({
  site: 1,
  from,
  to,
  tz: 'Europe/Vienna',
  device: ['*'],
  channel: ['*'],
  country: ['*'],
  model: ['*'],
  segment: '*',
  ...(more as Record<string, string>),
});

const EXAMPLES: Readonly<Record<string, ViewParameter>> = {
  step: 86_400,
  by: '',
  dimension: 'model',
  metric: '*',
  metrics: ['inquiry'],
  steps: ['page_view', 'option_select', 'inquiry'],
  window: 14 * 86_400,
  mode: 'ordered',
  unit: 'visitor',
  breakdown: '',
  first_step: 'page_view',
  last_step: 'inquiry',
  depth: 5,
  start: '',
  backwards: 0,
  min: 1,
  page: '/',
  kind: 'click',
  bucket: 10_000,
  jump_bucket: 1000,
  cohort: 'week',
  returning: 'page_view',
  period_s: 604_800,
  periods: 4,
  horizon_days: 14,
  experiment: 'e',
  version: 1,
  lookback_days: 30,
  compare: 'inquiry',
  session: '1',
  currency: 'EUR',
};

/** Something that fits, for every parameter of a view. */
export const someParameters = (
  { parameters }: ViewDefinition,
  from = Date.now() - 30 * DAY_MS,
  to = Date.now(),
): Record<string, ViewParameter> => {
  const all: Record<string, ViewParameter> = {
    ...scope(from, to),
    ...EXAMPLES,
    as_of: to,
    since: from + (to - from) / 3,
  };
  return Object.fromEntries(
    [...parameters.keys()].map((name) => {
      const value = all[name];
      if (value === undefined) throw new Error(`no example of the parameter ${name}`);
      return [name, value];
    }),
  );
};
