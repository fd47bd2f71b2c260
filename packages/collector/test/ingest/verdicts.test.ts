import { gzipSync } from 'node:zlib';
import { exampleBatch } from '@lintel/protocol';
import { expect } from 'chai';
import { aBatch, anEvent, NOW, startIngest, type Ingest } from './support.js';

describe('verdicts', () => {
  let ingest: Ingest;
  beforeEach(async () => {
    ingest = await startIngest();
  });
  afterEach(async () => {
    await ingest.close();
    expect(ingest.errors).to.deep.equal([]);
  });

  it('stores the good events of a batch and names what is wrong with each other one', async () => {
    const bad: [Record<string, unknown> | number, string][] = [
      [{ type: 'teleport' }, 'type'],
      [{ type: 'page_leave' }, 'schema'],
      [{ seq: 983_040 }, 'seq'],
      [{ seq: -1 }, 'seq'],
      [{ type: 'price_view', priceCents: 1.5 }, 'number'],
      [{ type: 'scroll', depth: 4_294_967_296 }, 'number'],
      [{ path: 'x'.repeat(1025) }, 'string'],
      [
        {
          type: 'custom',
          name: 'x',
          props: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [n, n])),
        },
        'props',
      ],
      [{ at: NOW - 31 * 86_400_000 }, 'time_old'],
      [{ type: 'custom', name: 'lintel.identify' }, 'consent'],
      [{ type: 'order', priceCents: 100 }, 'server_only'],
      [42, 'schema'],
    ];
    const events: unknown[] = [anEvent({ seq: 100 })];
    for (const [at, [event]] of bad.entries()) {
      events.push(typeof event === 'number' ? event : anEvent({ seq: at, ...event }));
    }
    events.push(anEvent({ seq: 101, type: 'click' }));
    const reply = await ingest.post(aBatch({ events }));
    expect(reply.status).to.equal(202);
    expect(reply.json.accepted).to.equal(2);
    expect(reply.json.rejected!.map(({ reason }) => reason)).to.deep.equal(bad.map(([, reason]) => reason));
    expect(ingest.writer.rows.map(({ seq }) => seq)).to.deep.equal([100, 101]);
    for (const [, reason] of bad) expect(await ingest.refused(reason), reason).to.be.at.least(1);
    for (const { message } of reply.json.rejected!.slice(0, 8)) expect(message).to.be.a('string');
  });

  it('accounts for every event sent: accepted + duplicate + rejected', async () => {
    const events = [
      anEvent({ seq: 0 }),
      anEvent({ seq: 1 }),
      anEvent({ seq: 1 }),
      anEvent({ seq: 0 }),
      anEvent({ seq: 2, type: 'nonsense' }),
      null,
      anEvent({ seq: 5 }),
      anEvent({ seq: 3 }),
    ];
    const first = (await ingest.post(aBatch({ events }))).json;
    expect(first).to.deep.include({ accepted: 4, duplicate: 2 });
    expect(first.rejected).to.have.length(2);
    const again = (await ingest.post(aBatch({ events }))).json;
    expect(again).to.deep.include({ accepted: 0, duplicate: 6 });
    expect(ingest.writer.rows.map(({ seq }) => seq)).to.deep.equal([0, 1, 5, 3]);
  });

  it('takes one of each type a browser may send', async () => {
    const batch = exampleBatch(NOW - 5000, { key: 'pk_test', sentAt: NOW });
    const reply = await ingest.post(batch);
    expect(reply.json).to.deep.equal({ accepted: batch.events.length, duplicate: 0, rejected: [] });
  });

  it('takes gzip by header, by query, and in several members', async () => {
    const body = JSON.stringify(aBatch());
    const half = Math.floor(body.length / 2);
    const members = Buffer.concat([gzipSync(body.slice(0, half)), gzipSync(body.slice(half))]);
    const replies = [
      await ingest.send({ path: '/v1/events?z=gzip', body: gzipSync(body) }),
      await ingest.send({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(body) }),
      await ingest.send({ path: '/v1/events?z=gzip', body: members }),
      await ingest.send({ chunked: true, body }),
    ];
    expect(replies.map(({ status }) => status)).to.deep.equal([202, 202, 202, 202]);
    expect(replies.map(({ json }) => json.accepted! + json.duplicate!)).to.deep.equal([1, 1, 1, 1]);
  });

  it('repairs what would poison an insert: lone surrogates, NUL and control characters', async () => {
    const body = JSON.stringify(aBatch()).replace(
      '/konfigurator',
      '/a\\uD83D\\u0000b\\u001b\\n c\\ud83d\\ude00',
    );
    expect((await ingest.send({ body })).json.accepted).to.equal(1);
    expect(ingest.writer.parsed()[0]!['path']).to.equal('/a\ufffdb  c\u{1f600}');
  });

  it('composes what was sent decomposed', async () => {
    const decomposed = 'Gru\u0308n';
    await ingest.post(aBatch({ events: [anEvent({ type: 'custom', name: decomposed })] }));
    expect(ingest.writer.parsed()[0]!['name']).to.equal('Gr\u00fcn');
  });

  it('counts no brackets inside strings as depth', async () => {
    const reply = await ingest.post(
      aBatch({ events: [anEvent({ type: 'custom', name: '[[[[[[[[[[', props: { '{"': '\\"{[{[{[{[{[' } })] }),
    );
    expect(reply.json.accepted, reply.text).to.equal(1);
  });

  it('refuses keys that reach a prototype', async () => {
    const body = JSON.stringify(
      aBatch({ events: [anEvent({ type: 'custom', name: 'x', props: { a: 1 } })] }),
    );
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const reply = await ingest.send({ body: body.replace('"a":1', `"${key}":1`) });
      expect(reply.json.rejected![0]!.reason, key).to.equal('props');
    }
    const escaped = await ingest.send({ body: body.replace('"a":1', '"__pro\\u0074o__":1,"b":"\\n"') });
    expect(escaped.json.rejected![0]!.reason).to.equal('props');
  });

  it('takes a batch without events beside ended and dropped', async () => {
    const reply = await ingest.post(
      aBatch({
        events: [],
        ended: [{ stream: '99999999-9999-4999-8999-999999999999', count: 41 }],
        dropped: { capped: 3 },
      }),
    );
    expect(reply.json).to.deep.equal({ accepted: 0, duplicate: 0, rejected: [] });
    expect(ingest.writer.rows.map(({ kind }) => kind)).to.deep.equal(['own', 'own']);
  });

  it('writes what is told about streams under reserved numbers, once', async () => {
    const told = {
      events: [],
      ended: [{ stream: 'AAAAAAAA-9999-4999-8999-999999999999', count: 41 }],
      dropped: { evicted: 3, unheard_of: 7, expired: 5000 },
    };
    await ingest.post(aBatch(told));
    await ingest.post(aBatch(told));
    await ingest.post(aBatch({ ...told, dropped: { evicted: 4 } }));
    const rows = ingest.writer.parsed().map(({ type, name, seq, value, stream }) => ({
      type,
      name,
      seq,
      value,
      stream: stream.slice(0, 8),
    }));
    expect(rows).to.deep.equal([
      { type: 'stream_end', name: '', seq: 1_048_575, value: 41, stream: 'aaaaaaaa' },
      { type: 'stream_dropped', name: 'evicted', seq: 983_040 + 5 * 4096 + 3, value: 3, stream: '11111111' },
      {
        type: 'stream_dropped',
        name: 'expired',
        seq: 983_040 + 6 * 4096 + 4095,
        value: 5000,
        stream: '11111111',
      },
      { type: 'stream_dropped', name: 'evicted', seq: 983_040 + 5 * 4096 + 4, value: 4, stream: '11111111' },
    ]);
  });

  it('does not count its own rows as accepted', async () => {
    const reply = await ingest.post(
      aBatch({ ended: [{ stream: '11111111-1111-4111-8111-111111111111', count: 1 }] }),
    );
    expect(reply.json.accepted).to.equal(1);
    const own = ingest.writer.parsed()[1]!;
    expect(own.type).to.equal('stream_end');
    // beside the stream's last event, not at its arrival
    expect(own['ts']).to.equal('2026-11-25 11:59:59.000');
  });

  it('stores nothing of who was erased', async () => {
    await ingest.close();
    ingest = await startIngest({ isErased: (stream) => stream.startsWith('1111') });
    const reply = await ingest.post(
      aBatch({ ended: [{ stream: '11111111-1111-4111-8111-111111111111', count: 1 }] }),
    );
    expect(reply.json.rejected!.map(({ reason }) => reason)).to.deep.equal(['erased']);
    expect(ingest.writer.rows).to.have.length(0);
  });
});
