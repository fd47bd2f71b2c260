import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector, type Collector } from '../../../collector/src/collector.js';
import { readSettings } from '../../../collector/src/config.js';
import { createLog } from '../../../collector/src/log.js';
import type { ReaderAccess } from '../../testing/mini-host/server/clickhouse.js';

const SITE = {
  id: 1,
  name: 'NEST demo',
  key: 'pk_test',
  origins: ['https://shop.example'],
  timeZone: 'Europe/Vienna',
  currency: 'EUR',
  consent: 'statistics',
};

/** What one page of a visitor sent. */
export interface Visit {
  /** Seconds before now at which it began; events follow every two seconds. */
  agoS: number;
  events: readonly (Record<string, unknown> & { type: string })[];
  /** Numbers that the page used, when it lost some on the way. */
  generated?: number;
}

/** A running collector with its embedded ClickHouse, in an empty directory, on free ports. */
export interface World {
  collector: Collector;
  reader(): ReaderAccess;
  /** Token of kind `grafana`. */
  grafanaToken: string;
  /** Sends visits through the public ingest and waits until they are stored. */
  visit(visits: readonly Visit[]): Promise<void>;
  /** Data of a question, from the admin API. */
  ask<T>(question: string, parameters?: Record<string, string>): Promise<T>;
  stop(): Promise<void>;
}

export const startWorld = async (): Promise<World> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lintel-plugin-'));
  const settings = readSettings({
    LINTEL_DATA_DIR: dataDir,
    LINTEL_PUBLIC_PORT: '0',
    LINTEL_ADMIN_PORT: '0',
    LINTEL_CLICKHOUSE_HTTP_PORT: '0',
    LINTEL_CLICKHOUSE_TCP_PORT: '0',
    LINTEL_FLUSH_INTERVAL_MS: '100',
    LINTEL_SITES: JSON.stringify([SITE]),
  });
  const collector = await startCollector(settings, createLog('error', { stderr: true }));
  await collector.database.ready;
  const { secret } = collector.tokens.create({ role: 'analyst', kind: 'grafana' });
  const { secret: owner } = collector.tokens.create({ role: 'owner' });

  const admin = async <T>(path: string): Promise<T> => {
    const response = await fetch(collector.adminUrl + path, {
      headers: { Authorization: `Bearer ${owner}` },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };

  const stored = async (): Promise<boolean> => {
    const { ledger } = await admin<{ ledger: { accepted: number; stored: number; buffered: number }[] }>(
      '/api/admin/ledger',
    );
    return ledger.every((row) => row.buffered === 0 && row.accepted === row.stored);
  };

  const send = async ({ agoS, events, generated }: Visit): Promise<void> => {
    const now = Date.now();
    const begin = now - agoS * 1000;
    const stream = randomUUID();
    const body = {
      key: SITE.key,
      sdk: '0.1.0',
      sentAt: now,
      stream,
      visitor: randomUUID(),
      session: randomUUID(),
      consent: 'statistics',
      page: {
        url: 'https://shop.example/konfigurator',
        title: 'Konfigurator',
        language: 'de',
        timeZone: 'Europe/Vienna',
      },
      events: events.map((event, seq) => ({ seq, at: begin + seq * 2000, path: '/konfigurator', ...event })),
    };
    const post = async (value: object): Promise<void> => {
      const response = await fetch(`${collector.publicUrl}/v1/events`, {
        method: 'POST',
        body: JSON.stringify(value),
        headers: {
          'Content-Type': 'text/plain',
          Origin: 'https://shop.example',
          'User-Agent':
            'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
        },
      });
      const answer = (await response.json()) as { rejected?: unknown[] };
      if (response.status !== 202 || answer.rejected?.length) {
        throw new Error(`refused: ${response.status} ${JSON.stringify(answer)}`);
      }
    };
    await post(body);
    if (generated !== undefined) {
      await post({ ...body, stream: randomUUID(), events: [], ended: [{ stream, count: generated }] });
    }
  };

  return {
    collector,
    grafanaToken: secret,
    reader: () => {
      const engine = collector.database.engine!;
      return { url: engine.url, ...engine.credentials.reader };
    },
    visit: async (visits) => {
      for (const one of visits) await send(one);
      for (let attempt = 0; !(await stored()); attempt++) {
        if (attempt > 300) throw new Error('events were not stored within 30 s');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    ask: async <T>(question: string, parameters: Record<string, string> = {}) => {
      const { data } = await admin<{ data: T }>(
        `/api/admin/analytics/${question}?${new URLSearchParams(parameters).toString()}`,
      );
      return data;
    },
    stop: async () => {
      await collector.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
