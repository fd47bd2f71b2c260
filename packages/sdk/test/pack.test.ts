import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { storedMember } from '../src/delivery/member.js';
import { bodyNow, eventsOf, gzip, packBody, type Body } from '../src/delivery/pack.js';
import { ROW_FORMAT } from '../src/delivery/format.js';
import type { Row } from '../src/delivery/row.js';

const HEAD = '{"key":"pk_test","events":[';
const rowOf = (events: object[], t?: Row['t']): Row => {
  const text = events.map((event) => JSON.stringify(event)).join();
  return { k: [0, 1, 0.5, events.length, text.length, 's'], i: '', t: t ?? text, v: ROW_FORMAT };
};
const packed = async (events: object[]): Promise<Row> =>
  rowOf(events, await gzip(events.map((event) => JSON.stringify(event)).join()));
const read = ({ body, query }: Body): { events: object[] } =>
  JSON.parse(query ? gunzipSync(body as Uint8Array).toString('utf8') : (body as string)) as {
    events: object[];
  };

describe('storedMember', () => {
  it('is a gzip member that zlib reads, whatever its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        expect(gunzipSync(storedMember(text)).toString('utf8')).to.equal(Buffer.from(text).toString('utf8'));
      }),
    );
    for (const length of [0, 1, 65_535, 65_536, 200_000])
      expect(gunzipSync(storedMember('x'.repeat(length))).length).to.equal(length);
  });
});

describe('body', () => {
  it('says the same made slowly or in the task in which the page dies', async () => {
    const events = Array.from({ length: 30 }, (_, seq) => ({ seq, note: `größe ${seq}` }));
    const rows = [
      rowOf(events.slice(0, 5)),
      await packed(events.slice(5, 15)),
      rowOf(events.slice(15, 16)),
      await packed(events.slice(16)),
    ];
    const order = [
      ...events.slice(0, 5),
      ...events.slice(15, 16),
      ...events.slice(5, 15),
      ...events.slice(16),
    ];
    expect(read(await packBody(HEAD, rows)).events).to.eql(order);
    expect(read(bodyNow(HEAD, rows)).events).to.eql(order);
  });

  it('is plain text at unload while nothing is packed, and empty lists are fine', async () => {
    const body = bodyNow(HEAD, [rowOf([{ seq: 0 }])]);
    expect(body.query).to.equal('');
    expect(read(body).events).to.eql([{ seq: 0 }]);
    expect(read(bodyNow(HEAD, [])).events).to.eql([]);
    expect(read(await packBody(HEAD, [])).events).to.eql([]);
    expect(read(bodyNow(HEAD, [await packed([{ seq: 1 }])])).events).to.eql([{ seq: 1 }]);
  });

  it('counts the bytes that travel', async () => {
    const body = bodyNow(HEAD, [rowOf([{ note: 'größe' }])]);
    expect(body.bytes).to.equal(Buffer.byteLength(body.body as string));
  });

  it('takes rows apart again', async () => {
    const events = [{ seq: 1 }, { seq: 2, a: [1, '},{'] }];
    expect(await eventsOf(rowOf(events))).to.eql(events.map((event) => JSON.stringify(event)));
    expect(await eventsOf(await packed(events))).to.eql(events.map((event) => JSON.stringify(event)));
  });
});
