import { gzipSync } from 'node:zlib';
import { REQUEST_REASONS } from '@lintel/protocol';
import { expect } from 'chai';
import { BufferUnavailable } from '../../src/errors.js';
import { aBatch, anEvent, aSite, startIngest, type Ingest, type Reply, type Sent } from './support.js';

const good = JSON.stringify(aBatch());
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

interface Case {
  name: string;
  sent: Sent;
  status: number;
  reason: string;
}

const bomb = gzipSync(Buffer.alloc(500_000_000, 'a'));

const CASES: readonly Case[] = [
  {
    name: 'a second encoding',
    sent: { headers: { 'content-encoding': 'gzip, gzip' }, body: gzipSync(gzipSync(good)) },
    status: 415,
    reason: 'encoding',
  },
  {
    name: 'an encoding other than gzip',
    sent: { headers: { 'content-encoding': 'br' }, body: good },
    status: 415,
    reason: 'encoding',
  },
  {
    name: 'gzip marked twice',
    sent: { path: '/v1/events?z=gzip', headers: { 'content-encoding': 'gzip' }, body: gzipSync(good) },
    status: 415,
    reason: 'encoding',
  },
  {
    name: 'utf-7',
    sent: { headers: { 'content-type': 'application/json; charset=utf-7' }, body: good },
    status: 415,
    reason: 'charset',
  },
  {
    name: 'a type that is neither text nor JSON',
    sent: { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: good },
    status: 415,
    reason: 'content_type',
  },
  {
    name: 'a Content-Length over the limit',
    sent: { body: 'x'.repeat(262_145) },
    status: 413,
    reason: 'too_large',
  },
  {
    name: 'a 5 MB string',
    sent: { body: JSON.stringify(aBatch({ sdk: 'x'.repeat(5_000_000) })) },
    status: 413,
    reason: 'too_large',
  },
  {
    name: 'a chunked body over the limit',
    sent: { chunked: true, body: 'x'.repeat(1_000_000) },
    status: 413,
    reason: 'too_large',
  },
  {
    name: '486 KB of gzip that inflate to 500 MB',
    sent: { path: '/v1/events?z=gzip', body: bomb },
    status: 413,
    reason: 'too_large',
  },
  {
    name: 'a small bomb under the limit of the wire',
    sent: { path: '/v1/events?z=gzip', body: gzipSync(Buffer.alloc(200_000_000, 'a')) },
    status: 413,
    reason: 'too_large',
  },
  {
    name: 'members that inflate to more than the limit together',
    sent: {
      path: '/v1/events?z=gzip',
      body: Buffer.concat([gzipSync(' '.repeat(200_000)), gzipSync(' '.repeat(100_000))]),
    },
    status: 413,
    reason: 'too_large',
  },
  {
    name: 'a cut gzip body',
    sent: { path: '/v1/events?z=gzip', body: gzipSync(good).subarray(0, 60) },
    status: 400,
    reason: 'gzip',
  },
  {
    name: 'a body that is no gzip',
    sent: { path: '/v1/events?z=gzip', body: good },
    status: 400,
    reason: 'gzip',
  },
  {
    name: 'bytes that are no UTF-8',
    sent: { body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
    status: 400,
    reason: 'utf8',
  },
  { name: 'depth 9', sent: { body: nested(9) }, status: 400, reason: 'depth' },
  { name: 'depth 5,000', sent: { body: nested(5000) }, status: 400, reason: 'depth' },
  { name: 'depth 100,000', sent: { body: nested(100_000) }, status: 400, reason: 'depth' },
  {
    name: 'depth 9 inside an event',
    sent: {
      body: JSON.stringify(aBatch({ events: [anEvent({ props: JSON.parse(nested(6)) as unknown })] })),
    },
    status: 400,
    reason: 'depth',
  },
  { name: 'no JSON', sent: { body: '{"key":' }, status: 400, reason: 'json' },
  { name: 'an empty body', sent: { body: '' }, status: 400, reason: 'json' },
  { name: 'a body that is no batch', sent: { body: '5' }, status: 400, reason: 'envelope' },
  { name: 'null', sent: { body: 'null' }, status: 400, reason: 'envelope' },
  {
    name: 'a stream that is no UUID',
    sent: { body: JSON.stringify(aBatch({ stream: 'x' })) },
    status: 400,
    reason: 'envelope',
  },
  {
    name: '501 events',
    sent: { body: JSON.stringify(aBatch({ events: new Array(501).fill(0) })) },
    status: 400,
    reason: 'envelope',
  },
  {
    name: 'an unknown key',
    sent: { body: JSON.stringify(aBatch({ key: 'pk_other' })) },
    status: 403,
    reason: 'key',
  },
  {
    name: 'a foreign origin',
    sent: { headers: { origin: 'https://nest.example.evil.test' }, body: good },
    status: 403,
    reason: 'origin',
  },
  {
    name: 'a foreign origin before the envelope is looked at',
    sent: {
      headers: { origin: 'https://evil.test' },
      body: JSON.stringify(aBatch({ stream: 'x' })),
    },
    status: 403,
    reason: 'origin',
  },
  { name: 'another method', sent: { method: 'PUT', body: good }, status: 405, reason: 'method' },
  { name: 'a page that is opened', sent: { method: 'GET' }, status: 405, reason: 'method' },
];

const expectRefusal = (reply: Reply, status: number, reason: string): void => {
  expect(reply.status, reply.text).to.equal(status);
  expect(reply.json.reason).to.equal(reason);
  expect(reply.json.message).to.be.a('string').with.length.greaterThan(5);
  expect(REQUEST_REASONS).to.include(reason);
  expect(reply.headers['content-type']).to.equal('application/json; charset=utf-8');
  expect(reply.headers['access-control-allow-origin']).to.equal('*');
  expect(reply.headers['access-control-allow-credentials']).to.equal(undefined);
  expect(reply.headers['access-control-expose-headers']).to.equal('Retry-After');
  expect(reply.headers['cache-control']).to.equal('no-store');
  expect(reply.headers['x-content-type-options']).to.equal('nosniff');
};

describe('refusals of a whole request', () => {
  let ingest: Ingest;
  before(async () => {
    ingest = await startIngest();
  });
  after(() => ingest.close());

  for (const { name, sent, status, reason } of CASES) {
    it(`answers ${name} with ${status} ${reason} and counts it`, async () => {
      const before = await ingest.refused(reason);
      expectRefusal(await ingest.send(sent), status, reason);
      expect(await ingest.refused(reason)).to.equal(before + 1);
      expect(ingest.writer.rows).to.have.length(0);
    });
  }

  it('names the field and the limit', async () => {
    const reply = await ingest.post(aBatch({ sentAt: 'now' }));
    expect(reply.json).to.include({ reason: 'envelope', field: 'sentAt' });
    expect(reply.json.message).to.match(/^sentAt must be an integer from 0/);
  });

  it('refuses by length before a byte of the body is sent', async () => {
    // the body never comes: an answer shows that nobody waits for it
    const reply = await ingest.send({ headers: { 'content-length': '300000', expect: '100-continue' } });
    expectRefusal(reply, 413, 'too_large');
    expect(reply.headers.connection).to.equal('close');
  });

  it('stays in memory bounds while bombs inflate', async () => {
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 20; n++) {
      expect(
        (await ingest.send({ path: '/v1/events?z=gzip', body: bomb.subarray(0, 262_144) })).status,
      ).to.equal(413);
    }
    expect(process.memoryUsage().rss - before).to.be.lessThan(100 * 1024 * 1024);
  });

  it('answers a preflight', async () => {
    const reply = await ingest.send({
      method: 'OPTIONS',
      headers: { origin: 'https://nest.example', 'access-control-request-method': 'POST' },
    });
    expect(reply.status).to.equal(204);
    expect(reply.headers).to.include({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': 'Content-Type, Content-Encoding',
      'access-control-max-age': '86400',
    });
  });

  it('keeps the connection after a refusal it has read to its end', async () => {
    const reply = await ingest.send({ body: 'no json', headers: { connection: 'keep-alive' } });
    expect(reply.headers.connection).to.equal('keep-alive');
  });
});

describe('refusals that pass', () => {
  it('answers 429 with Retry-After to a flood from one address, and lets others pass', async () => {
    const ingest = await startIngest({
      trustProxy: 1,
      rates: { key: { perSecond: 1e6, burst: 1e6 }, address: { perSecond: 1, burst: 3 } },
    });
    const from = (address: string): Promise<Reply> => ingest.post(aBatch(), { 'x-forwarded-for': address });
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await from('203.0.113.7')).status);
    expect(statuses).to.deep.equal([202, 202, 202, 429, 429]);
    const refused = await from('203.0.113.7');
    expectRefusal(refused, 429, 'rate');
    expect(Number(refused.headers['retry-after'])).to.be.at.least(1);
    expect((await from('203.0.113.8')).status).to.equal(202);
    ingest.clock.time += 2000;
    expect((await from('203.0.113.7')).status).to.equal(202);
    await ingest.close();
  });

  it('answers 429 to a network of /24 at ten times the rate of an address', async () => {
    const ingest = await startIngest({
      trustProxy: 1,
      rates: { key: { perSecond: 1e6, burst: 1e6 }, address: { perSecond: 1, burst: 1 } },
    });
    const statuses = [];
    for (let host = 1; host <= 12; host++) {
      statuses.push((await ingest.post(aBatch(), { 'x-forwarded-for': `203.0.113.${host}` })).status);
    }
    expect(statuses.filter((status) => status === 202)).to.have.length(10);
    expect(statuses.slice(10)).to.deep.equal([429, 429]);
    await ingest.close();
  });

  it('answers 429 to one key, whatever address it comes from', async () => {
    const other = aSite({ id: 8, key: 'pk_other' });
    const ingest = await startIngest({
      sites: [aSite(), other],
      trustProxy: 1,
      rates: { key: { perSecond: 1, burst: 2 }, address: { perSecond: 1e6, burst: 1e6 } },
    });
    const statuses = [];
    for (let n = 1; n <= 4; n++) {
      statuses.push((await ingest.post(aBatch(), { 'x-forwarded-for': `198.51.${n}.1` })).status);
    }
    expect(statuses).to.deep.equal([202, 202, 429, 429]);
    expect((await ingest.post(aBatch({ key: 'pk_other' }))).status).to.equal(202);
    await ingest.close();
  });

  it('answers 503 with Retry-After when the buffer takes nothing, and stores the repeat', async () => {
    const ingest = await startIngest();
    ingest.writer.failure = new BufferUnavailable('disk full', 'refused');
    const refused = await ingest.post(aBatch());
    expectRefusal(refused, 503, 'buffer');
    expect(refused.headers['retry-after']).to.equal('5');
    ingest.writer.failure = null;
    expect((await ingest.post(aBatch())).json).to.deep.equal({ accepted: 1, duplicate: 0, rejected: [] });
    await ingest.close();
  });

  it('answers 500 internal, not a crash, when a room behind it breaks', async () => {
    const ingest = await startIngest();
    ingest.writer.failure = new TypeError('broken');
    expectRefusal(await ingest.post(aBatch()), 500, 'internal');
    await ingest.close();
  });

  for (const [name, load] of [
    ['the event loop lags', { delayMs: 300, heap: 0 }],
    ['the heap is nearly full', { delayMs: 0, heap: 0.85 }],
  ] as const) {
    it(`answers 503 busy when ${name}`, async () => {
      const ingest = await startIngest({ load: { read: () => load, stop: () => {} } });
      const reply = await ingest.post(aBatch());
      expectRefusal(reply, 503, 'busy');
      expect(Number(reply.headers['retry-after'])).to.be.at.least(1);
      await ingest.close();
    });
  }

  it('sheds by worth: pointer noise first, then measurement, inquiries last', async () => {
    const ingest = await startIngest();
    const one = (type: string, more = {}): Record<string, unknown> =>
      aBatch({ events: [anEvent({ type, ...more })] });
    const batches = {
      scroll: one('scroll', { depth: 50 }),
      page_view: one('page_view'),
      inquiry: one('inquiry'),
      // a batch is worth its best event
      mixed: aBatch({
        events: [anEvent({ type: 'scroll', depth: 50 }), anEvent({ type: 'inquiry', seq: 1 })],
      }),
    };
    const statuses = async (fill: number): Promise<number[]> => {
      ingest.writer.fillLevel = fill;
      const replies = [];
      for (const batch of Object.values(batches)) replies.push((await ingest.post(batch)).status);
      return replies;
    };
    expect(await statuses(0.79)).to.deep.equal([202, 202, 202, 202]);
    expect(await statuses(0.81)).to.deep.equal([503, 202, 202, 202]);
    expect(await statuses(0.96)).to.deep.equal([503, 503, 202, 202]);
    expect(await statuses(0.995)).to.deep.equal([503, 503, 503, 503]);
    await ingest.close();
  });
});
