import { expect } from 'chai';
import { BufferUnavailable } from '../../src/errors.js';
import { createSealer } from '../../src/ingest/index.js';
import { startIngest, type Ingest, type Reply } from './support.js';

const MASTER = Buffer.alloc(32, 'key');
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CONTACT = {
  name: 'Canary Person',
  email: 'Canary.Person@Example.at',
  phone: '+43 660 1234567',
  postcode: '1010',
  message: 'Bitte um Rückruf.\nDanke',
};
const anInquiry = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  key: 'pk_test',
  contact: CONTACT,
  model: 'nest-80',
  options: { facade: 'wood' },
  priceCents: 18_900_000,
  currency: 'EUR',
  website: '',
  elapsedMs: 42_000,
  ...overrides,
});

describe('inquiries', () => {
  let ingest: Ingest;
  beforeEach(async () => {
    ingest = await startIngest({ inquiriesPerMinute: 50 });
  });
  afterEach(async () => {
    await ingest.close();
    expect(ingest.errors).to.deep.equal([]);
  });

  const post = (inquiry: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
    ingest.send({
      path: '/v1/inquiries',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof inquiry === 'string' ? inquiry : JSON.stringify(inquiry),
    });
  const stored = (table: string): Record<string, unknown>[] =>
    ingest.writer.side.filter((entry) => entry.table === table).map(({ row }) => row);

  it('answer 201 with the id once contact and key are durable', async () => {
    const reply = await post(anInquiry());
    expect(reply.status, reply.text).to.equal(201);
    expect(reply.json.id).to.match(UUID);
    expect(reply.headers['access-control-allow-origin']).to.equal('*');
    expect(reply.headers['cache-control']).to.equal('no-store');
    expect(stored('inquiries')[0]).to.include({
      site_id: 7,
      inquiry_id: reply.json.id,
      status: 'new',
      price_cents: 18_900_000,
      currency: 'EUR',
      stream: null,
      visitor: '0',
      created: '2026-11-25 12:00:00.000',
      gone: 0,
    });
    expect(stored('keys')).to.have.length(1);
  });

  it('hold the contact as ciphertext that only master key and key row open', async () => {
    const { id } = (await post(anInquiry())).json;
    const written = JSON.stringify(ingest.writer.side);
    for (const canary of ['Canary', 'canary', 'Example', '660', '1010', 'Rückruf']) {
      expect(written).not.to.contain(canary);
    }
    const [inquiry, key] = [stored('inquiries')[0]!, stored('keys')[0]!];
    const field = { table: 'inquiries', row: id!, column: 'sealed' };
    const [sealed, wrapped] = [String(inquiry['sealed']), String(key['wrapped'])];
    const sealer = createSealer([MASTER]);
    const opened = JSON.parse(sealer.open(field, sealed, wrapped)) as Record<string, unknown>;
    expect(opened).to.deep.equal({
      contact: { ...CONTACT, message: 'Bitte um Rückruf. Danke' },
      model: 'nest-80',
      options: { facade: 'wood' },
    });
    expect(sealed.split('.')[1]).to.equal(key['key_id']);
    const other = createSealer([Buffer.alloc(32, 'other')]);
    expect(() => other.open(field, sealed, wrapped)).to.throw();
    expect(() => sealer.open({ ...field, row: UUID.source }, sealed, wrapped)).to.throw();
    expect(() => sealer.open(field, `${sealed.slice(0, -2)}xx`, wrapped)).to.throw();
    expect(createSealer([Buffer.alloc(32, 'new'), MASTER]).open(field, sealed, wrapped)).to.contain('Canary');
  });

  it('find one person again by the blind index, and nobody without the master key', async () => {
    await post(anInquiry());
    await post(anInquiry({ contact: { ...CONTACT, email: 'canary.person@example.AT' } }));
    await post(anInquiry({ contact: { ...CONTACT, email: 'other@example.at' } }));
    const index = stored('inquiries').map((row) => row['email_index']);
    expect(index[0]).to.equal(index[1]).and.not.equal(index[2]);
    expect(String(index[0])).to.have.length(16);
    expect(createSealer([MASTER]).emailIndex(CONTACT.email)).to.equal(index[0]);
    expect(createSealer([Buffer.alloc(32, 'other')]).emailIndex(CONTACT.email)).not.to.equal(index[0]);
    const keys = stored('keys').map((row) => row['key_id']);
    expect(new Set(keys).size).to.equal(3);
  });

  it('join the journey at consent all only', async () => {
    const ids = {
      stream: '11111111-1111-4111-8111-111111111111',
      visitor: '22222222-2222-4222-8222-222222222222',
      session: '33333333-3333-4333-8333-333333333333',
    };
    await post(anInquiry({ ...ids, consent: 'statistics' }));
    await post(anInquiry({ ...ids, consent: 'all' }));
    const [without, joined] = stored('inquiries');
    expect(without).to.include({ stream: null, visitor: '0', session: '0' });
    expect(joined!['stream']).to.equal(ids.stream);
    await ingest.post({
      key: 'pk_test',
      sentAt: ingest.clock.time,
      ...ids,
      consent: 'all',
      events: [{ seq: 0, at: ingest.clock.time, type: 'inquiry', id: 'x' }],
    });
    expect(ingest.writer.rows[0]!.json).to.contain(`"visitor":${String(joined!['visitor'])},`);
  });

  it('keep what looks like spam, marked: a person with a fast password manager is not lost', async () => {
    expect((await post(anInquiry({ website: 'https://spam.test' }))).status).to.equal(201);
    expect((await post(anInquiry({ elapsedMs: 300 }))).status).to.equal(201);
    expect((await post(anInquiry())).status).to.equal(201);
    expect(stored('inquiries').map((row) => row['status'])).to.deep.equal(['spam', 'spam', 'new']);
  });

  const refusals: [string, unknown, Record<string, string>, number, string, string?][] = [
    [
      'another type',
      'key=pk_test',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'content_type',
    ],
    ['an encoding', anInquiry(), { 'content-encoding': 'gzip' }, 415, 'encoding'],
    ['no JSON', '{', {}, 400, 'json'],
    ['depth 9', '['.repeat(9) + ']'.repeat(9), {}, 400, 'depth'],
    ['no contact', { key: 'pk_test' }, {}, 400, 'envelope', 'contact'],
    [
      'no address',
      anInquiry({ contact: { ...CONTACT, email: 'nobody' } }),
      {},
      400,
      'envelope',
      'contact.email',
    ],
    [
      'a long message',
      anInquiry({ contact: { ...CONTACT, message: 'x'.repeat(1001) } }),
      {},
      400,
      'envelope',
      'contact.message',
    ],
    [
      'an unknown field of a person',
      anInquiry({ contact: { ...CONTACT, iban: 'x' } }),
      {},
      400,
      'envelope',
      'contact.iban',
    ],
    ['a price below zero', anInquiry({ priceCents: -1 }), {}, 400, 'envelope', 'priceCents'],
    ['an unknown key', anInquiry({ key: 'pk_x' }), {}, 403, 'key', 'key'],
    ['a foreign origin', anInquiry(), { origin: 'https://evil.test' }, 403, 'origin'],
    ['a large body', anInquiry({ website: 'x'.repeat(300_000) }), {}, 413, 'too_large'],
  ];
  for (const [name, inquiry, headers, status, reason, field] of refusals) {
    it(`refuse ${name} with ${status} ${reason}`, async () => {
      const reply = await post(inquiry, headers);
      expect(reply.status, reply.text).to.equal(status);
      expect(reply.json.reason).to.equal(reason);
      if (field !== undefined) expect(reply.json.field).to.equal(field);
      expect(reply.headers['access-control-allow-origin']).to.equal('*');
      expect(await ingest.refused(reason)).to.equal(1);
      expect(ingest.writer.side).to.have.length(0);
    });
  }

  it('answer 503 with Retry-After when nothing can be made durable', async () => {
    ingest.writer.failure = new BufferUnavailable('away', 'refused');
    const reply = await post(anInquiry());
    expect(reply.status).to.equal(503);
    expect(reply.headers['retry-after']).to.equal('5');
  });

  it('are five a minute from one address, and others pass', async () => {
    await ingest.close();
    ingest = await startIngest({ trustProxy: 1 });
    const from = async (address: string): Promise<Reply> => post(anInquiry(), { 'x-forwarded-for': address });
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await from('203.0.113.7')).status);
    expect(statuses).to.deep.equal([201, 201, 201, 201, 201, 429]);
    const refused = await from('203.0.113.7');
    expect(refused.json.reason).to.equal('rate');
    expect(refused.headers['retry-after']).to.equal('60');
    expect((await from('203.0.113.8')).status).to.equal(201);
    for (let n = 0; n < 5; n++) await from(`2001:db8:0:1::${n}`);
    // one household has a /56
    expect((await from('2001:db8:0:1f::1')).status).to.equal(429);
    expect((await from('2001:db8:0:100::1')).status).to.equal(201);
  });
});
