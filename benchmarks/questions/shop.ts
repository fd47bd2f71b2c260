/** The shop that is asked: seeded through the collector, then multiplied inside the database. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { start, type EmbeddedClickHouse } from 'clickhouse-embedded';
import { sendTraffic, visits } from '../../examples/configurator/traffic/index.js';
import { seed } from '../../packages/collector/src/cli/seed.js';
import { startCollector } from '../../packages/collector/src/collector.js';
import { readSettings } from '../../packages/collector/src/config.js';
import { demoSite } from '../../packages/collector/src/demo-site.js';
import { createLog } from '../../packages/collector/src/log.js';
import {
  createClickHouse,
  readerGrants,
  writerGrants,
  type ClickHouse,
} from '../../packages/collector/src/schema/index.js';
import type { Site } from '../../packages/collector/src/sites.js';
import { copyEvents, copyOrders } from './copies.js';

const DAY_MS = 86_400_000;
export const DAYS = 180;
const DATABASE = 'lintel';

export interface Shop {
  engine: EmbeddedClickHouse;
  site: Site;
  as(role: 'reader' | 'writer' | 'migrator'): ClickHouse;
  stop(): Promise<void>;
}

const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};

/** Events of one generated visitor, about. */
const EVENTS_PER_VISITOR = 22;

/**
 * Seeds an empty directory, and tells today's visits so far: as many as on any other day, because every question reads the
 * open day from `events`. Early in the day (UTC) there are few of them, and questions are faster.
 */
const fill = async (
  dir: string,
  { events, seeded, say }: { events: number; seeded: number; say: (text: string) => void },
): Promise<void> => {
  const [publicPort, adminPort, httpPort, tcpPort] = await freePorts(4);
  const settings = readSettings({
    LINTEL_DATA_DIR: dir,
    LINTEL_PUBLIC_PORT: String(publicPort),
    LINTEL_ADMIN_PORT: String(adminPort),
    LINTEL_CLICKHOUSE_HTTP_PORT: String(httpPort),
    LINTEL_CLICKHOUSE_TCP_PORT: String(tcpPort),
  });
  const collector = await startCollector(settings, createLog('error', { stderr: true }));
  const site = collector.sites[0]!;
  await collector.database.ready;
  if (events > 0) await seed({ publicUrl: collector.publicUrl, site, say, days: DAYS, events });
  const now = Date.now();
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  await sendTraffic({
    collectorUrl: collector.publicUrl,
    serverKey: site.serverKeys[0]!,
    visits: visits({
      seed: 2,
      from: midnight,
      to: now,
      visitorsPerDay: Math.max(1, Math.round(seeded / DAYS / EVENTS_PER_VISITOR)),
      siteKey: site.key,
    }),
    concurrency: 16,
  });
  for (;;) {
    const buffered = (await collector.readLedger()).reduce((sum, row) => sum + row.buffered, 0);
    if (buffered === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await collector.stop();
};

export const open = async (dir: string): Promise<Shop> => {
  const engine = await start({
    dir: join(dir, 'clickhouse'),
    httpPort: 0,
    tcpPort: 0,
    database: DATABASE,
    grants: { reader: readerGrants(DATABASE), writer: writerGrants(DATABASE) },
    startTimeoutMs: 120_000,
  });
  const clients = new Map<string, ClickHouse>();
  return {
    engine,
    site: demoSite(dir, 4180),
    as: (role) => {
      const client =
        clients.get(role) ??
        createClickHouse({ url: engine.url, ...engine.credentials[role], database: DATABASE });
      clients.set(role, client);
      return client;
    },
    stop: async () => {
      for (const client of clients.values()) await client.close();
      await engine.stop();
    },
  };
};

const columnsOf = async (clickhouse: ClickHouse, table: string): Promise<string[]> =>
  (
    await clickhouse.rows<{ name: string }>(
      `SELECT name FROM system.columns WHERE database = '${DATABASE}' AND table = '${table}' ORDER BY position`,
    )
  ).map(({ name }) => name);

export const multiply = async (shop: Shop, copies: number, say: (text: string) => void): Promise<void> => {
  const clickhouse = shop.as('migrator');
  await clickhouse.command('CREATE TABLE originals ENGINE = Memory AS SELECT DISTINCT batch FROM events');
  const [events, orders] = [await columnsOf(clickhouse, 'events'), await columnsOf(clickhouse, 'orders')];
  const months = await clickhouse.rows<{ month: number }>(
    'SELECT DISTINCT toYYYYMM(ts) AS month FROM events ORDER BY month',
  );
  for (let k = 1; k <= copies; k++) {
    for (const { month } of months)
      await clickhouse.command(copyEvents(events, k, month), { timeoutMs: 600_000 });
    await clickhouse.command(copyOrders(orders, k));
    say(`  ${k} of ${copies} copies`);
  }
  await clickhouse.command('DROP TABLE originals');
};

/** Twenty inserts a month leave more parts than a month of traffic does after weeks of merging. */
const mergePastMonths = async (shop: Shop): Promise<void> => {
  const clickhouse = shop.as('migrator');
  const months = await clickhouse.rows<{ id: string }>(
    `SELECT DISTINCT partition_id AS id FROM system.parts
     WHERE database = '${DATABASE}' AND table = 'events' AND active AND partition_id != toString(toYYYYMM(today()))`,
  );
  for (const { id } of months)
    await clickhouse.command(`OPTIMIZE TABLE events PARTITION ID '${id}' FINAL`, {
      settings: { optimize_skip_merged_partitions: 1 },
      timeoutMs: 600_000,
    });
};

/**
 * A shop of about `events` events over 180 days until now, of which `seeded` came through the pipeline.
 * @param dir empty: it is filled; else it is asked as it is, with today's visits brought up to date
 */
export const openShop = async (o: {
  dir: string;
  filled: boolean;
  events: number;
  seeded: number;
  say: (text: string) => void;
}): Promise<Shop> => {
  const seeded = Math.min(o.events, o.seeded);
  await fill(o.dir, { events: o.filled ? 0 : seeded, seeded, say: o.say });
  const shop = await open(o.dir);
  try {
    if (!o.filled) await multiply(shop, Math.round(o.events / seeded) - 1, o.say);
    if (seeded < o.events) await mergePastMonths(shop);
  } catch (error) {
    await shop.stop();
    throw error;
  }
  return shop;
};
