import { gzipSync } from 'node:zlib';
import { connect } from 'node:net';
import { EVENT_REASONS, EXAMPLES, REQUEST_REASONS } from '@lintel/protocol';
import { expect } from 'chai';
import fc from 'fast-check';
import { aBatch, anEvent, NOW, startIngest, type Ingest, type Reply } from './support.js';

/** More with `LINTEL_FUZZ_RUNS`; the seed is printed by fast-check when a case fails. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400);

const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 6 }),
  fc.constantFrom<unknown>(
    null,
    -1,
    0.5,
    1e308,
    4_294_967_296,
    '\u0000',
    '\ud800',
    'x'.repeat(1025),
    [],
    {},
    '__proto__',
    '11111111-1111-4111-8111-111111111111',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

const FIELDS = [...new Set(Object.values(EXAMPLES).flatMap((example) => Object.keys(example)))];

/** A valid event of some type with some of its fields replaced by anything. */
const event = fc
  .tuple(
    fc.constantFrom(...Object.values(EXAMPLES)),
    fc.nat(2_000_000),
    fc.dictionary(fc.constantFrom('seq', 'at', 'type', 'props', 'options', ...FIELDS), oddValue, {
      maxKeys: 3,
    }),
  )
  .map(([example, seq, odd]): Record<string, unknown> => ({ ...example, seq, at: NOW - seq, ...odd }));

const batch = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: event }, { weight: 1, arbitrary: oddValue }), { maxLength: 8 }),
    fc.dictionary(
      fc.constantFrom(
        'key',
        'sentAt',
        'stream',
        'visitor',
        'session',
        'consent',
        'page',
        'ended',
        'dropped',
        'events',
      ),
      oddValue,
      { maxKeys: 2 },
    ),
  )
  .map(([events, odd]) => aBatch({ events, ...odd }));

describe('any input', function () {
  this.timeout(120_000);
  let ingest: Ingest;
  let requests = 0;
  let answered202 = 0;

  before(async () => {
    ingest = await startIngest();
  });
  after(() => ingest.close());

  /** Every answer is a verdict or a named refusal, and never our fault. */
  const check = (reply: Reply): void => {
    requests++;
    expect(reply.status, reply.text).to.be.below(500);
    expect(reply.headers['access-control-allow-origin']).to.equal('*');
    if (reply.status === 202) {
      answered202++;
      for (const { reason } of reply.json.rejected!) expect(EVENT_REASONS).to.include(reason);
    } else expect(REQUEST_REASONS, reply.text).to.include(reply.json.reason);
  };

  it('of JSON ends in verdicts that add up, and in rows the table can hold', async () => {
    await fc.assert(
      fc.asyncProperty(batch, async (value) => {
        const reply = await ingest.post(value);
        check(reply);
        if (reply.status !== 202) return;
        const { accepted, duplicate, rejected } = reply.json;
        expect(accepted! + duplicate! + rejected!.length).to.equal((value['events'] as unknown[]).length);
      }),
      { numRuns: RUNS },
    );
    for (const { json } of ingest.writer.rows) {
      expect((json as string & { isWellFormed(): boolean }).isWellFormed()).to.equal(true);
      // JSON.stringify writes a lone surrogate as an escape
      expect(json).not.to.match(/\\ud[89a-f][0-9a-f]{2}|\\u00[01]/i);
      JSON.parse(json);
    }
    expect(ingest.errors).to.deep.equal([]);
    expect(ingest.writer.rows.length).to.be.greaterThan(RUNS / 10);
  });

  it('of bytes, gzip or not, whole or cut or changed, ends in an answer', async () => {
    const good = JSON.stringify(aBatch({ events: [anEvent({ seq: 9 })] }));
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(good.length), fc.nat(255)).map(([at, byte]) => {
        const bytes = Buffer.from(good);
        bytes[at] = byte;
        return bytes;
      }),
      fc.nat(good.length).map((end) => Buffer.from(good.slice(0, end))),
      fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), fc.nat(400), fc.nat(255), async (bytes, gzip, at, byte) => {
        const packed = gzip ? Buffer.from(gzipSync(bytes)) : Buffer.from(bytes);
        if (gzip && at < packed.length) packed[at] = byte;
        check(await ingest.send({ path: gzip ? '/v1/events?z=gzip' : '/v1/events', body: packed }));
      }),
      { numRuns: RUNS },
    );
    expect(ingest.errors).to.deep.equal([]);
  });

  it('of headers and paths ends in an answer', async () => {
    const token = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,30}[\x21-\x7e])?$/);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('POST', 'GET', 'PUT', 'OPTIONS', 'DELETE', 'PATCH'),
        fc.constantFrom('/v1/events', '/v1/server/events', '/v1/inquiries', '/v1/settings', '/sdk/', '/'),
        fc.stringMatching(/^[\x21-\x7e]{0,20}$/),
        fc.dictionary(
          fc.constantFrom(
            'content-type',
            'content-encoding',
            'origin',
            'user-agent',
            'x-forwarded-for',
            'lintel-key',
            'lintel-signature',
            'if-none-match',
            'accept-encoding',
          ),
          token,
          { maxKeys: 4 },
        ),
        async (method, path, tail, headers) => {
          const reply = await ingest.send({
            method,
            path: path + tail,
            headers,
            body: method === 'POST' ? '{}' : undefined,
          });
          expect(reply.status, reply.text).to.be.below(500);
          if (reply.status >= 400 && reply.status !== 404)
            expect(REQUEST_REASONS).to.include(reply.json.reason);
        },
      ),
      { numRuns: RUNS },
    );
    expect(ingest.errors).to.deep.equal([]);
  });

  it('that is no HTTP at all is answered or cut, and the next sender is served', async () => {
    const raw = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ maxLength: 100 }).map((text) => Buffer.from(`POST /v1/events HTTP/1.1\r\n${text}\r\n\r\n`)),
      fc
        .nat(1e6)
        .map((n) => Buffer.from(`POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: ${n}x\r\n\r\n`)),
      fc.constant(
        Buffer.from(
          'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
        ),
      ),
      fc.constant(Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(9000)}\r\n\r\n`)),
    );
    await fc.assert(
      fc.asyncProperty(raw, async (bytes) => {
        const status = await new Promise<string>((resolve) => {
          const socket = connect(ingest.port, '127.0.0.1', () => socket.end(bytes));
          let text = '';
          socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
          socket.on('error', () => resolve(''));
          socket.on('close', () => resolve(text.slice(9, 12)));
        });
        expect(status).to.match(/^([234]\d\d)?$/);
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
    expect((await ingest.post(aBatch())).status).to.equal(202);
    expect(ingest.errors).to.deep.equal([]);
  });

  it('was counted: answers 202 and refusals are all there are', async () => {
    const { values } = await ingest.metrics.rejected.get();
    const verdicts = new Set<string>(EVENT_REASONS);
    const refused = values
      .filter(({ labels }) => !verdicts.has(String(labels.reason)))
      .reduce((sum, { value }) => sum + value, 0);
    expect(answered202).to.be.greaterThan(RUNS / 10);
    expect(refused + answered202).to.be.at.least(requests);
  });
});
