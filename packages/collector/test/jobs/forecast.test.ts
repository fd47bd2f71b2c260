import { expect } from 'chai';
import { forecast } from '../../src/jobs/forecast.js';
import { reportMonth } from '../../src/jobs/report-month.js';
import type { Estimate } from '../../src/questions/index.js';
import type { Band } from '../../src/questions/revenue-forecast.js';
import { randomFrom } from '../../src/statistics/random.js';
import { createAsker, scopeOf } from '../questions/support.js';
import { DAY_MS, scope, useDatabase } from '../schema/support.js';
import { runSlot, sourcesOf } from './support.js';

/** Tuesday. */
const NOW = Date.parse('2026-11-24T03:00:00Z');
const WEEKS = 130;
const second = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** About nine orders a week with a wave over the year, each around 20,000; told by the back office, without inquiries. */
const orders = (): Record<string, unknown>[] => {
  const random = randomFrom(11);
  const rows: Record<string, unknown>[] = [];
  for (let day = 0; day < WEEKS * 7; day++) {
    const at = NOW - (WEEKS * 7 - day) * DAY_MS;
    const mean = 1.3 * (1 + 0.25 * Math.sin((2 * Math.PI * at) / (365.25 * DAY_MS)));
    for (let n = random.poisson(mean); n > 0; n--)
      rows.push({
        site_id: 1,
        order_id: `W-${rows.length}`,
        version: 1,
        placed: second(at + Math.floor(random.uniform() * DAY_MS)),
        status: 'paid',
        inquiry_id: null,
        visitor: 0,
        config_hash: 0,
        amount_cents: Math.round(2_000_000 * Math.exp(0.28 * (2 * random.uniform() - 1))),
        currency: 'EUR',
        source: '',
        gone: 0,
      });
  }
  return rows;
};

interface Forecast {
  expected: Estimate;
  bands: Band[];
  score: {
    coverage80: Estimate;
    coverage95: Estimate;
    wape: number | null;
    floor: number | null;
    crpsSkill: number | null;
    months: { month: string; n: number; inside80: number; kept: boolean }[];
  };
  model: string;
}

describe('forecast of a shop with many orders', function () {
  this.timeout(300_000);
  const db = useDatabase();
  const { site } = scopeOf();
  const sold = orders();
  const revenue = (from: number, to: number): number =>
    sold.reduce((sum, { placed, amount_cents }) => {
      const at = Date.parse(`${String(placed).replace(' ', 'T')}Z`);
      return at >= from && at < to ? sum + Number(amount_cents) / 100 : sum;
    }, 0);
  const ask = (more: Record<string, unknown> = {}, to = NOW): Promise<Forecast> =>
    createAsker(db as never)<Forecast>(
      'revenue-forecast',
      { horizon: '30', ...more },
      { from: to - 30 * DAY_MS, to },
    );
  const log = (): Promise<Record<string, unknown>[]> =>
    db
      .as('steward')
      .rows('SELECT * EXCEPT version FROM lintel.forecast_log FINAL ORDER BY model, horizon, made');
  const slotOf = (daysAgo: number) => {
    const at = NOW - daysAgo * DAY_MS;
    return { id: `1:${second(at)}`, at, site: 1, date: second(at).slice(0, 10) };
  };

  before(() =>
    db
      .as('migrator')
      .insert(
        'INSERT INTO lintel.orders FORMAT JSONEachRow',
        Buffer.from(sold.map((row) => JSON.stringify(row)).join('\n')),
      ),
  );

  it('is the ensemble with conformal bands, without a single inquiry, and holds what really came', async () => {
    const held = { eighty: 0, ninetyFive: 0 };
    const origins = [60, 90, 120, 150, 180, 210];
    for (const ago of origins) {
      const to = NOW - ago * DAY_MS;
      const { model, expected, bands } = await ask({}, to);
      expect(model).to.equal('ensemble');
      expect(expected).to.include({ method: 'ensemble', quality: 'ok' });
      const band = bands.at(-1)!;
      expect([band.lo95, band.lo80, band.mean, band.hi80, band.hi95]).to.eql(
        [band.lo95, band.lo80, band.mean, band.hi80, band.hi95].sort((p, q) => p - q),
      );
      const actual = revenue(to, to + 30 * DAY_MS);
      if (actual >= band.lo80 && actual <= band.hi80) held.eighty += 1;
      if (actual >= band.lo95 && actual <= band.hi95) held.ninetyFive += 1;
    }
    expect(held.eighty).to.be.at.least(4);
    expect(held.ninetyFive).to.be.at.least(5);
  });

  it('is logged each day beside its naive twin, and once more changes nothing', async () => {
    const job = forecast(site, sourcesOf(db));
    for (let ago = 40; ago >= 33; ago--) await runSlot(job, slotOf(ago));
    const rows = await log();
    expect(new Set(rows.map(({ model }) => model))).to.eql(new Set(['revenue.ensemble', 'revenue.naive']));
    // eight days, four horizons, two models; a week is over the day after the seventh
    expect(rows).to.have.length(8 * 4 * 2);
    expect(rows.filter(({ actual }) => actual !== null).map(({ horizon }) => horizon)).to.eql([7, 7]);
    const one = rows.find((row) => row['model'] === 'revenue.ensemble' && row['horizon'] === 30)!;
    expect(one['target']).to.equal(second(NOW - 10 * DAY_MS).slice(0, 10));
    const q = one['q'] as number[];
    expect(q).to.have.length(9);
    expect(q).to.eql([...q].sort((a, b) => a - b));
    expect(q[4]).to.be.closeTo(one['mean'] as number, 1e-6);
    // what the question said at that moment
    const { bands } = await ask({}, NOW - 40 * DAY_MS);
    const band = bands.at(-1)!;
    expect([q[0], q[2], q[6], q[8]].map((x) => Math.round(x!))).to.eql(
      [band.lo95, band.lo80, band.hi80, band.hi95].map(Math.round),
    );
    // orders that it stands for: 30 days of one or two
    expect(one['n']).to.be.within(20, 70);
    await runSlot(job, slotOf(33), 2);
    expect(await log()).to.eql(rows);
  });

  it('is scored once when its time is over, never computed again, and its record is shown', async () => {
    const before = await log();
    await runSlot(forecast(site, sourcesOf(db)), slotOf(0));
    const after = await log();
    const closed = after.filter(({ horizon, actual }) => horizon === 30 && actual !== null);
    expect(closed).to.have.length(8 * 2);
    for (const row of closed) {
      const made = Date.parse(`${String(row['made']).replace(' ', 'T')}Z`);
      // whole days of the site's zone
      expect(row['actual']).to.be.closeTo(revenue(made, made + 30 * DAY_MS), 120_000);
      const was = before.find(
        (one) => one['made'] === row['made'] && one['model'] === row['model'] && one['horizon'] === 30,
      );
      expect({ ...row, actual: null }).to.eql(was);
    }
    await runSlot(forecast(site, sourcesOf(db)), slotOf(-1));
    expect((await log()).filter(({ horizon, actual }) => horizon === 30 && actual !== null)).to.eql(closed);

    const { score, bands } = await ask();
    // the first was made forty days ago and ended ten days ago; what was made tomorrow is not known
    expect(bands[0]).to.include({
      start: new Date(NOW - 40 * DAY_MS).toISOString(),
      end: new Date(NOW - 10 * DAY_MS).toISOString(),
    });
    expect(bands.map(({ start }) => start)).to.eql(bands.map(({ start }) => start).sort());
    expect(bands.at(-1)!.start).to.equal(new Date(NOW).toISOString());
    const then = await ask({}, NOW - 35 * DAY_MS);
    expect(then.bands).to.have.length(5 + 1);
    const inside = closed.filter(
      ({ model, q, actual }) =>
        model === 'revenue.ensemble' &&
        (actual as number) >= (q as number[])[2]! &&
        (actual as number) <= (q as number[])[6]!,
    ).length;
    // eight closed forecasts are fewer than the twenty that a share needs
    expect(score.coverage80).to.include({ n: 8, quality: 'insufficient' });
    const [view] = (
      await db.views.rows<{ model: string; horizon: number; coverage80: number; n: number }>(
        'forecast_scores',
        scope(NOW, NOW),
      )
    ).filter(({ horizon }) => horizon === 30);
    expect(view).to.include({ model: 'revenue.ensemble', n: 8, coverage80: inside / 8 });
    expect(score.wape).to.be.within(0, 0.6);
    expect(score.floor).to.be.within(0.09, 0.2);
    expect(score.crpsSkill).to.be.within(-2, 1);
  });

  it('has a score card for the month when that is over', async () => {
    const month = (to: number) =>
      ask({}, to).then(({ score }) => score.months.map(({ month: name, n }) => [name, n]));
    // the eight forecasts ended between 14 and 21 November
    expect(await month(NOW)).to.eql([]);
    const december = Date.parse('2026-12-01T00:00:00Z');
    expect(await month(december)).to.eql([['2026-11', 8]]);
    const closed = (await log()).filter(
      ({ model, horizon, actual }) => model === 'revenue.ensemble' && horizon === 30 && actual !== null,
    );
    const inside = closed.map(({ q, actual }) => {
      const [lo, hi] = [(q as number[])[2]!, (q as number[])[6]!];
      return (actual as number) >= lo && (actual as number) <= hi;
    });
    const { score } = await ask({}, december);
    expect(score.months[0]).to.include({
      inside80: inside.filter(Boolean).length,
      kept: inside.at(-1)!,
      wape: score.wape,
      floor: score.floor,
      crpsSkill: score.crpsSkill,
    });
  });

  it('is the pipeline of a shop with few orders, each horizon in its own days', async () => {
    // one inquiry a day, every tenth orders after sixty days
    const leads = Array.from({ length: 360 }, (_, i) => {
      const at = NOW - (360 - i) * DAY_MS;
      const ordered = i % 10 === 0 && at + 60 * DAY_MS < NOW;
      return {
        inquiry_id: `lead-${i}`,
        lead_at: second(at),
        status: 'new',
        price: 200_000,
        ordered_at: ordered ? second(at + 60 * DAY_MS) : null,
        paid: ordered ? 210_000 : null,
        lost_at: null,
        tier: i % 10 === 0 ? 'hot' : 'cold',
      };
    });
    const sources = sourcesOf(db, {
      readView: <Row>(view: string) => Promise.resolve((view === 'leads' ? leads : []) as Row[]),
    });
    await runSlot(forecast({ ...site, id: 2 }, sources), slotOf(0));
    const rows = (await log()).filter((row) => row['site_id'] === 2 && row['model'] === 'revenue.pipeline');
    expect(rows.map(({ horizon }) => horizon)).to.eql([7, 30, 90, 180]);
    const means = rows.map(({ mean }) => mean as number);
    expect(means).to.eql([...means].sort((p, q) => p - q));
    // about three orders of 210,000 a month
    expect(means[1]).to.be.within(3e5, 1.2e6);
    expect(rows[1]!['n']).to.be.within(1, 6);
    // a week of so few may well bring nothing: no alert can come of it
    expect((rows[0]!['q'] as number[])[2]).to.equal(0);
  });

  it('is the ensemble of a shop with few orders that no inquiry tells of', async () => {
    const days = Array.from({ length: 110 }, (_, week) => ({
      time: new Date(NOW - (110 - week) * 7 * DAY_MS).toISOString(),
      orders: 1,
      revenue: 10_000,
    }));
    const sources = sourcesOf(db, {
      readView: <Row>(view: string) => Promise.resolve((view === 'order_days' ? days : []) as Row[]),
    });
    await runSlot(forecast({ ...site, id: 3 }, sources), slotOf(0));
    const rows = (await log()).filter((row) => row['site_id'] === 3 && row['model'] === 'revenue.ensemble');
    expect(rows.map(({ horizon }) => horizon)).to.eql([7, 30, 90, 180]);
    expect(rows[1]!['mean']).to.be.closeTo((10_000 * 30) / 7, 500);
  });

  it('stands in the report of the month', async () => {
    const job = reportMonth(site, sourcesOf(db));
    const at = Date.parse('2026-12-01T04:00:00Z');
    await runSlot(job, { id: '1:2026-12-01', at, site: 1, date: '2026-12-01' });
    const rows = await db.views.rows<{ name: string; n: number; value: number; lo: number | null }>(
      'report_months',
      scope(Date.parse('2026-11-01T00:00:00Z'), Date.parse('2026-12-01T00:00:00Z')),
    );
    const line = (name: string) => rows.find((row) => row.name === name);
    expect(line('forecast_ensemble_wape')!.value).to.be.within(0, 0.6);
    expect(line('forecast_ensemble_floor')!.value).to.be.within(0.09, 0.2);
    expect(line('forecast_ensemble_crps_skill')!.n).to.equal(8);
    expect(line('forecast_ensemble_coverage80')).to.include({ n: 8, value: null });
  });

  it('is what the alert revenue-band holds a week against', async () => {
    const from = NOW - 40 * DAY_MS;
    const to = from + 7 * DAY_MS;
    const band = async (): Promise<number> =>
      (await db.views.rows<{ site_id: string; value: number }>('alert_revenue_band', { from, to })).find(
        (row) => row.site_id === '1',
      )!.value;
    const week = (await log()).find(
      ({ model, horizon, made }) => model === 'revenue.ensemble' && horizon === 7 && made === second(from),
    )!;
    const lowest = (week['q'] as number[])[2]!;
    expect(lowest).to.be.within(20_000, revenue(from, to));
    expect(await band()).to.equal(0);
    const cancelled = sold
      .filter(({ placed }) => String(placed) >= second(from) && String(placed) < second(to))
      .map((row) => JSON.stringify({ ...row, status: 'cancelled', version: 2 }));
    await db
      .as('migrator')
      .insert('INSERT INTO lintel.orders FORMAT JSONEachRow', Buffer.from(cancelled.join('\n')));
    expect(await band()).to.be.closeTo(lowest, 0.01);
  });
});
