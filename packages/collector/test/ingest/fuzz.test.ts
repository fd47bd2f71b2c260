import { Agent } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { checkEvent, EVENT_REASONS, EVENT_SCHEMAS, EVENT_TYPES, REQUEST_REASONS } from '@lintel/protocol';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  anyBatch,
  damagedEvent,
  damagedGzip,
  damagedHttp,
  damagedJson,
  fromSchema,
  validEvent,
} from './fuzz-inputs.js';
import { aBatch, startIngest, type Ingest, type Reply } from './support.js';

/**
 * `LINTEL_FUZZ=10` sends ten times as many, and so does `npm run test:faults`; a case that fails is printed with its
 * seed. Inputs are sent eight at a time, as senders do.
 */
const SCALE = Number(process.env['LINTEL_FUZZ'] ?? 1);
const AT_ONCE = 8;
const rounds = (inputs: number): { numRuns: number } => ({ numRuns: Math.ceil((inputs * SCALE) / AT_ONCE) });
const eight = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: AT_ONCE, maxLength: AT_ONCE });

describe('any input', function () {
  this.timeout(120_000 * SCALE);
  let ingest: Ingest;
  const agent = new Agent({ keepAlive: true });
  /** By level; each has had its answer. */
  const inputs = { schema: 0, json: 0, gzip: 0, headers: 0, http: 0 };
  const told = { requests: 0, answered202: 0, accepted: 0, duplicate: 0, rejected: 0 };

  before(async () => {
    ingest = await startIngest();
  });
  after(async () => {
    agent.destroy();
    await ingest.close();
  });
  afterEach(() => {
    expect(ingest.errors).to.deep.equal([]);
  });

  /** Every answer is a verdict or a named refusal, and never our fault. */
  const check = (reply: Reply): Reply => {
    told.requests += 1;
    expect(reply.status, reply.text).to.be.below(500);
    expect(reply.headers['access-control-allow-origin']).to.equal('*');
    if (reply.status === 202) {
      const { accepted, duplicate, rejected } = reply.json;
      told.answered202 += 1;
      told.accepted += accepted!;
      told.duplicate += duplicate!;
      told.rejected += rejected!.length;
      for (const { reason } of rejected!) expect(EVENT_REASONS).to.include(reason);
    } else expect(REQUEST_REASONS, reply.text).to.include(reply.json.reason);
    return reply;
  };
  const post = async (body: string | Buffer, gzip = false): Promise<Reply> =>
    check(await ingest.send({ agent, path: gzip ? '/v1/events?z=gzip' : '/v1/events', body }));
  const sendBatch = (batch: unknown): Promise<Reply> => post(JSON.stringify(batch));

  it('that its schema allows is valid, for every type', () => {
    for (const type of EVENT_TYPES) {
      fc.assert(
        fc.property(fromSchema(EVENT_SCHEMAS[type]), (event) => {
          inputs.schema += 1;
          const checked = checkEvent(event);
          expect(checked, JSON.stringify(checked)).to.have.property('kind', 'valid');
        }),
        { numRuns: 200 * SCALE },
      );
    }
  });

  it('that its schema allows is accepted, but for what only a server may say or nobody consented to', async () => {
    await fc.assert(
      fc.asyncProperty(
        eight(fc.tuple(fc.uuid(), fc.array(validEvent, { maxLength: 6 }))),
        async (batches) => {
          await Promise.all(
            batches.map(async ([stream, events]) => {
              inputs.json += 1;
              const { status, json, text } = await sendBatch(
                aBatch({ stream, events: events.map((event, seq) => ({ ...event, seq })) }),
              );
              expect(status, text).to.equal(202);
              expect(json.accepted! + json.duplicate! + json.rejected!.length).to.equal(events.length);
              for (const { reason } of json.rejected!) expect(['server_only', 'consent']).to.include(reason);
            }),
          );
        },
      ),
      rounds(2000),
    );
  });

  it('that is damaged costs no event beside it', async () => {
    const good = validEvent.filter(({ type }) => type !== 'order');
    await fc.assert(
      fc.asyncProperty(eight(fc.tuple(fc.uuid(), good, damagedEvent, good)), async (batches) => {
        await Promise.all(
          batches.map(async ([stream, first, damaged, last]) => {
            inputs.json += 1;
            // a number of its own, whatever the damage says: else it may be the repeat of a neighbour
            const events = [
              { ...first, seq: 1 },
              { seq: 2, ...damaged },
              { ...last, seq: 3 },
            ];
            if ([1, 3].includes(events[1]!['seq'] as number)) events[1]!['seq'] = 2;
            const { status, json, text } = await sendBatch(aBatch({ stream, events }));
            expect(status, text).to.be.oneOf([202, 400]);
            if (status === 400) {
              // only what concerns the whole body may refuse it
              expect(json.reason).to.equal('depth');
              return;
            }
            const others = json.rejected!.filter(({ seq }) => seq === 1 || seq === 3);
            expect(others.filter(({ reason }) => reason !== 'consent')).to.deep.equal([]);
          }),
        );
      }),
      rounds(4000),
    );
  });

  it('of JSON ends in verdicts that add up, and in rows the table can hold', async () => {
    await fc.assert(
      fc.asyncProperty(eight(anyBatch), async (batches) => {
        await Promise.all(
          batches.map(async (batch) => {
            inputs.json += 1;
            const { status, json } = await sendBatch(batch);
            if (status !== 202) return;
            expect(json.accepted! + json.duplicate! + json.rejected!.length).to.equal(
              (batch['events'] as unknown[]).length,
            );
          }),
        );
      }),
      rounds(4000),
    );
    for (const { json } of ingest.writer.rows) {
      expect((json as string & { isWellFormed(): boolean }).isWellFormed()).to.equal(true);
      // JSON.stringify writes a lone surrogate as an escape
      expect(json).not.to.match(/\\ud[89a-f][0-9a-f]{2}|\\u00[01]/i);
      JSON.parse(json);
    }
    expect(ingest.writer.rows.length).to.be.greaterThan(1000);
  });

  it('of damaged JSON ends in an answer', async () => {
    await fc.assert(
      fc.asyncProperty(eight(fc.tuple(damagedJson, fc.boolean())), async (bodies) => {
        inputs.json += bodies.length;
        await Promise.all(bodies.map(([body, gzip]) => post(gzip ? gzipSync(body) : body, gzip)));
      }),
      rounds(6000),
    );
  });

  it('of damaged gzip ends in an answer', async () => {
    await fc.assert(
      fc.asyncProperty(eight(damagedGzip), async (bodies) => {
        inputs.gzip += bodies.length;
        await Promise.all(bodies.map((body) => post(body, true)));
      }),
      rounds(4000),
    );
  });

  it('was counted: every request is an answer 202 or a counted refusal, every event in the row or the verdict it was told', async () => {
    const sum = async (
      metric: { get(): Promise<{ values: { labels: object; value: number }[] }> },
      of: (labels: Record<string, string>) => boolean,
    ) =>
      (await metric.get()).values
        .filter(({ labels }) => of(labels as Record<string, string>))
        .reduce((total, { value }) => total + value, 0);
    const verdicts = new Set<string>(EVENT_REASONS);
    const refused = await sum(ingest.metrics.rejected, ({ reason }) => !verdicts.has(reason!));
    const refusedEvents = await sum(ingest.metrics.rejected, ({ reason }) => verdicts.has(reason!));
    expect(refused + told.answered202).to.equal(told.requests);
    expect(refusedEvents).to.equal(told.rejected);
    for (const outcome of ['accepted', 'duplicate', 'rejected'] as const)
      expect(await sum(ingest.metrics.events, (labels) => labels['outcome'] === outcome), outcome).to.equal(
        told[outcome],
      );
    const own = ingest.writer.parsed().filter(({ type }) => type.startsWith('stream_'));
    expect(ingest.writer.rows.length - own.length, 'rows').to.equal(told.accepted);
    expect(told.answered202).to.be.greaterThan(told.requests / 10);
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
          inputs.headers += 1;
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
      { numRuns: 1000 * SCALE },
    );
  });

  it('that is no HTTP at all is answered or cut, and the next sender is served', async () => {
    const answersTo = (bytes: Buffer): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(ingest.port, '127.0.0.1', () => socket.end(bytes));
        let text = '';
        socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
        socket.on('error', () => resolve(text));
        socket.on('close', () => resolve(text));
      });
    const total = async (): Promise<number> =>
      (await ingest.metrics.rejected.get()).values.reduce((sum, { value }) => sum + value, 0);
    const before = await total();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(eight(damagedHttp), async (connections) => {
        inputs.http += connections.length;
        for (const text of await Promise.all(connections.map(answersTo))) {
          for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
            expect(Number(status), text).to.be.below(500);
            if (Number(status) >= 400 && status !== '404') refused += 1;
          }
        }
      }),
      rounds(3000),
    );
    expect(refused).to.be.greaterThan(100);
    expect((await total()) - before).to.be.at.least(refused);
    expect((await sendBatch(aBatch())).status).to.equal(202);
  });

  it('had an answer: nothing crashed, nothing hung, nothing was our fault', () => {
    const total = Object.values(inputs).reduce((sum, count) => sum + count, 0);
    process.stdout.write(`    ${total} inputs: ${JSON.stringify(inputs)}; ${JSON.stringify(told)}\n`);
    expect(total).to.be.at.least(20_000 * SCALE);
  });
});
