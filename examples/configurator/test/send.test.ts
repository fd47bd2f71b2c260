import { expect } from 'chai';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendTraffic, TrafficError, visits, type Visit } from '../traffic/index.js';

const DAY_MS = 86_400_000;
const from = Date.UTC(2026, 5, 1);
const serverKey = { id: 'demo', secret: 'a secret of more than thirty-two bytes' };

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** Answers each request with the next of `statuses`, then with 202. */
const startIngest = async (statuses: number[]) => {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      received.push({ headers: request.headers, body });
      const status = statuses.shift() ?? 202;
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(status === 202 ? {} : { 'retry-after': '2' }),
      });
      const { events } = JSON.parse(body) as { events: unknown[] };
      response.end(JSON.stringify({ accepted: events.length, duplicate: 0, rejected: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

describe('sending generated visits', () => {
  let some: Visit[];
  let ingest: Awaited<ReturnType<typeof startIngest>>;
  const waits: number[] = [];
  const wait = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  before(() => {
    some = [...visits({ seed: 1, from, to: from + DAY_MS, visitorsPerDay: 12 })];
  });
  beforeEach(() => {
    waits.length = 0;
  });
  afterEach(() => ingest.stop());

  it('signs each body over timestamp, nonce and bytes, with a nonce of its own', async () => {
    ingest = await startIngest([]);
    const result = await sendTraffic({ collectorUrl: ingest.url, serverKey, visits: some, concurrency: 4 });
    expect(result.batches).to.equal(some.length);
    expect(result.accepted).to.equal(some.reduce((sum, { batch }) => sum + batch.events.length, 0));
    for (const { headers, body } of ingest.received) {
      const [timestamp, nonce] = [headers['lintel-timestamp'] as string, headers['lintel-nonce'] as string];
      const digest = createHmac('sha256', serverKey.secret)
        .update(`${timestamp}.${nonce}.${body}`)
        .digest('hex');
      expect(headers['lintel-signature']).to.equal(`v1=${digest}`);
      expect(headers['lintel-key']).to.equal('sk_demo');
      expect(nonce).to.match(/^[0-9a-f]{32}$/);
    }
    expect(new Set(ingest.received.map(({ headers }) => headers['lintel-nonce'])).size).to.equal(some.length);
    expect(ingest.received.map(({ headers }) => headers['user-agent'])).to.include(some[0]!.userAgent);
  });

  it('tells history with a clock of today', async () => {
    ingest = await startIngest([]);
    const before = Date.now();
    await sendTraffic({ collectorUrl: ingest.url, serverKey, visits: some.slice(0, 1), concurrency: 1 });
    const { sentAt, events } = JSON.parse(ingest.received[0]!.body) as {
      sentAt: number;
      events: { at: number }[];
    };
    expect(sentAt).to.be.within(before, Date.now());
    expect(events[0]!.at).to.be.within(from, from + DAY_MS);
  });

  it('waits as long as it is told and sends the same events again', async () => {
    ingest = await startIngest([429, 503]);
    const result = await sendTraffic({
      collectorUrl: ingest.url,
      serverKey,
      visits: some.slice(0, 1),
      concurrency: 1,
      wait,
    });
    expect(waits).to.eql([2000, 2000]);
    expect(result.batches).to.equal(1);
    const events = ingest.received.map(({ body }) => (JSON.parse(body) as { events: unknown[] }).events);
    expect(events[2]).to.eql(events[0]);
  });

  it('stops at a refusal and says why', async () => {
    ingest = await startIngest([403]);
    const failure = await sendTraffic({
      collectorUrl: ingest.url,
      serverKey,
      visits: some,
      concurrency: 1,
    }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TrafficError).and.to.have.property('code', 'REFUSED');
    expect(ingest.received.length).to.equal(1);
  });

  it('gives up on a collector that never answers', async () => {
    ingest = await startIngest([]);
    const request = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'));
    const failure = await sendTraffic({
      collectorUrl: ingest.url,
      serverKey,
      visits: some,
      concurrency: 1,
      request,
      wait,
    }).catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'UNREACHABLE');
    expect(waits.slice(0, 3)).to.eql([250, 500, 1000]);
  });

  it('reports how far it has come', async () => {
    ingest = await startIngest([]);
    const steps: number[] = [];
    await sendTraffic({
      collectorUrl: ingest.url,
      serverKey,
      visits: some,
      concurrency: 2,
      onProgress: ({ batches }) => steps.push(batches),
    });
    expect(steps).to.eql(some.map((_, i) => i + 1));
  });
});
