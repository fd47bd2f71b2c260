import { expect } from 'chai';
import { hazardOf, leadOf, weeklyCounts, type LeadRow } from '../../../src/questions/leads.js';
import type { ViewParameter } from '../../../src/questions/index.js';
import { DAY_MS, scope, useDatabase, type TestEvent } from '../support.js';

/** Monday, 00:00 UTC. */
const START = Date.UTC(2026, 9, 5);
const NOW = START + 28 * DAY_MS;
const HOUR = 3_600_000;
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const iso = (ms: number): string => new Date(ms).toISOString();
const second = (ms: number): string => iso(ms).replace('T', ' ').slice(0, 19);

describe('views of records', function () {
  this.timeout(180_000);
  const db = useDatabase();

  const into = (table: string, rows: readonly Record<string, unknown>[]): Promise<void> =>
    db
      .as('migrator')
      .insert(
        `INSERT INTO ${table} FORMAT JSONEachRow`,
        Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
        { settings: { date_time_input_format: 'best_effort' } },
      );
  const ask = <T>(view: string, more: Record<string, ViewParameter> = {}): Promise<T[]> =>
    db.views.rows<T>(view, { ...scope(START, NOW, { tz: 'UTC' }), ...more });

  let seq = 0;
  const event = (visitor: number, ts: number, type: string, more: Partial<TestEvent> = {}): TestEvent => ({
    visitor,
    session: visitor * 10,
    stream: uuid(900 + visitor),
    seq: seq++,
    ts,
    type,
    ...more,
  });
  const inquiry = (n: number, created: number, more: Record<string, unknown> = {}) => ({
    site_id: 1,
    inquiry_id: uuid(n),
    version: created,
    created: iso(created),
    status: 'new',
    price_cents: 100_000 * n,
    ...more,
  });
  const order = (id: string, placed: number, more: Record<string, unknown> = {}) => ({
    site_id: 1,
    order_id: id,
    version: 1,
    placed: iso(placed),
    status: 'placed',
    amount_cents: 5_000_000,
    ...more,
  });

  before(async () => {
    await into('inquiries', [
      // 1: saved and came twice, ordered after ten days
      inquiry(1, START + DAY_MS, { visitor: 1 }),
      // 2: came once, lost after two weeks; an older version of the row must not count
      inquiry(2, START + 2 * DAY_MS, { visitor: 2 }),
      inquiry(2, START + 2 * DAY_MS, { visitor: 2, status: 'lost', version: START + 16 * DAY_MS }),
      inquiry(3, START + 3 * DAY_MS, { status: 'spam' }),
      // 4: without consent, its event comes a minute later and is the same lead
      inquiry(4, START + 4 * DAY_MS),
      inquiry(5, START + 5 * DAY_MS, { gone: 1 }),
    ]);
    await db.store([
      event(1, START, 'page_view', { path: '/' }),
      event(1, START + HOUR, 'config', { kind: 'save', session: 11 }),
      event(1, START + DAY_MS, 'inquiry', { ref: uuid(1), price_cents: 999 }),
      event(2, START + 2 * DAY_MS - HOUR, 'page_view', { path: '/' }),
      event(3, START + 3 * DAY_MS, 'inquiry', { ref: uuid(3) }),
      event(4, START + 4 * DAY_MS + 60_000, 'inquiry', { consent: 'none' }),
      // 6: the site's own form; orders twice without naming an inquiry, the first before it asked
      event(6, START + 6 * DAY_MS, 'config', { kind: 'save' }),
      event(6, START + 6 * DAY_MS + HOUR, 'inquiry', { price_cents: 20_000_000 }),
      event(7, START + 7 * DAY_MS, 'inquiry', { price_cents: 100, bot: 1 }),
      // 8: the form names a UUID that no row has
      event(8, START + 8 * DAY_MS, 'inquiry', { ref: uuid(88), price_cents: 30_000_000 }),
    ]);
    await into('orders', [
      order('a', START + 11 * DAY_MS, { inquiry_id: uuid(1) }),
      order('b', START + 12 * DAY_MS, { inquiry_id: uuid(1), status: 'cancelled' }),
      order('c', START + DAY_MS, { visitor: 6 }),
      order('d', START + 20 * DAY_MS, { visitor: 6, amount_cents: 21_000_000 }),
      order('e', START + 21 * DAY_MS),
    ]);
  });

  interface Lead {
    inquiry_id: string;
    lead_at: string;
    status: string;
    price: number;
    ordered_at: string | null;
    paid: number;
    lost_at: string | null;
    tier: string;
  }
  const at = (ms: number): string => iso(ms).replace('T', ' ').replace('Z', '');

  it('leads: rows and events that no row tells of, each once, with orders, losses and tiers', async () => {
    const rows = (await ask<Lead>('leads')).sort((p, q) => (p.lead_at < q.lead_at ? -1 : 1));
    expect(rows.map(({ lead_at, status, price, tier }) => [lead_at, status, price, tier])).to.deep.equal([
      [at(START + DAY_MS), 'new', 1000, 'hot'],
      [at(START + 2 * DAY_MS), 'lost', 2000, 'cold'],
      [at(START + 4 * DAY_MS), 'new', 4000, 'unknown'],
      [at(START + 6 * DAY_MS + HOUR), 'new', 200_000, 'warm'],
      [at(START + 8 * DAY_MS), 'new', 300_000, 'cold'],
    ]);
    expect(rows.map(({ ordered_at, paid }) => [ordered_at, paid])).to.deep.equal([
      [at(START + 11 * DAY_MS), 50_000],
      [null, 0],
      [null, 0],
      [at(START + 20 * DAY_MS), 210_000],
      [null, 0],
    ]);
    expect(rows[1]!.lost_at).to.equal(at(START + 16 * DAY_MS));
    expect(rows[4]!.inquiry_id).to.equal(uuid(88));
  });

  it('leads: as they were known at an earlier time', async () => {
    const rows = await ask<Lead>('leads', { to: START + 10 * DAY_MS });
    expect(rows).to.have.length(5);
    expect(rows.every(({ ordered_at }) => ordered_at === null)).to.equal(true);
  });

  it('lead_hazard: who was at risk in which week, who ordered in it', async () => {
    expect(await ask('lead_hazard')).to.deep.equal([
      { tier: 'cold', week: 2, at_risk: 2, orders: 0 },
      { tier: 'hot', week: 1, at_risk: 1, orders: 1 },
      { tier: 'unknown', week: 3, at_risk: 1, orders: 0 },
      { tier: 'warm', week: 1, at_risk: 1, orders: 1 },
    ]);
  });

  it('lead_hazard, lead_weeks: what questions make of the leads themselves is the same', async () => {
    const leads = (await ask<LeadRow>('leads')).map(leadOf);
    const hazard = await ask<{ tier: string; week: number; at_risk: number; orders: number }>('lead_hazard');
    const told = hazardOf(leads, NOW);
    expect(
      told.filter(({ tier, week }) => hazard.some((row) => row.tier === tier && row.week === week)),
    ).to.deep.equal(
      hazard.map(({ tier, week, at_risk, orders }) => ({ tier, week, atRisk: at_risk, orders })),
    );
    // weeks in which no lead of a tier left are in the questions only: all of its leads waited through them
    expect(told.filter(({ tier }) => tier === 'cold')).to.deep.equal(
      [0, 1, 2].map((week) => ({ tier: 'cold', week, atRisk: 2, orders: 0 })),
    );
    const weeks = await ask<{ week: string; tier: string; leads: number }>('lead_weeks');
    for (const { tier, counts } of weeklyCounts(leads, NOW, 'UTC')) {
      const first = Date.parse('2026-10-05');
      weeks
        .filter((row) => row.tier === tier)
        .forEach((row) => expect(counts[(Date.parse(row.week) - first) / (7 * DAY_MS)]).to.equal(row.leads));
      const all = weeks.reduce((sum, row) => (row.tier === tier ? sum + row.leads : sum), 0);
      expect(counts.reduce((sum, n) => sum + n, 0)).to.equal(all);
    }
  });

  it('lead_weeks', async () => {
    expect(await ask('lead_weeks')).to.deep.equal([
      { week: '2026-10-05', tier: 'cold', leads: 1 },
      { week: '2026-10-05', tier: 'hot', leads: 1 },
      { week: '2026-10-05', tier: 'unknown', leads: 1 },
      { week: '2026-10-05', tier: 'warm', leads: 1 },
      { week: '2026-10-12', tier: 'cold', leads: 1 },
    ]);
  });

  it('revenue: orders by time, and what was open at the end of each week', async () => {
    const rows = await ask<{ time: string; orders: number; revenue: number; pipeline: number }>('revenue', {
      step: 604_800,
    });
    expect(rows).to.deep.equal([
      // 1, 2, 4 and 6 came in the first week
      { time: '2026-10-05T00:00:00Z', orders: 1, revenue: 50_000, pipeline: 207_000 },
      // 1 ordered, 8 came
      { time: '2026-10-12T00:00:00Z', orders: 1, revenue: 50_000, pipeline: 506_000 },
      // 2 was lost, 6 ordered
      { time: '2026-10-19T00:00:00Z', orders: 1, revenue: 210_000, pipeline: 304_000 },
      { time: '2026-10-26T00:00:00Z', orders: 1, revenue: 50_000, pipeline: 304_000 },
    ]);
  });

  it('inquiry_states: by arrival and state, with the age of the oldest open one', async () => {
    expect(await ask('inquiry_states', { step: 604_800 })).to.deep.equal([
      { time: '2026-10-05T00:00:00Z', state: 'lost', n: 1, oldest_s: 0 },
      { time: '2026-10-05T00:00:00Z', state: 'new', n: 1, oldest_s: (24 * DAY_MS) / 1000 },
      { time: '2026-10-05T00:00:00Z', state: 'ordered', n: 2, oldest_s: 0 },
      { time: '2026-10-12T00:00:00Z', state: 'new', n: 1, oldest_s: (20 * DAY_MS) / 1000 },
    ]);
  });

  it('customer_history: orders of one day are one, a cancelled one is none', async () => {
    await into('orders', [order('f', START + 20 * DAY_MS + HOUR, { visitor: 6, amount_cents: 1_000_000 })]);
    const rows = await ask<{
      customer: string;
      repeats: number;
      t_x_days: number;
      age_days: number;
      mean_value: number;
    }>('customer_history');
    expect(rows.find(({ customer }) => customer === '6')).to.deep.equal({
      customer: '6',
      repeats: 1,
      t_x_days: 19,
      age_days: 27,
      mean_value: 220_000,
      first_value: 50_000,
    });
    expect(rows.map(({ customer }) => customer)).to.deep.equal([uuid(1), '6', 'e']);
  });

  it('forecast and forecast_scores', async () => {
    const forecast = (model: string, target: string, centre: number, actual: number | null) => ({
      site_id: 1,
      made: second(START),
      model,
      horizon: 30,
      target,
      n: 4,
      mean: centre,
      q: [-40, -30, -20, -10, 0, 10, 20, 30, 40].map((x) => centre + x),
      actual,
      version: 1,
    });
    await into('forecast_log', [
      forecast('revenue.pipeline', '2026-10-10', 100, 110),
      forecast('revenue.naive', '2026-10-10', 100, 110),
      forecast('revenue.pipeline', '2026-10-20', 100, 130),
      forecast('revenue.naive', '2026-10-20', 160, 130),
      forecast('revenue.pipeline', '2026-11-20', 90, null),
    ]);
    const rows = await ask<{ model: string; lo80: number; hi95: number; time: string }>('forecast');
    expect(
      rows.find(({ model, time }) => model === 'revenue.pipeline' && time.startsWith('2026-11-20')),
    ).to.include({
      lo80: 70,
      hi95: 130,
    });
    const levels = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];
    const pinball = (centre: number, actual: number): number =>
      levels.reduce((sum, level, index) => {
        const error = actual - (centre + [-40, -30, -20, -10, 0, 10, 20, 30, 40][index]!);
        return sum + Math.max(level * error, (level - 1) * error);
      }, 0);
    const [score] = await ask<Record<string, number | string>>('forecast_scores');
    expect(score).to.include({
      model: 'revenue.pipeline',
      horizon: 30,
      n: 2,
      coverage80: 0.5,
      coverage95: 1,
    });
    expect(score!['wape']).to.be.closeTo(40 / 240, 1e-9);
    expect(score!['skill']).to.be.closeTo(
      1 - (pinball(100, 110) + pinball(100, 130)) / (pinball(100, 110) + pinball(160, 130)),
      1e-9,
    );
    // four orders: between 48 % of three and 37 % of five
    expect(score!['floor']).to.be.closeTo(0.48 * (0.37 / 0.48) ** (Math.log(4 / 3) / Math.log(5 / 3)), 1e-9);
  });

  it('timings mixes the quantiles of five seconds, and weighs browsers by their sampling', async () => {
    const row = (name: string, label: string, ms: number, n: number, ago: number) => ({
      at: second(NOW - ago),
      host: 'h',
      name,
      label,
      site_id: 0,
      value: ms,
      p50: ms,
      p95: ms * 2,
      p99: ms * 4,
      n,
    });
    await into('monitor', [
      row('http_request_seconds', '/v1/events:POST:2xx', 10, 100, 60_000),
      row('http_request_seconds', '/v1/events:POST:2xx', 30, 100, 65_000),
      row('dependency_seconds', 'clickhouse:interactive', 5, 10, 60_000),
      row('dependency_seconds', 'clickhouse:job', 5000, 10, 60_000),
    ]);
    await db.store([
      event(50, NOW - 60_000, 'request', { kind: 'fetch', host: 'api.nest.example', value: 40, rate: 0.1 }),
      event(51, NOW - 60_000, 'request', { kind: 'fetch', host: 'api.nest.example', value: 900 }),
    ]);
    const rows = await ask<Record<string, number | string>>('timings', { step: 86_400 });
    expect(
      rows.map(({ component, service, p50, p95, n }) => [component, service, p50, p95, n]),
    ).to.deep.equal([
      ['api', '/v1/events', 30, 60, 200],
      ['api', 'api.nest.example', 40, 900, 11],
      ['db', 'clickhouse', 5, 10, 10],
    ]);
  });

  it('gauges, rejects, sdk_dropped, delivery_ledger and changes', async () => {
    const monitor = (name: string, label: string, value: number, ago: number, site = 0) => ({
      at: second(NOW - ago),
      host: 'h',
      name,
      label,
      site_id: site,
      value,
      n: 1,
    });
    await into('monitor', [
      monitor('buffer_rows', 'disk', 5, 7000),
      monitor('buffer_rows', 'disk', 9, 2000),
      monitor('ingest_rejected_total', 'time_old', 3, 7000, 1),
      monitor('ingest_rejected_total', 'time_old', 4, 2000, 1),
      monitor('ingest_rejected_total', 'origin', 1, 2000, 2),
      monitor('ingest_events_total', 'duplicate', 6, 2000, 1),
    ]);
    // a row that came twice is one: same key
    await into('monitor', [monitor('ingest_rejected_total', 'time_old', 4, 2000, 1)]);
    const time = '2026-11-01T00:00:00Z';
    expect(await ask('gauges', { step: 86_400 })).to.deep.equal([
      { time, name: 'buffer_rows', labels: 'disk', value: 9 },
    ]);
    expect(await ask('rejects', { step: 86_400 })).to.deep.equal([{ time, reason: 'time_old', n: 7 }]);
    await db.store(
      [2, 5].map((value, index) =>
        event(60, NOW - 5000 + index, 'stream_dropped', { seq: 983_040 + value, name: 'capped', value }),
      ),
    );
    expect(await ask('sdk_dropped', { step: 86_400 })).to.deep.equal([{ time, reason: 'capped', n: 5 }]);
    await into('ledger_checks', [
      {
        site_id: 1,
        slot: second(NOW - 9000),
        accepted: 10,
        stored: 6,
        buffered: 4,
        dead_lettered: 0,
        difference: 0,
        version: 1,
      },
      {
        site_id: 1,
        slot: second(NOW - 4000),
        accepted: 12,
        stored: 11,
        buffered: 0,
        dead_lettered: 1,
        difference: 0,
        version: 1,
      },
    ]);
    expect(await ask('delivery_ledger', { step: 86_400 })).to.deep.equal([
      { time, accepted: 12, stored: 11, buffered: 0, dead_lettered: 1, duplicates: 6, difference: 0 },
    ]);
    await into('catalogue', [
      {
        site_id: 1,
        kind: 'model',
        id: 'nest-80',
        version: 1,
        valid_from: second(START - DAY_MS),
        price_cents: 10_000_000,
      },
      {
        site_id: 1,
        kind: 'model',
        id: 'nest-80',
        version: 1,
        valid_from: second(START + DAY_MS),
        price_cents: 10_500_000,
      },
    ]);
    await into('changes_log', [
      { site_id: 1, at: iso(START + 2 * DAY_MS), id: 'x', kind: 'release', text: 'site 2.1', version: 1 },
    ]);
    expect(await ask('changes')).to.deep.equal([
      { time: '2026-10-06T00:00:00Z', kind: 'price', text: 'nest-80: 100000 → 105000' },
      { time: '2026-10-07T00:00:00Z', kind: 'release', text: 'site 2.1' },
    ]);
  });
});
