import { EVENT_COLUMNS, EXAMPLES, exampleBatch, integerBounds, LIMITS } from '@lintel/protocol';
import { expect } from 'chai';
import { aBatch, anEvent, aSite, NOW, startIngest, type Ingest, type ParsedRow } from './support.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const IPHONE_INSTAGRAM =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 350.0.0.0';
const VISITOR = '22222222-2222-4222-8222-222222222222';
const SESSION = '33333333-3333-4333-8333-333333333333';

describe('rows', () => {
  let ingest: Ingest;
  beforeEach(async () => {
    ingest = await startIngest();
  });
  afterEach(async () => {
    await ingest.close();
    expect(ingest.errors).to.deep.equal([]);
  });

  const rowOf = async (
    batch: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<ParsedRow> => {
    ingest.writer.clear();
    const reply = await ingest.post(batch, headers);
    expect(reply.json.rejected, reply.text).to.deep.equal([]);
    return ingest.writer.parsed()[0]!;
  };
  const eventRow = (
    event: Record<string, unknown>,
    batch: Record<string, unknown> = {},
  ): Promise<ParsedRow> => rowOf(aBatch({ events: [anEvent(event)], ...batch }));

  it('have columns of the table only, in its order, without those at their default', async () => {
    await ingest.post(exampleBatch(NOW - 5000, { key: 'pk_test', sentAt: NOW }));
    await ingest.post(aBatch({ events: [], ended: [{ stream: VISITOR, count: 3 }] }));
    const columns = EVENT_COLUMNS.map(({ name }) => name);
    expect(ingest.writer.rows.length).to.be.greaterThan(15);
    const used = new Set<string>();
    for (const { json } of ingest.writer.rows) {
      expect(json).not.to.match(/\n/);
      const row = JSON.parse(json) as ParsedRow;
      const names = Object.keys(row);
      expect(names, row.type).to.deep.equal(columns.filter((name) => names.includes(name)));
      // what names a row and what has no usable default is always there
      expect(names).to.include.members([
        'site_id',
        'ts',
        'received',
        'stream',
        'seq',
        'type',
        'visitor',
        'session',
        'consent',
        'rate',
      ]);
      for (const name of names) {
        used.add(name);
        if (!['seq', 'visitor', 'session', 'consent'].includes(name)) {
          expect(row[name], name).not.to.be.oneOf(['', 0, false]);
        }
      }
    }
    expect(used.size).to.be.at.least(50);
  });

  it('fit their columns, also at the bounds of the wire', async () => {
    const extremes = [
      anEvent({
        type: 'click',
        ex: 32_767,
        ey: 32_767,
        px: 10_000,
        py: 4_294_967_295,
        vw: 65_535,
        vh: 65_535,
        dh: 4_294_967_295,
        box: [0, 0, 4_294_967_295, 1],
        after: 4_294_967_295,
      }),
      anEvent({ type: 'option_select', group: 'g', option: 'o', priceDeltaCents: -1e12, seq: LIMITS.seqMax }),
      anEvent({ type: 'price_view', priceCents: 1e12, seq: 2 }),
      anEvent({
        type: 'request',
        method: 'get',
        url: '/',
        ms: 4_294_967_295,
        status: 999,
        bytes: 4_294_967_295,
        ttfbMs: 1e9,
        seq: 3,
      }),
      anEvent({ type: 'error', kind: 'exception', count: 65_535, seq: 4 }),
      anEvent({
        type: 'page_leave',
        engagedMs: 4_294_967_295,
        depth: 100,
        visibleMs: 4_294_967_295,
        view: 4_294_967_295,
        seq: 5,
      }),
      anEvent({ type: 'vital', name: 'CLS', value: 1e-7, seq: 6 }),
    ];
    const reply = await ingest.post(
      aBatch({
        events: extremes,
        ended: [{ stream: VISITOR, count: LIMITS.seqMax + 1 }],
        dropped: { capped: 4_294_967_295 },
      }),
    );
    expect(reply.json, reply.text).to.deep.include({ accepted: extremes.length, rejected: [] });
    for (const { json } of ingest.writer.rows) {
      for (const { name, type } of EVENT_COLUMNS) {
        const bounds = integerBounds(type);
        if (!bounds) continue;
        const text = new RegExp(`"${name}":([^,}]+)`).exec(json)?.[1] ?? '0';
        expect(text, `${name} of ${json}`).to.match(/^-?\d+$/);
        expect(BigInt(text) >= bounds.min && BigInt(text) <= bounds.max, `${name} ${text}`).to.equal(true);
      }
    }
  });

  it('keep 64-bit numbers exact', async () => {
    await ingest.post(aBatch({ consent: 'statistics', visitor: VISITOR }));
    const { json } = ingest.writer.rows[0]!;
    // first 8 bytes of `printf 'v7|22222222-…' | sha256sum`
    expect(/"visitor":(\d+)/.exec(json)![1]).to.equal('2715976689077604390');
  });

  describe('time', () => {
    const timeOf = async (at: number, sentAt: number) => {
      const row = await eventRow({ at }, { sentAt });
      return { ts: row['ts'], skew: row['skew_ms'], received: row['received'] };
    };
    const iso = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('Z', '');

    it('is the client clock while it is right to two seconds', async () => {
      expect(await timeOf(NOW - 5000, NOW - 1900)).to.deep.equal({
        ts: iso(NOW - 5000),
        skew: 0,
        received: '2026-11-25 12:00:00',
      });
    });
    it('is moved by what the clock is off, ten years too', async () => {
      const years = 10 * 365 * 86_400_000;
      expect(await timeOf(NOW - 5000 + years, NOW + years)).to.deep.include({
        ts: iso(NOW - 5000),
        skew: years,
      });
      expect(await timeOf(NOW - 5000 - years, NOW - years)).to.deep.include({
        ts: iso(NOW - 5000),
        skew: -years,
      });
    });
    it('is never later than its arrival', async () => {
      expect(await timeOf(NOW + 60_000, NOW)).to.deep.include({ ts: iso(NOW), skew: 60_000 });
    });
    it('may be 30 days ago and not more', async () => {
      const day = 86_400_000;
      expect(await timeOf(NOW - 30 * day, NOW)).to.deep.include({ ts: iso(NOW - 30 * day) });
      const reply = await ingest.post(aBatch({ events: [anEvent({ at: NOW - 30 * day - 1 })] }));
      expect(reply.json.rejected![0]!.reason).to.equal('time_old');
    });
  });

  describe('consent', () => {
    const everything = {
      visitor: VISITOR,
      session: SESSION,
      page: {
        url: 'https://nest.example/?gclid=1&utm_source=s',
        referrer: 'https://www.google.at/',
        language: 'de-AT',
        timeZone: 'Europe/Vienna',
        screen: [1, 1],
      },
      events: [
        anEvent({ type: 'inquiry', id: 'the-inquiry' }),
        anEvent({ type: 'exposure', seq: 1, experiment: 'e', variant: 'v', unit: 'customer-1' }),
      ],
    };
    const stored = async (consent: string) => {
      ingest.writer.clear();
      await ingest.post(aBatch({ ...everything, consent }));
      const [inquiry, exposure] = ingest.writer.parsed();
      return {
        channel: inquiry!['channel'],
        country: inquiry!['country'],
        language: inquiry!['language'],
        ref: inquiry!['ref'],
        unit: (exposure!['props'] as Record<string, string>)['unit'],
        visitor: /"visitor":(\d+)/.exec(ingest.writer.rows[0]!.json)![1],
        session: /"session":(\d+)/.exec(ingest.writer.rows[0]!.json)![1],
        level: inquiry!['consent'],
        text: inquiry!['consent_text'],
      };
    };

    it('none: no ids, no fields that tell browsers apart, whatever an old SDK sends', async () => {
      const none = await stored('none');
      expect(none).to.include({
        channel: 'search',
        country: '',
        language: '',
        ref: '',
        unit: undefined,
        level: 'none',
        text: 'text-3',
      });
      const without = await rowOf(aBatch());
      expect(without['visitor']).to.equal(Number(none.visitor));
    });
    it('statistics: ids, but neither click ids nor the join with a named inquiry', async () => {
      const none = await stored('none');
      const statistics = await stored('statistics');
      expect(statistics).to.include({
        channel: 'search',
        country: 'AT',
        language: 'de-AT',
        ref: '',
        unit: 'customer-1',
      });
      expect(statistics.visitor).not.to.equal(none.visitor);
      expect(statistics.session).not.to.equal(none.session);
    });
    it('all: the join and click ids too', async () => {
      expect(await stored('all')).to.include({ channel: 'paid', ref: 'the-inquiry' });
    });
  });

  describe('who', () => {
    const ids = async (batch: Record<string, unknown>, headers: Record<string, string> = {}) => {
      const row = await rowOf(aBatch(batch), headers);
      return { visitor: row['visitor'], session: row['session'] };
    };

    it('without consent: one visitor per day, network and browser; one session per page instance', async () => {
      await ingest.close();
      ingest = await startIngest({ trustProxy: 1 });
      const from = (address: string, agent: string, stream = VISITOR) =>
        ids({ stream }, { 'x-forwarded-for': address, 'user-agent': agent });
      const first = await from('203.0.113.7', CHROME);
      expect(await from('203.0.113.99', CHROME)).to.deep.equal(first);
      expect((await from('203.0.114.7', CHROME)).visitor).not.to.equal(first.visitor);
      expect((await from('203.0.113.7', IPHONE_INSTAGRAM)).visitor).not.to.equal(first.visitor);
      const otherPage = await from('203.0.113.7', CHROME, SESSION);
      expect(otherPage.visitor).to.equal(first.visitor);
      expect(otherPage.session).not.to.equal(first.session);
    });
    it('with consent: the ids, whatever the network', async () => {
      const batch = { consent: 'statistics', visitor: VISITOR, session: SESSION };
      const first = await ids(batch, { 'user-agent': CHROME });
      expect(
        await ids({ ...batch, visitor: VISITOR.toUpperCase() }, { 'user-agent': 'other' }),
      ).to.deep.equal(first);
      expect((await ids({ ...batch, session: VISITOR })).session).not.to.equal(first.session);
    });
    it('a hash says nothing across sites', async () => {
      const here = await ids({ consent: 'statistics', visitor: VISITOR });
      await ingest.close();
      ingest = await startIngest({ sites: [aSite({ id: 9 })] });
      expect((await ids({ consent: 'statistics', visitor: VISITOR })).visitor).not.to.equal(here.visitor);
    });
    it('carries a visit over midnight, and no other', async () => {
      await ingest.close();
      const salts = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
      let day = 0;
      ingest = await startIngest({
        salts: { today: () => ({ day, salt: salts[day]!, before: day > 0 ? salts[day - 1]! : null }) },
      });
      const night = await ids({}, { 'user-agent': CHROME });
      const slept = await ids({}, { 'user-agent': 'sleeper' });
      day = 1;
      ingest.clock.time += 20 * 60_000;
      expect(await ids({}, { 'user-agent': CHROME })).to.deep.equal(night);
      ingest.clock.time += 20 * 60_000;
      expect((await ids({}, { 'user-agent': 'sleeper' })).visitor).not.to.equal(slept.visitor);
      expect(await ids({}, { 'user-agent': CHROME })).to.deep.equal(night);
      ingest.clock.time += 40 * 60_000;
      expect((await ids({}, { 'user-agent': CHROME })).visitor).not.to.equal(night.visitor);
    });
  });

  it('say device, browser and system, also inside an app', async () => {
    expect(await rowOf(aBatch(), { 'user-agent': CHROME })).to.include({
      device: 'desktop',
      browser: 'Chrome',
      os: 'Windows',
      bot: 0,
    });
    expect(await rowOf(aBatch(), { 'user-agent': IPHONE_INSTAGRAM })).to.include({
      device: 'mobile',
      browser: 'Instagram',
      os: 'iOS',
    });
  });

  it('mark bots and drop none: by name, by webdriver, by speed', async () => {
    const named = await rowOf(aBatch(), { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' });
    expect(named['bot']).to.equal(1);
    expect((await eventRow({ automated: true }))['bot']).to.equal(2);
    const driven = await rowOf(aBatch(), { 'user-agent': CHROME.replace('Chrome/', 'HeadlessChrome/') });
    expect(driven['bot']).to.equal(2);
    const batch = (from: number) =>
      aBatch({
        stream: SESSION,
        events: Array.from({ length: 500 }, (_, n) => anEvent({ seq: from + n, type: 'click' })),
      });
    ingest.writer.clear();
    for (const from of [0, 500, 1000]) await ingest.post(batch(from), { 'user-agent': CHROME });
    const bots = ingest.writer.parsed().map((row) => row['bot']);
    expect(bots.slice(0, 1000).every((bot) => bot === 0)).to.equal(true);
    expect(bots.slice(1000).every((bot) => bot === 4)).to.equal(true);
    ingest.clock.time += 120_000;
    ingest.writer.clear();
    await ingest.post(batch(2000), { 'user-agent': CHROME });
    expect(ingest.writer.parsed()[0]!['bot']).to.equal(0);
  });

  it('do not mark an outbox that was offline for an hour and arrives at once', async () => {
    ingest.writer.clear();
    for (const from of [0, 500, 1000, 1500]) {
      const events = Array.from({ length: 500 }, (_, n) =>
        anEvent({ seq: from + n, type: 'click', at: ingest.clock.time - 3_600_000 + (from + n) * 1500 }),
      );
      await ingest.post(aBatch({ stream: SESSION, events }), { 'user-agent': CHROME });
    }
    expect(ingest.writer.parsed().length).to.equal(2000);
    expect(ingest.writer.parsed().every((row) => row['bot'] === 0)).to.equal(true);
  });

  it('take the country from our proxy only', async () => {
    expect(await rowOf(aBatch(), { 'cf-ipcountry': 'AT' })).to.include({ country: '' });
    await ingest.close();
    ingest = await startIngest({ trustProxy: ['127.0.0.0/8'] });
    expect(await rowOf(aBatch(), { 'cf-ipcountry': 'AT' })).to.include({ country: 'AT' });
  });

  it('hide what looks like a person in paths, labels and messages', async () => {
    const row = await eventRow({
      type: 'error',
      kind: 'exception',
      path: '/kunde/max@muster.at/daten',
      message: 'no account +43 660 1234567 AT61 1904 3002 3457 3201',
      frames: ['at f (https://x/?t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc)'],
    });
    expect(row['path']).to.equal('/kunde/[redacted]/daten');
    expect(row['route']).to.equal('/kunde/[redacted]/daten'.replace('[redacted]', ':id'));
    expect(row['message']).to.equal('no account [redacted] [redacted]');
    expect(row['stack']).to.contain('[redacted]').and.not.contain('eyJ');
  });

  it('know a configuration by its content', async () => {
    const config = (options: object, model = 'nest-80') =>
      eventRow({ type: 'config', reason: 'save', model, options, priceCents: 100 });
    const one = await config({ facade: 'wood', floor: ['oak', 'ash'] });
    expect(one).to.deep.include({
      parts: { facade: 'wood', floor: 'ash,oak' },
      kind: 'save',
      price_cents: 100,
      currency: 'EUR',
    });
    expect((await config({ floor: ['ash', 'oak'], facade: 'wood' }))['config_hash']).to.equal(
      one['config_hash'],
    );
    expect((await config({ facade: 'plaster' }))['config_hash']).not.to.equal(one['config_hash']);
    expect((await config({ facade: 'wood', floor: ['oak', 'ash'] }, 'nest-100'))['config_hash']).not.to.equal(
      one['config_hash'],
    );
  });

  it('put into the columns what the views read there', async () => {
    const expected: [keyof typeof EXAMPLES, Record<string, unknown>][] = [
      ['page_leave', { duration_ms: 5400, value: 8000, depth: 75, view: 0 }],
      [
        'click',
        {
          element: '[data-lintel="facade:wood"]',
          label: 'facade:wood',
          kind: 'mouse',
          ex: 16_384,
          fixed: false,
          dh: 2400,
        },
      ],
      ['rage_click', { times: 4, duration_ms: 700 }],
      ['scroll', { depth: 50, py: 1200 }],
      ['form', { name: 'inquiry', kind: 'submit' }],
      ['visibility', { name: 'summary', value: 0.8, duration_ms: 3000 }],
      ['error', { kind: 'exception', name: 'TypeError', message: 'price is undefined', times: 1 }],
      [
        'request',
        {
          value: 84,
          host: 'example.test',
          label: '/v1/catalogue',
          method: 'GET',
          status: 200,
          ttfb_ms: 60.5,
          bytes: 4200,
        },
      ],
      ['vital', { name: 'LCP', value: 1840.5, kind: 'good' }],
      ['long_frame', { value: 180 }],
      ['option_select', { option_group: 'facade', option: 'wood', value: 450_000, model: 'nest-80' }],
      ['price_view', { price_cents: 18_900_000, currency: 'EUR' }],
      ['exposure', { experiment: 'hero-2026', variant: 'large' }],
      ['custom', { name: 'brochure_open' }],
    ];
    for (const [type, columns] of expected) {
      const row = await eventRow({ ...EXAMPLES[type] });
      for (const [column, value] of Object.entries(columns)) {
        expect(row[column], `${type}.${column}`).to.deep.equal(value);
      }
    }
    expect((await eventRow({ ...EXAMPLES.custom }))['props']).to.deep.equal({
      house: 'nest-80',
      pages: '12',
    });
  });
});
