import { EVENT_COLUMNS, EXAMPLES, LIMITS, type EventType } from '@lintel/protocol';
import { expect } from 'chai';
import { createRowWriter } from '../../src/buffer/index.js';
import type { EventRow, RowWriter } from '../../src/buffer/row.js';
import { systemClock } from '../../src/clock.js';
import { createSealer } from '../../src/ingest/index.js';
import { silentLog } from '../../src/log.js';
import { createMetrics, createMonitor } from '../../src/monitor/index.js';
import { openPipeline, type Pipeline } from '../flush/support/pipeline.js';
import { startDatabase, type TestDatabase } from '../schema/support.js';
import { aBatch, anEvent, aSite, parseRow, startIngest, type Ingest } from './support.js';

const now = Date.now();
const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

/** Values at the bounds of the wire: the database would turn one more into something else, silently. */
const EXTREMES: Record<string, unknown>[] = [
  {
    type: 'click',
    ex: 32_767,
    px: 10_000,
    py: 4_294_967_295,
    vw: 65_535,
    dh: 4_294_967_295,
    box: [0, 0, 4_294_967_295, 1],
    after: 4_294_967_295,
    fixed: true,
  },
  { type: 'option_select', group: 'g', option: 'o', priceDeltaCents: -1e12 },
  { type: 'price_view', priceCents: 1e12, currency: 'INR' },
  {
    type: 'request',
    method: 'get',
    url: 'https://a.test/x?y',
    ms: 4_294_967_295,
    status: 999,
    bytes: 4_294_967_295,
    ttfbMs: 0.1,
  },
  {
    type: 'error',
    kind: 'exception',
    count: 65_535,
    message: 'ü \u{1f600} "quoted" \\ back',
    frames: ['a (x:1:2)', 'b'],
  },
  { type: 'vital', name: 'CLS', value: 1e-7 },
  { type: 'custom', name: 'x', props: { 'a"b': 'c\\d', n: 1.5, list: [1, { deep: null }] } },
];

describe('rows in the database', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let pipeline: Pipeline;
  let ingest: Ingest;
  const written: EventRow[] = [];

  before(async () => {
    database = await startDatabase();
    await database.migrate();
    pipeline = await openPipeline({ database });
    const real = createRowWriter({
      buffer: pipeline.buffer,
      clock: systemClock,
      metrics: createMetrics(),
      log: silentLog,
    });
    const writer: RowWriter = {
      ...real,
      write: (rows) => {
        written.push(...rows);
        return real.write(rows);
      },
    };
    ingest = await startIngest({ writer, sites: [aSite({ id: 1 })], clock: systemClock });
  });
  after(async () => {
    await ingest?.close();
    await pipeline?.stop();
    await database?.stop();
  });

  it('are what the edge wrote, in every column, whatever the type and at every bound', async () => {
    const examples = (Object.keys(EXAMPLES) as EventType[])
      .filter((type) => type !== 'order')
      .map((type) => ({ ...EXAMPLES[type] }));
    const events = [...examples, ...EXTREMES].map((event, n) =>
      anEvent({ at: now - 1000 + n, ...event, seq: n === 0 ? LIMITS.seqMax : n }),
    );
    const batch = aBatch({
      sentAt: now,
      consent: 'all',
      visitor: '22222222-2222-4222-8222-222222222222',
      session: '33333333-3333-4333-8333-333333333333',
      page: {
        url: 'https://nest.example/?utm_source=s&utm_medium=cpc&utm_campaign=c',
        referrer: 'https://www.google.at/',
        language: 'de-AT',
        timeZone: 'Europe/Vienna',
      },
      ended: [{ stream: '99999999-9999-4999-8999-999999999999', count: LIMITS.seqMax + 1 }],
      dropped: { evicted: 4_294_967_295 },
      events,
    });
    const first = await ingest.post(batch, { 'user-agent': AGENT });
    expect(first.json, first.text).to.deep.include({ accepted: events.length, rejected: [] });
    const again = await ingest.post(batch, { 'user-agent': AGENT });
    expect(again.json).to.deep.equal({ accepted: 0, duplicate: events.length, rejected: [] });

    pipeline.flusher.start();
    await pipeline.flusher.drain(30_000);
    const names = EVENT_COLUMNS.map(({ name, type }) =>
      /^U?Int64$/.test(type) ? `toString(events.${name}) AS ${name}` : name,
    );
    const stored = await database
      .as('migrator')
      .rows<Record<string, unknown>>(`SELECT ${names.join(', ')} FROM events ORDER BY stream, seq`);
    expect(stored).to.have.length(events.length + 2);

    const expected = written
      .slice(0, events.length + 2)
      .sort((a, b) => (a.stream === b.stream ? a.seq - b.seq : a.stream < b.stream ? -1 : 1));
    for (const [n, { json }] of expected.entries()) {
      const row = parseRow(json);
      for (const { name, type } of EVENT_COLUMNS) {
        let value: unknown = row[name];
        // digits as they were written: a number would have lost some
        if (/^U?Int64$/.test(type)) value = new RegExp(`"${name}":(-?\\d+)`).exec(json)?.[1] ?? '0';
        if (type === 'Float32') value = Math.fround(Number(value));
        const found = type === 'Float32' ? Math.fround(Number(stored[n]![name])) : stored[n]![name];
        expect(found, `${name} of ${json}`).to.deep.equal(value);
      }
    }
    expect(await pipeline.deadLetters.list({ limit: 10 })).to.deep.equal([]);
  });

  it('of an inquiry are there too: readable facts, a contact that only the key row opens', async () => {
    const reply = await ingest.send({
      path: '/v1/inquiries',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        key: 'pk_test',
        contact: { name: 'Canary', email: 'canary@example.at' },
        model: 'nest-80',
        options: { facade: 'wood' },
        priceCents: 100,
        elapsedMs: 9000,
      }),
    });
    expect(reply.status, reply.text).to.equal(201);
    await pipeline.flusher.drain(30_000);
    const migrator = database.as('migrator');
    const [inquiry] = await migrator.rows<Record<string, string>>(
      'SELECT toString(inquiry_id) AS id, status, sealed, email_index FROM inquiries FINAL',
    );
    expect(inquiry).to.include({ id: reply.json.id, status: 'new' });
    const [key] = await migrator.rows<{ wrapped: string; email_index: string }>(
      'SELECT wrapped, email_index FROM lintel_keys.keys FINAL',
    );
    const field = { table: 'inquiries', row: reply.json.id!, column: 'sealed' };
    const opened = createSealer([Buffer.alloc(32, 'key')]).open(field, inquiry!['sealed']!, key!.wrapped);
    expect(opened).to.contain('canary@example.at');
    expect(key!.email_index).to.equal(inquiry!['email_index']);
  });

  it('of the monitor are there too', async () => {
    const monitor = createMonitor({
      registry: ingest.metrics.registry,
      writer: createRowWriter({
        buffer: pipeline.buffer,
        clock: systemClock,
        metrics: createMetrics(),
        log: silentLog,
      }),
      clock: systemClock,
      log: silentLog,
      host: 'test:1',
    });
    await ingest.send({ body: 'no json' });
    await monitor.sample();
    await pipeline.flusher.drain(30_000);
    const rows = await database
      .as('migrator')
      .rows<{ label: string; n: string }>(
        "SELECT label, toString(sum(monitor.n)) AS n FROM monitor WHERE name = 'ingest_rejected_total' GROUP BY label",
      );
    expect(rows).to.deep.include({ label: 'json', n: '1' });
  });
});
