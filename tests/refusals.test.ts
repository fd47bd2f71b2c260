import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { startCollector, type Collector } from './support/collector.js';
import { aBatch, post, postSigned, send, type Reply, type Sent } from './support/send.js';
import { settled } from './support/settled.js';
import { SITE } from './support/site.js';
import { until } from './support/until.js';

const good = (): Record<string, unknown> => ({ seq: 0, at: Date.now(), type: 'page_view', path: '/good' });
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const text = { 'content-type': 'text/plain' };

interface Refusal {
  what: string;
  sent: () => Sent;
  status: number;
  reason: string;
}

/** Requests that are refused as a whole, each for one reason. */
const REQUESTS: readonly Refusal[] = [
  {
    what: 'an unknown key',
    sent: () => ({ body: JSON.stringify(aBatch({ key: 'pk_other', events: [good()] })) }),
    status: 403,
    reason: 'key',
  },
  {
    what: 'a foreign origin',
    sent: () => ({
      headers: { ...text, origin: 'https://evil.test' },
      body: JSON.stringify(aBatch({ events: [good()] })),
    }),
    status: 403,
    reason: 'origin',
  },
  {
    what: 'utf-7',
    sent: () => ({
      headers: { 'content-type': 'text/plain; charset=utf-7' },
      body: JSON.stringify(aBatch({})),
    }),
    status: 415,
    reason: 'charset',
  },
  {
    what: 'a second encoding',
    sent: () => ({ headers: { ...text, 'content-encoding': 'gzip, gzip' }, body: gzipSync(gzipSync('{}')) }),
    status: 415,
    reason: 'encoding',
  },
  {
    what: 'a form',
    sent: () => ({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' }),
    status: 415,
    reason: 'content_type',
  },
  {
    what: 'gzip that inflates to 100 MB',
    sent: () => ({
      path: '/v1/events?z=gzip',
      headers: text,
      body: gzipSync(Buffer.alloc(100_000_000, ' ')),
    }),
    status: 413,
    reason: 'too_large',
  },
  {
    what: 'a 5 MB string',
    sent: () => ({ headers: text, body: JSON.stringify(aBatch({ sdk: 'x'.repeat(5_000_000) })) }),
    status: 413,
    reason: 'too_large',
  },
  {
    what: 'a body that is no gzip',
    sent: () => ({ path: '/v1/events?z=gzip', headers: text, body: 'plain' }),
    status: 400,
    reason: 'gzip',
  },
  {
    what: 'bytes that are no UTF-8',
    sent: () => ({ headers: text, body: Buffer.from([0x22, 0xff, 0x22]) }),
    status: 400,
    reason: 'utf8',
  },
  { what: 'depth 5,000', sent: () => ({ headers: text, body: nested(5000) }), status: 400, reason: 'depth' },
  { what: 'half a JSON', sent: () => ({ headers: text, body: '{"key":' }), status: 400, reason: 'json' },
  {
    what: '501 events',
    sent: () => ({ headers: text, body: JSON.stringify(aBatch({ events: Array(501).fill(0) })) }),
    status: 400,
    reason: 'envelope',
  },
  {
    what: 'an unsigned order',
    sent: () => ({ path: '/v1/server/events', headers: { ...text, 'lintel-key': 'sk_shop' }, body: '{}' }),
    status: 403,
    reason: 'signature',
  },
  {
    what: 'another method',
    sent: () => ({ method: 'PUT', headers: text, body: '{}' }),
    status: 405,
    reason: 'method',
  },
  {
    what: 'an unknown address',
    sent: () => ({ method: 'GET', path: '/v1/nothing' }),
    status: 404,
    reason: 'not_found',
  },
];

/** Events that are refused alone; what stands beside them is stored. */
const EVENTS: readonly { what: string; event: Record<string, unknown>; reason: string }[] = [
  { what: 'an unknown type', event: { type: 'nonsense' }, reason: 'type' },
  { what: 'a missing field', event: { type: 'option_select', group: 'floor' }, reason: 'schema' },
  { what: 'a value that is no integer', event: { type: 'page_leave', engagedMs: 1.5 }, reason: 'number' },
  {
    what: 'a value that would wrap to 0 in its column',
    event: { type: 'page_leave', engagedMs: 4_294_967_296 },
    reason: 'number',
  },
  {
    what: 'a string over 1024 characters',
    event: { type: 'page_view', path: `/${'x'.repeat(1024)}` },
    reason: 'string',
  },
  {
    what: 'a property that reaches a prototype',
    event: { type: 'custom', name: 'a', props: JSON.parse('{"__proto__": "x"}') as unknown },
    reason: 'props',
  },
  {
    what: 'more than 64 properties',
    event: {
      type: 'custom',
      name: 'a',
      props: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`p${n}`, n])),
    },
    reason: 'props',
  },
  {
    what: 'an event of last year',
    event: { type: 'page_view', at: Date.now() - 31 * 86_400_000 },
    reason: 'time_old',
  },
  { what: 'an order from a browser', event: { type: 'order', priceCents: 100 }, reason: 'server_only' },
];

describe('refusals', () => {
  let collector: Collector;
  /** Refusals so far by reason, as the tests made them. */
  const made = new Map<string, number>();
  const count = (reason: string, n = 1): void => void made.set(reason, (made.get(reason) ?? 0) + n);

  before(async () => {
    const site = { ...SITE, origins: ['https://nest.example'] };
    collector = await startCollector({ LINTEL_SITES: JSON.stringify([site]), LINTEL_TRUST_PROXY: '1' });
  });
  after(() => collector.remove());

  const counted = (reason: string): Promise<number> =>
    collector.admin.metric('lintel_ingest_rejected_total', { reason });

  for (const { what, sent, status, reason } of REQUESTS) {
    it(`answers ${what} with ${status} ${reason}, and counts it`, async () => {
      const before = await counted(reason);
      const reply = await send(collector.publicUrl, sent());
      expect([reply.status, reply.body.reason], JSON.stringify(reply.body)).to.deep.equal([status, reason]);
      expect(await counted(reason)).to.equal(before + 1);
    });
  }

  it('refuses events one by one, stores the good ones beside them, and says which and why', async () => {
    const bad = EVENTS.map(({ event }, n) => ({ seq: n + 1, at: Date.now(), ...event }));
    const last = { ...good(), seq: EVENTS.length + 1 };
    const stream = randomUUID();
    const reply = await post(collector.publicUrl, aBatch({ stream, events: [good(), ...bad, last] }));
    expect(reply.status).to.equal(202);
    expect(reply.body.rejected?.map(({ seq, reason }) => ({ seq, reason }))).to.deep.equal(
      EVENTS.map(({ reason }, n) => ({ seq: n + 1, reason })),
    );
    expect(reply.body).to.include({ accepted: 2, duplicate: 0 });
    for (const { reason } of EVENTS) count(reason);

    await settled(collector);
    const rows = await collector.database.rows<{ seq: number; path: string }>(
      `SELECT seq, path FROM lintel.events WHERE stream = '${stream}' ORDER BY seq`,
    );
    expect(rows).to.deep.equal([
      { seq: 0, path: '/good' },
      { seq: EVENTS.length + 1, path: '/good' },
    ]);
  });

  it('answers a repeat as a duplicate and stores it once', async () => {
    const batch = aBatch({ events: [good(), { ...good(), seq: 1 }] });
    const replies: Reply['body'][] = [];
    for (let n = 0; n < 3; n++) replies.push((await post(collector.publicUrl, batch)).body);
    expect(replies).to.deep.equal([
      { accepted: 2, duplicate: 0, rejected: [] },
      { accepted: 0, duplicate: 2, rejected: [] },
      { accepted: 0, duplicate: 2, rejected: [] },
    ]);
    await settled(collector);
    const [row] = await collector.database.rows<{ n: number }>(
      `SELECT count() AS n FROM lintel.events WHERE stream = '${String(batch['stream'])}'`,
    );
    expect(row!.n).to.equal(2);
  });

  it('mends a lone surrogate instead of losing the batch', async () => {
    const stream = randomUUID();
    const body = JSON.stringify(
      aBatch({
        stream,
        events: [
          { ...good(), title: 'TITLE' },
          { ...good(), seq: 1 },
        ],
      }),
    );
    const reply = await send(collector.publicUrl, {
      headers: text,
      body: body.replace('TITLE', 'a\\ud800b'),
    });
    expect(reply.body).to.deep.equal({ accepted: 2, duplicate: 0, rejected: [] });
    await settled(collector);
    const [row] = await collector.database.rows<{ n: number }>(
      `SELECT count() AS n FROM lintel.events WHERE stream = '${stream}'`,
    );
    expect(row!.n).to.equal(2);
  });

  it('takes an order that the shop has signed', async () => {
    const order = {
      seq: 0,
      at: Date.now(),
      type: 'order',
      id: 'A-1',
      priceCents: 19_200_000,
      model: 'nest-80',
    };
    const reply = await postSigned(collector.publicUrl, aBatch({ events: [order] }));
    expect(reply.body).to.deep.equal({ accepted: 1, duplicate: 0, rejected: [] });
    await settled(collector);
    const { data } = await collector.admin.ask<{ totals: { orders: number; revenue: number } }>('overview', {
      timeRange: '24h',
    });
    expect(data.totals).to.include({ orders: 1, revenue: 192_000 });
  });

  it('answers 429 with Retry-After to a flood from one address, and hears the others', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const from = (address: string): Promise<Reply> =>
      post(collector.publicUrl, aBatch({}), { agent, headers: { 'x-forwarded-for': address } });
    const before = await counted('rate');
    const flood = await Promise.all(Array.from({ length: 4000 }, () => from('203.0.113.7')));
    const refused = flood.filter(({ status }) => status === 429);
    expect(new Set(flood.map(({ status }) => status))).to.deep.equal(new Set([202, 429]));
    for (const { body, headers } of refused) {
      expect(body.reason).to.equal('rate');
      expect(Number(headers['retry-after'])).to.be.at.least(1);
    }
    expect((await from('198.51.100.7')).status).to.equal(202);
    expect((await counted('rate')) - before).to.equal(refused.length);
    agent.destroy();
  });

  it('tells the reasons in data-quality', async () => {
    const { data } = await until('the counters have been written', async () => {
      const answer = await collector.admin.ask<{ refused: { reason: string; n: number }[] }>('data-quality', {
        timeRange: '24h',
      });
      const known = new Map(answer.data.refused.map(({ reason, n }) => [reason, n]));
      return [...made].every(([reason, n]) => (known.get(reason) ?? 0) >= n) ? answer : null;
    });
    const refused = Object.fromEntries(data.refused.map(({ reason, n }) => [reason, n]));
    for (const [reason, n] of made) expect(refused[reason], reason).to.equal(n);
    // Of the whole requests, those belong to a site that show its key.
    expect(refused).to.include({ origin: 1 });
  });
});
