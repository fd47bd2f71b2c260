import { gzipSync } from 'node:zlib';
import { createHmac, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { BufferUnavailable } from '../../src/errors.js';
import { aBatch, anEvent, aSite, NOW, startIngest, type Ingest, type Reply } from './support.js';

const SECRET = 'a-secret-of-at-least-thirty-two-bytes';

interface Signing {
  id?: string;
  secret?: string;
  timestamp?: number;
  nonce?: string;
  /** What is signed, if it is not what is sent. */
  signed?: string | Buffer;
}

const sign = (body: string | Buffer, signing: Signing = {}): Record<string, string> => {
  const { id = 'shop', secret = SECRET, timestamp = NOW, nonce = randomBytes(16).toString('hex') } = signing;
  return {
    'lintel-key': `sk_${id}`,
    'lintel-timestamp': String(timestamp),
    'lintel-nonce': nonce,
    'lintel-signature': `v1=${createHmac('sha256', secret)
      .update(`${timestamp}.${nonce}.`)
      .update(signing.signed ?? body)
      .digest('hex')}`,
  };
};

const anOrder = aBatch({
  sdk: 'server',
  events: [anEvent({ type: 'order', id: 'A-1', priceCents: 19_200_000, inquiry: 'i-1' })],
});

describe('server route', () => {
  let ingest: Ingest;
  beforeEach(async () => {
    ingest = await startIngest({
      sites: [aSite(), aSite({ id: 8, key: 'pk_other', serverKeys: [{ id: 'other', secret: SECRET }] })],
    });
  });
  afterEach(async () => {
    await ingest.close();
    expect(ingest.errors).to.deep.equal([]);
  });

  const post = (
    batch: Record<string, unknown>,
    signing: Signing = {},
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const body = JSON.stringify(batch);
    return ingest.send({
      path: '/v1/server/events',
      body,
      headers: { ...sign(body, signing), 'content-type': 'application/json', ...headers },
    });
  };

  it('takes an order that is signed', async () => {
    expect((await post(anOrder)).json).to.deep.equal({ accepted: 1, duplicate: 0, rejected: [] });
    expect(ingest.writer.parsed()[0]).to.deep.include({
      type: 'order',
      ref: 'A-1',
      price_cents: 19_200_000,
      currency: 'EUR',
      props: { inquiry: 'i-1' },
      visitor: 0,
      session: 0,
    });
  });

  it('keeps a row of the order beside its event, the same for the same event', async () => {
    ingest.writer.clear();
    await post(anOrder);
    await post(anOrder);
    const rows = ingest.writer.side.filter(({ table }) => table === 'orders').map(({ row }) => row);
    expect(rows.length).to.equal(2);
    expect(rows[0]).to.include({
      site_id: 7,
      order_id: 'A-1',
      status: 'placed',
      inquiry_id: null,
      visitor: '0',
      amount_cents: 19_200_000,
      currency: 'EUR',
    });
    expect(rows[1]).to.eql(rows[0]);
  });

  it('takes a gzip body, signed as it was sent', async () => {
    const body = gzipSync(JSON.stringify(anOrder));
    const reply = await ingest.send({
      path: '/v1/server/events',
      body,
      headers: { ...sign(body), 'content-encoding': 'gzip' },
    });
    expect(reply.json.accepted).to.equal(1);
  });

  const refusals: [string, Signing, string][] = [
    ['an unknown key', { id: 'nobody' }, 'key'],
    ['a wrong secret', { secret: 'another-secret-of-thirty-two-bytes!!' }, 'signature'],
    ['a signature over other bytes', { signed: '{}' }, 'signature'],
    ['a time stamp five minutes off', { timestamp: NOW - 5 * 60_000 - 1 }, 'signature'],
    ['a time stamp from the future', { timestamp: NOW + 5 * 60_000 + 1 }, 'signature'],
    ['a short nonce', { nonce: 'short' }, 'signature'],
  ];
  for (const [name, signing, reason] of refusals) {
    it(`refuses ${name}`, async () => {
      const reply = await post(anOrder, signing);
      expect(reply.status).to.equal(403);
      expect(reply.json.reason).to.equal(reason);
      expect(await ingest.refused(reason)).to.equal(1);
      expect(ingest.writer.rows).to.have.length(0);
    });
  }

  it('refuses a request without a signature before it inflates or parses a byte', async () => {
    const reply = await ingest.send({ path: '/v1/server/events?z=gzip', body: 'no gzip at all' });
    expect(reply.json.reason).to.equal('key');
  });

  it("refuses another site's key in the batch", async () => {
    const reply = await post(anOrder, { id: 'other' });
    expect(reply.json).to.include({ reason: 'key', field: 'key' });
  });

  it('refuses a nonce that was used', async () => {
    const nonce = randomBytes(16).toString('hex');
    expect((await post(anOrder, { nonce })).status).to.equal(202);
    const replay = await post(anOrder, { nonce });
    expect(replay.status).to.equal(403);
    expect(replay.json.reason).to.equal('signature');
    ingest.clock.time += 4 * 60_000;
    expect((await post(anOrder, { nonce })).status).to.equal(403);
  });

  it('takes the same request again when the first was not stored', async () => {
    const nonce = randomBytes(16).toString('hex');
    ingest.writer.failure = new BufferUnavailable('away', 'unknown');
    expect((await post(anOrder, { nonce })).status).to.equal(503);
    ingest.writer.failure = null;
    expect((await post(anOrder, { nonce })).status).to.equal(202);
  });

  it('stores nothing when a replay meets a process that does not know the nonce', async () => {
    const nonce = randomBytes(16).toString('hex');
    await post(anOrder, { nonce });
    ingest.clock.time += 24 * 60_000; // forgotten
    const replay = await post(anOrder, { nonce, timestamp: ingest.clock.time });
    expect(replay.json).to.include({ accepted: 0, duplicate: 1 });
    expect(ingest.writer.rows).to.have.length(1);
  });

  it('takes history as old as the site allows, and not older', async () => {
    const day = 86_400_000;
    const at = (days: number) =>
      aBatch({
        stream: `${String(days).padStart(8, '0')}-1111-4111-8111-111111111111`,
        events: [anEvent({ at: NOW - days * day })],
      });
    expect((await post(at(399))).json.accepted).to.equal(1);
    expect((await post(at(401))).json.rejected![0]!.reason).to.equal('time_old');
  });

  it('honours the ids it is given, at any level, and counts a relayed page without one as one visitor', async () => {
    const visitor = '22222222-2222-4222-8222-222222222222';
    const given = { visitor, session: '33333333-3333-4333-8333-333333333333' };
    await post(aBatch({ ...given, consent: 'none' }));
    await ingest.post(aBatch({ ...given, consent: 'statistics', stream: visitor }));
    await post(aBatch({ stream: given.session, page: { url: 'https://nest.example/' } }));
    const [signed, browser, relayed] = ingest.writer.rows.map(({ json }) =>
      /"visitor":(\d+),"session":(\d+)/.exec(json)!.slice(1),
    );
    expect(signed).to.deep.equal(browser);
    expect(relayed![0]).not.to.equal('0');
    expect(relayed![1]).not.to.equal('0');
  });

  it('is not held up by the limit of its address', async () => {
    await ingest.close();
    ingest = await startIngest({
      rates: { key: { perSecond: 1, burst: 1 }, address: { perSecond: 1, burst: 1 } },
    });
    for (let n = 0; n < 5; n++) expect((await post(anOrder)).status).to.equal(202);
  });
});
