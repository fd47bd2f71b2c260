import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, type EmbeddedClickHouse } from 'clickhouse-embedded';
import { createLog } from '../../../collector/src/log.js';
import {
  createClickHouse,
  migrate,
  readerGrants,
  writerGrants,
  type ClickHouse,
} from '../../../collector/src/schema/index.js';

/** A row of `events`; what is left out has the column's default. */
export type Row = Readonly<Record<string, unknown>> & { type: string; ts: number };

export const SITES = [
  { id: 1, name: 'NEST demo', timeZone: 'Europe/Vienna', currency: 'EUR', retentionMonths: 14 },
  { id: 2, name: "O'Neil's houses", timeZone: 'Asia/Kolkata', currency: 'INR', retentionMonths: 14 },
];

export interface TestDatabase {
  engine: EmbeddedClickHouse;
  /** As `lintel_reader`: what Grafana's data source may do. */
  reader: ClickHouse;
  add(rows: readonly Row[]): Promise<void>;
  stop(): Promise<void>;
}

const clock = (epochMs: number): string => new Date(epochMs).toISOString().replace('T', ' ').replace('Z', '');

/** A real ClickHouse with the collector's schema in an empty directory. */
export const startDatabase = async (): Promise<TestDatabase> => {
  const dir = await mkdtemp(join(tmpdir(), 'lintel-plugin-'));
  const engine = await start({
    dir,
    httpPort: 0,
    tcpPort: 0,
    grants: { reader: readerGrants('lintel'), writer: writerGrants('lintel') },
  });
  const as = (role: 'migrator' | 'writer' | 'reader', database = 'lintel'): ClickHouse =>
    createClickHouse({ url: engine.url, ...engine.credentials[role], database });
  const migrator = as('migrator', 'default');
  await migrate({
    clickhouse: migrator,
    database: 'lintel',
    userPrefix: 'lintel',
    sites: SITES,
    log: createLog('error', { stderr: true }),
    cluster: null,
  });
  await migrator.close();
  const writer = as('writer');
  const reader = as('reader');
  return {
    engine,
    reader,
    add: async (rows) => {
      const lines = rows.map(({ ts, received, ...row }) =>
        JSON.stringify({
          site_id: 1,
          stream: randomUUID(),
          ...row,
          ts: clock(ts),
          received: clock(Number(received ?? ts)).slice(0, 19),
        }),
      );
      await writer.insert('INSERT INTO events FORMAT JSONEachRow', Buffer.from(lines.join('\n')));
    },
    stop: async () => {
      await writer.close();
      await reader.close();
      await engine.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
