import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from '../../src/collector.js';
import { readSettings } from '../../src/config.js';
import { silentLog } from '../../src/log.js';

const TOKEN = 'owner-token-of-the-question-tests-0123456789';
const BROWSER =
  'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const SITE = {
  id: 1,
  name: 'NEST',
  key: 'pk_nest',
  origins: ['*'],
  timeZone: 'Europe/Vienna',
  currency: 'EUR',
};
const IN_FLIGHT = 16;
const MOST_WAITS = 300;

/** Visitor `i` as the wire writes it. */
export const visitorOf = (i: number): string => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;

/** What one visitor did on one page, times as epoch ms. */
export interface PageVisit {
  visitor: number;
  events: ({ type: string; at: number } & Record<string, unknown>)[];
}

export interface RunningCollector {
  publicUrl: string;
  adminUrl: string;
  dataDir: string;
  /** A request of the first owner. */
  admin<T>(method: string, path: string, body?: object, token?: string): Promise<{ status: number; body: T }>;
  tokenOf(role: string): Promise<string>;
  /** Sends visits as browsers would, and waits until the database has them. */
  visit(visits: readonly PageVisit[]): Promise<void>;
  stop(): Promise<void>;
}

/** The whole collector in this process: embedded engine, disk buffer, free ports. */
export const startWholeCollector = async (): Promise<RunningCollector> => {
  const folder = mkdtempSync(join(tmpdir(), 'lintel-questions-'));
  const settings = readSettings({
    LINTEL_DATA_DIR: folder,
    LINTEL_SITES: JSON.stringify([SITE]),
    LINTEL_ADMIN_TOKEN: TOKEN,
    LINTEL_FLUSH_INTERVAL_MS: '200',
    // every visitor has an address of his own
    LINTEL_TRUST_PROXY: '1',
  });
  const free = { host: '127.0.0.1', port: 0 };
  const collector = await startCollector(
    {
      ...settings,
      public: free,
      admin: free,
      clickhouse: { ...settings.clickhouse, httpPort: 0, tcpPort: 0 },
    },
    silentLog,
  );
  const { publicUrl, adminUrl } = collector;
  await collector.database.ready;

  const admin: RunningCollector['admin'] = async (method, path, body, token = TOKEN) => {
    const response = await fetch(adminUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as never };
  };

  const send = async ({ visitor, events }: PageVisit): Promise<void> => {
    const [stream, session] = [randomUUID(), randomUUID()];
    const post = (): Promise<Response> =>
      fetch(`${publicUrl}/v1/events`, {
        method: 'POST',
        headers: {
          'content-type': 'text/plain',
          'user-agent': BROWSER,
          'x-forwarded-for': `10.1.${(visitor >> 8) & 255}.${visitor & 255}`,
        },
        body: JSON.stringify({
          key: SITE.key,
          sdk: '0.0.0-test',
          sentAt: Date.now(),
          stream,
          session,
          visitor: visitorOf(visitor),
          consent: 'statistics',
          events: events.map((event, seq) => ({ seq, path: '/konfigurator', ...event })),
        }),
      });
    let response = await post();
    // who is told to come later comes later, as browsers do; nothing of it was taken
    for (let wait = 0; response.status === 503 && wait < MOST_WAITS; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      response = await post();
    }
    const answer = (await response.json()) as { accepted?: number; rejected?: object[] };
    if (answer.accepted !== events.length || answer.rejected?.length)
      throw new Error(`visitor ${visitor}: ${response.status} ${JSON.stringify(answer)}`);
  };

  const stored = async (): Promise<boolean> => {
    const { body } = await admin<{ ledger: { buffered: number; difference: number; stored: number }[] }>(
      'GET',
      '/api/admin/ledger',
    );
    return body.ledger[0]?.buffered === 0 && body.ledger[0].difference === 0;
  };

  return {
    publicUrl,
    adminUrl,
    dataDir: folder,
    admin,
    tokenOf: async (role) =>
      (await admin<{ secret: string }>('POST', '/api/admin/tokens', { role })).body.secret,
    visit: async (visits) => {
      const queue = [...visits];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next; next = queue.shift()) await send(next);
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
      while (!(await stored())) await new Promise((resolve) => setTimeout(resolve, 100));
    },
    stop: async () => {
      await collector.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
