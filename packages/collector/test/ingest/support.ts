import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_COLUMNS, type Answer, type Batch } from '@lintel/protocol';
import type { EventRow, RowVerdict, RowWriter } from '../../src/buffer/row.js';
import { createPublicServer, type PublicServerOptions } from '../../src/ingest/index.js';
import { silentLog } from '../../src/log.js';
import { createMetrics, type Metrics } from '../../src/monitor/index.js';
import { createSites, type Site } from '../../src/sites.js';

export const NOW = Date.UTC(2026, 10, 25, 12, 0, 0);

export const aSite = (overrides: Partial<Site> = {}): Site => ({
  id: 7,
  name: 'Test',
  key: 'pk_test',
  origins: ['https://nest.example'],
  timeZone: 'Europe/Vienna',
  currency: 'EUR',
  retentionMonths: 14,
  consent: 'none',
  consentText: 'text-3',
  serverKeys: [{ id: 'shop', secret: 'a-secret-of-at-least-thirty-two-bytes' }],
  historyDays: 400,
  ...overrides,
});

/** Any row of `events`, parsed. UInt64 columns lose digits here: read them from `json`. */
export type ParsedRow = Record<string, unknown> & { type: string; seq: number; stream: string };

const defaultOf = (type: string): unknown => {
  if (type.startsWith('Map')) return {};
  if (type.startsWith('Array')) return [];
  if (type === 'Bool') return false;
  return /String/.test(type) ? '' : 0;
};
const DEFAULTS = Object.fromEntries(EVENT_COLUMNS.map(({ name, type }) => [name, defaultOf(type)]));

/** A row with the defaults of its columns, as the database fills them in. */
export const parseRow = (json: string): ParsedRow => ({ ...DEFAULTS, ...JSON.parse(json) }) as ParsedRow;

/** A writer that keeps rows in memory and answers duplicates, as the buffer does. */
export interface MemoryWriter extends RowWriter {
  rows: EventRow[];
  side: { table: string; row: Record<string, unknown> }[];
  parsed(): ParsedRow[];
  /** Set: every write waits for it. */
  gate: Promise<void> | null;
  /** Set: every write throws it. */
  failure: Error | null;
  fillLevel: number;
  clear(): void;
}

export const createMemoryWriter = (): MemoryWriter => {
  const known = new Set<string>();
  const writer: MemoryWriter = {
    rows: [],
    side: [],
    gate: null,
    failure: null,
    fillLevel: 0,
    parsed: () => writer.rows.map(({ json }) => parseRow(json)),
    clear: () => {
      known.clear();
      writer.rows = [];
      writer.side = [];
    },
    write: async (rows) => {
      await writer.gate;
      if (writer.failure) throw writer.failure;
      return rows.map((row): RowVerdict => {
        const identity = `${row.stream}|${row.seq}`;
        if (known.has(identity)) return 'duplicate';
        known.add(identity);
        writer.rows.push(row);
        return 'stored';
      });
    },
    writeSide: async (table, rows) => {
      await writer.gate;
      if (writer.failure) throw writer.failure;
      for (const row of rows) {
        writer.side.push({ table, row: JSON.parse(row) as Record<string, unknown> });
      }
    },
    fill: () => writer.fillLevel,
    drain: () => Promise.resolve(),
  };
  return writer;
};

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Parsed body; {} when it is no JSON. */
  json: Partial<Answer> & { reason?: string; message?: string; field?: string; id?: string };
}

export interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
  /** Without a Content-Length. */
  chunked?: boolean;
  /** Instead of a connection of its own. */
  agent?: Agent;
}

/** One request over a connection of its own, as bytes: `fetch` would refuse or mend what these tests send. */
export const send = (
  port: number,
  { method = 'POST', path = '/v1/events', headers = {}, body, chunked = false, agent }: Sent,
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: agent ?? false,
        headers: {
          ...(bytes && !chunked ? { 'content-length': String(bytes.length) } : {}),
          ...(chunked ? { 'transfer-encoding': 'chunked' } : {}),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          let json: Reply['json'] = {};
          try {
            json = JSON.parse(text) as Reply['json'];
          } catch {
            // not JSON: tests that expect it look at `json` and fail there
          }
          resolve({ status: response.statusCode!, headers: response.headers, text, json });
        });
        response.on('error', reject);
      },
    );
    // the server may answer and hang up before a large body is sent
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });

export interface Ingest {
  port: number;
  url: string;
  writer: MemoryWriter;
  metrics: Metrics;
  clock: { now(): number; time: number };
  dataDir: string;
  /** What was logged as an error: empty unless a test breaks a room. */
  errors: Record<string, unknown>[];
  close(): Promise<void>;
  send(sent: Sent): Promise<Reply>;
  post(batch: Partial<Batch> | Record<string, unknown>, headers?: Record<string, string>): Promise<Reply>;
  /** Refusals counted so far under a reason, over all sites. */
  refused(reason: string): Promise<number>;
}

/** `writer`: instead of the one in memory. */
export interface IngestOverrides extends Partial<Omit<PublicServerOptions, 'sites'>> {
  sites?: Site[];
  time?: number;
}

const OPEN_RATES = {
  key: { perSecond: 1e9, burst: 1e9 },
  address: { perSecond: 1e9, burst: 1e9 },
};

/** A public server on a free port in front of a writer in memory; its load is nil and its limits are far away. */
export const startIngest = async ({
  sites = [aSite()],
  time = NOW,
  ...overrides
}: IngestOverrides = {}): Promise<Ingest> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'lintel-ingest-'));
  const writer = createMemoryWriter();
  const metrics = createMetrics();
  const clock = { time, now: () => clock.time };
  const errors: Record<string, unknown>[] = [];
  const { server, listen, close } = createPublicServer({
    sites: createSites(sites),
    writer,
    metrics,
    clock,
    log: { ...silentLog, error: (event, fields) => errors.push({ event, ...fields }) },
    trustProxy: 0,
    dataDir,
    sdkDir: join(dataDir, 'sdk'),
    masterKey: Buffer.alloc(32, 'key'),
    rates: OPEN_RATES,
    load: { read: () => ({ delayMs: 0, heap: 0 }), stop: () => {} },
    salts: { today: () => ({ day: 1, salt: Buffer.alloc(16, 1), before: null }) },
    ...overrides,
  });
  await listen(0, '127.0.0.1');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    writer,
    metrics,
    clock,
    dataDir,
    errors,
    close: async () => {
      const closed = close();
      server.closeAllConnections();
      await closed;
      rmSync(dataDir, { recursive: true, force: true });
    },
    send: (sent) => send(port, sent),
    post: (batch, headers = {}) =>
      send(port, { headers: { 'content-type': 'text/plain', ...headers }, body: JSON.stringify(batch) }),
    refused: async (reason) => {
      const { values } = await metrics.rejected.get();
      return values
        .filter(({ labels }) => labels.reason === reason)
        .reduce((sum, { value }) => sum + value, 0);
    },
  };
};

/** A batch of one page view, sent at the test's now. */
export const aBatch = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  key: 'pk_test',
  sdk: '0.1.0',
  sentAt: NOW,
  stream: '11111111-1111-4111-8111-111111111111',
  visitor: null,
  session: null,
  consent: 'none',
  events: [anEvent()],
  ...overrides,
});

export const anEvent = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  seq: 0,
  at: NOW - 1000,
  type: 'page_view',
  path: '/konfigurator',
  ...overrides,
});
