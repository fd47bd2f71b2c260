import { expect } from 'chai';
import { viewDefinitions } from '../../src/schema/definitions.js';
import { DAY_MS, SITES, useDatabase, type TestEvent } from './support.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** String labels and one number: what Grafana's alerting takes from a table. */
type AlertRow = Record<string, string | number> & { value: number };

describe('alert views', function () {
  this.timeout(180_000);
  const db = useDatabase('each');

  const ask = (rule: string, from: number, to: number): Promise<AlertRow[]> => {
    const view = viewDefinitions().find(({ name }) => name === `alert_${rule}`)!;
    return db.views.rows<AlertRow>(view.name, view.parameters.size > 0 ? { from, to } : {});
  };
  /** Values above zero, by their labels. */
  const loud = async (rule: string, from: number, to: number): Promise<Record<string, number>> => {
    const rows = await ask(rule, from, to);
    return Object.fromEntries(
      rows
        .filter(({ value }) => value > 0)
        .map(({ value, ...labels }) => [Object.values(labels).join('|'), Math.round(value * 100) / 100]),
    );
  };

  let seq = 0;
  const many = (n: number, of: (index: number) => TestEvent): TestEvent[] =>
    Array.from({ length: n }, (_, index) => ({
      seq: seq++,
      session: index + 1,
      visitor: index + 1,
      ...of(index),
    }));
  const monitor = async (rows: readonly Record<string, unknown>[]): Promise<void> => {
    await db
      .as('writer')
      .insert(
        'INSERT INTO monitor FORMAT JSONEachRow',
        Buffer.from(rows.map((row) => JSON.stringify({ host: 'h', ...row })).join('\n')),
      );
  };
  const into = (table: string, rows: readonly Record<string, unknown>[]): Promise<void> =>
    db
      .as('migrator')
      .insert(
        `INSERT INTO ${table} FORMAT JSONEachRow`,
        Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
        { settings: { date_time_input_format: 'best_effort' } },
      );
  const second = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
  const iso = (ms: number): string => new Date(ms).toISOString();

  it('answer one row per configured site without any data, with unique labels and one number', async () => {
    const now = Date.now();
    const rules = viewDefinitions().filter(({ name }) => name.startsWith('alert_'));
    expect(rules).to.have.length(17);
    for (const { name } of rules) {
      const rows = await ask(name.slice('alert_'.length), now - HOUR, now);
      const labels = rows.map(({ value: _value, ...rest }) => JSON.stringify(rest));
      expect(new Set(labels).size, name).to.equal(rows.length);
      for (const row of rows) {
        expect(row.value, name).to.be.a('number');
        for (const [label, text] of Object.entries(row))
          if (label !== 'value') expect(text, `${name} ${label}`).to.be.a('string');
      }
      if (rows.some((row) => 'site' in row)) {
        for (const site of SITES)
          expect(
            rows.filter((row) => row.site_id === String(site.id)),
            name,
          ).not.to.be.empty;
      }
      if (name !== 'alert_heartbeat')
        expect(
          rows.every(({ value }) => value === 0),
          name,
        ).to.equal(true);
    }
  });

  it('api-slow, db-slow, redis-slow and heartbeat read the collector’s own rows, from twenty observations on', async () => {
    const now = Date.now();
    const row = (name: string, label: string, n: number, p95: number, ago: number) => ({
      at: second(now - ago),
      name,
      label,
      site_id: 0,
      value: p95,
      p50: 5,
      p95,
      p99: p95 * 2,
      n,
    });
    await monitor([
      row('http_request_seconds', '/v1/events:POST:2xx', 15, 900, 10_000),
      row('dependency_seconds', 'clickhouse:interactive', 15, 300, 10_000),
      row('dependency_seconds', 'redis:append', 15, 80, 10_000),
    ]);
    for (const rule of ['api_slow', 'db_slow', 'redis_slow'])
      expect(await loud(rule, now - 2 * MINUTE, now)).to.deep.equal({});
    await monitor([
      row('http_request_seconds', '/v1/events:POST:2xx', 15, 900, 15_000),
      row('dependency_seconds', 'clickhouse:interactive', 15, 300, 15_000),
      row('dependency_seconds', 'clickhouse:job', 500, 9000, 15_000),
      row('dependency_seconds', 'redis:append', 15, 80, 15_000),
    ]);
    expect(await loud('api_slow', now - 2 * MINUTE, now)).to.deep.equal({ '*|0|collector': 900 });
    expect(await loud('db_slow', now - 2 * MINUTE, now)).to.deep.equal({ clickhouse: 300 });
    expect(await loud('redis_slow', now - 2 * MINUTE, now)).to.deep.equal({ redis: 80 });
    expect((await ask('heartbeat', 0, 0))[0]!.value).to.be.within(10, 60);
    expect(await loud('api_slow', now - 10 * MINUTE, now - 8 * MINUTE)).to.deep.equal({});
  });

  it('api-slow weighs the requests of browsers by their sampling', async () => {
    const now = Date.now();
    const request = (n: number, value: number, rate: number) =>
      many(n, () => ({ ts: now - MINUTE, type: 'request', kind: 'fetch', value, rate }));
    // ten slow ones are always sent; ninety fast ones stand for nine hundred
    await db.store([...request(10, 800, 1), ...request(90, 50, 0.1)]);
    expect(await loud('api_slow', now - 2 * MINUTE, now)).to.deep.equal({ 'NEST|1|browser': 50 });
    await db.store(request(50, 800, 1));
    expect(await loud('api_slow', now - 2 * MINUTE, now)).to.deep.equal({ 'NEST|1|browser': 800 });
  });

  it('configurator-slow takes the ready mark before the paint, by device, from twenty loads on', async () => {
    const now = Date.now();
    const vital = (n: number, name: string, value: number, device: string) =>
      many(n, () => ({ ts: now - MINUTE, type: 'vital', name, value, device }));
    await db.store([...vital(19, 'ready', 3000, 'desktop'), ...vital(25, 'LCP', 2100, 'mobile')]);
    expect(await loud('configurator_slow', now - 15 * MINUTE, now)).to.deep.equal({ 'NEST|1|mobile': 2100 });
    await db.store([...vital(1, 'ready', 3000, 'desktop'), ...vital(20, 'ready', 900, 'mobile')]);
    expect(await loud('configurator_slow', now - 15 * MINUTE, now)).to.deep.equal({
      'NEST|1|desktop': 3000,
      'NEST|1|mobile': 900,
    });
  });

  it('error-rate needs five failures of requests, sessions or answers', async () => {
    const now = Date.now();
    const at = now - MINUTE;
    const failed = (n: number) => many(n, () => ({ ts: at, type: 'request', kind: 'fetch', status: 500 }));
    await db.store([
      ...many(96, () => ({ ts: at, type: 'request', kind: 'fetch', status: 200 })),
      ...failed(4),
    ]);
    expect(await loud('error_rate', now - 5 * MINUTE, now)).to.deep.equal({});
    await db.store(failed(1));
    expect(await loud('error_rate', now - 5 * MINUTE, now)).to.deep.equal({ 'NEST|1|requests': 4.95 });
    await db.store(many(6, () => ({ ts: at, type: 'error', kind: 'exception', fingerprint: 5 })));
    await monitor([
      { at: second(at), name: 'http_request_seconds', label: '/v1/events:POST:5xx', n: 6 },
      { at: second(at), name: 'http_request_seconds', label: '/v1/events:POST:2xx', n: 94 },
    ]);
    expect(await loud('error_rate', now - 5 * MINUTE, now)).to.deep.equal({
      '*|0|answers': 6,
      'NEST|1|requests': 4.95,
      'NEST|1|sessions': 6.25,
    });
  });

  it('error-rate weighs failures and the others by their sampling', async () => {
    const now = Date.now();
    const requests = (n: number, status: number, rate: number) =>
      many(n, () => ({ ts: now - MINUTE, type: 'request', kind: 'fetch', status, rate }));
    // a site that sends every hundredth page instance's: 500 failed, and 20,000 that did not
    await db.store([...requests(5, 500, 0.01), ...requests(20, 200, 0.001)]);
    const { 'NEST|1|requests': rate } = await loud('error_rate', now - 5 * MINUTE, now);
    expect(rate).to.equal(2.44);
  });

  it('ingest-lag measures from the answer to the row', async () => {
    const now = Date.now();
    await db.store(many(30, () => ({ ts: now - 5 * MINUTE, type: 'page_view' })));
    const [{ batch }] = (await db
      .as('migrator')
      .rows<{ batch: number }>('SELECT max(batch) AS batch FROM events')) as [{ batch: number }];
    await into('ingest_batches', [
      { batch, site_id: 1, n: 30, first_ts: iso(now), last_ts: iso(now), inserted: second(now - 3 * MINUTE) },
    ]);
    const found = await loud('ingest_lag', now - 5 * MINUTE, now);
    expect(Object.keys(found)).to.deep.equal(['NEST|1']);
    expect(found['NEST|1']).to.be.within(119, 121);
  });

  it('dead-letters counts new open ones by reason', async () => {
    const now = Date.now();
    const letter = (id: number, state: string, at = now - MINUTE) => ({
      id: `00000000-0000-4000-8000-00000000000${id}`,
      site_id: 2,
      at: iso(at),
      reason: 'number',
      state,
      version: 1,
    });
    await into('dead_letters', [letter(1, 'open'), letter(2, 'replayed'), letter(3, 'open', now - HOUR)]);
    expect(await loud('dead_letters', now - 15 * MINUTE, now)).to.deep.equal({ 'Kolkata|2|number': 1 });
  });

  it('ledger tells what the books miss, and a capture rate below 99 %', async () => {
    const now = Date.now();
    const check = (slot: number, difference: number) => ({
      site_id: 1,
      slot: second(slot),
      difference,
      version: 1,
    });
    await into('ledger_checks', [check(now - 20 * MINUTE, 7), check(now - 10 * MINUTE, 0)]);
    expect(await loud('ledger', now - HOUR, now)).to.deep.equal({});
    await into('ledger_checks', [check(now - 5 * MINUTE, -3)]);
    const stream = '10000000-0000-4000-8000-000000000001';
    // of 400 announced events ten are missing: 97.5 %
    await db.store([
      ...Array.from({ length: 390 }, (_, index) => ({ ts: now - MINUTE, type: 'click', stream, seq: index })),
      { ts: now - MINUTE, type: 'stream_end', stream, seq: 1_048_575, value: 400 },
    ]);
    expect(await loud('ledger', now - HOUR, now)).to.deep.equal({ 'NEST|1|books': 3, 'NEST|1|capture': 1.5 });
  });

  it('conversion-drop compares with the same hour of four weeks, and never trusts small numbers', async () => {
    const to = Date.now();
    const week = 7 * DAY_MS;
    const inquiries = (site: number, n: number, weeksAgo: number) =>
      many(n, (index) => ({
        site_id: site,
        ts: to - 10 * MINUTE - weeksAgo * week,
        type: 'inquiry',
        visitor: 1000 * weeksAgo + index,
      }));
    for (const weeksAgo of [1, 2, 3, 4])
      await db.store([...inquiries(1, 20, weeksAgo), ...inquiries(2, 3, weeksAgo)]);
    expect(await loud('conversion_drop', to - HOUR, to)).to.deep.equal({ 'NEST|1': 100 });
    await db.store(inquiries(1, 15, 0));
    expect(await loud('conversion_drop', to - HOUR, to)).to.deep.equal({});
  });

  it('funnel-step compares the share that reaches a step', async () => {
    const to = Date.now();
    const week = 7 * DAY_MS;
    const visit = (n: number, type: string, weeksAgo: number) =>
      many(n, (index) => ({ ts: to - HOUR - weeksAgo * week, type, visitor: 1000 * weeksAgo + index + 1 }));
    for (const weeksAgo of [1, 2, 3, 4]) {
      await db.store([
        ...visit(100, 'page_view', weeksAgo),
        ...visit(50, 'option_select', weeksAgo),
        ...visit(30, 'price_view', weeksAgo),
      ]);
    }
    await db.store([
      ...visit(100, 'page_view', 0),
      ...visit(45, 'option_select', 0),
      ...visit(3, 'price_view', 0),
    ]);
    expect(await loud('funnel_step', to - 6 * HOUR, to)).to.deep.equal({ 'NEST|1|price_view': 90 });
  });

  it('revenue-band stays quiet without a weekly forecast', async () => {
    const to = Date.now();
    const forecast = {
      site_id: 1,
      made: second(to - 7 * DAY_MS),
      model: 'revenue.pipeline',
      horizon: 7,
      target: second(to).slice(0, 10),
      q: [1, 2, 100_000, 4, 5, 6, 300_000, 8, 9],
      version: 1,
    };
    const order = {
      site_id: 1,
      order_id: 'a',
      version: 1,
      placed: iso(to - DAY_MS),
      status: 'placed',
      amount_cents: 4_000_000,
    };
    await into('orders', [order]);
    expect(await loud('revenue_band', to - 7 * DAY_MS, to)).to.deep.equal({});
    await into('forecast_log', [forecast]);
    expect(await loud('revenue_band', to - 7 * DAY_MS, to)).to.deep.equal({ 'NEST|1': 60_000 });
    await into('orders', [{ ...order, order_id: 'b', amount_cents: 7_000_000 }]);
    expect(await loud('revenue_band', to - 7 * DAY_MS, to)).to.deep.equal({});
  });

  it('vitals tells the ratio to the limit, of all pages and of each', async () => {
    const now = Date.now();
    await db.store([
      ...many(25, () => ({ ts: now - MINUTE, type: 'vital', name: 'LCP', value: 5000, route: '/slow' })),
      ...many(80, () => ({ ts: now - MINUTE, type: 'vital', name: 'LCP', value: 1000, route: '/fast' })),
      ...many(19, () => ({ ts: now - MINUTE, type: 'vital', name: 'INP', value: 900, route: '/slow' })),
    ]);
    expect(await loud('vitals', now - 6 * HOUR, now)).to.deep.equal({
      'NEST|1|LCP|*': 0.25,
      'NEST|1|LCP|/fast': 0.25,
      'NEST|1|LCP|/slow': 1.25,
    });
  });

  it('js-errors tells a new fingerprint in three sessions, and not an old one', async () => {
    const now = Date.now();
    const error = (n: number, fingerprint: number, ago: number) =>
      many(n, () => ({ ts: now - ago, type: 'error', kind: 'exception', fingerprint }));
    await db.store([
      ...error(2, 1, MINUTE),
      ...error(4, 2, MINUTE),
      ...error(4, 3, MINUTE),
      ...error(1, 3, 2 * DAY_MS),
    ]);
    expect(await loud('js_errors', now - HOUR, now)).to.deep.equal({ 'NEST|1|2': 4 });
  });

  it('inquiry-late counts what waits for more than a day', async () => {
    const now = Date.now();
    const inquiry = (id: number, status: string, ago: number) => ({
      site_id: 1,
      inquiry_id: `00000000-0000-4000-8000-00000000000${id}`,
      version: 1,
      created: iso(now - ago),
      status,
    });
    await into('inquiries', [
      inquiry(1, 'new', 2 * DAY_MS),
      inquiry(2, 'new', HOUR),
      inquiry(3, 'answered', 2 * DAY_MS),
      inquiry(4, 'spam', 2 * DAY_MS),
    ]);
    expect(await loud('inquiry_late', now - HOUR, now)).to.deep.equal({ 'NEST|1': 1 });
  });

  it('price-guard compares with the time before a bulk change, from a hundred visitors on', async () => {
    const now = Date.now();
    const since = now - 2 * HOUR;
    const saw = (n: number, ts: number, base: number) =>
      many(n, (index) => ({ ts, type: 'price_view', visitor: base + index }));
    const asked = (n: number, ts: number, base: number) =>
      many(n, (index) => ({ ts, type: 'inquiry', visitor: base + index }));
    await db.store([
      ...saw(120, since - HOUR, 1),
      ...asked(60, since - HOUR + 1, 1),
      ...saw(120, since + HOUR, 1001),
      ...asked(30, since + HOUR + 1, 1001),
    ]);
    expect(await loud('price_guard', now - DAY_MS, now)).to.deep.equal({});
    await into('changes_log', [
      { site_id: 1, at: iso(since), id: 'change-7', kind: 'bulk_price', text: '+5 %', version: 1 },
    ]);
    expect(await loud('price_guard', now - DAY_MS, now)).to.deep.equal({ 'NEST|1|change-7': 50 });
  });

  it('bot-share tells a share that doubled and passed a fifth', async () => {
    const now = Date.now();
    const events = (n: number, bot: number, ago: number) =>
      many(n, () => ({ ts: now - ago, type: 'page_view', bot }));
    await db.store([
      ...events(95, 0, 2 * DAY_MS),
      ...events(5, 1, 2 * DAY_MS),
      ...events(90, 0, MINUTE),
      ...events(30, 2, MINUTE),
    ]);
    // driven browsers are no bots
    expect(await loud('bot_share', now - HOUR, now)).to.deep.equal({});
    await db.store(events(40, 4, MINUTE));
    expect(await loud('bot_share', now - HOUR, now)).to.deep.equal({ 'NEST|1': 25 });
  });
});
