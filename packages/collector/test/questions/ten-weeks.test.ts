import { Value } from '@sinclair/typebox/value';
import { DateTime } from 'luxon';
import { expect } from 'chai';
import { QUESTIONS, type Estimate } from '../../src/questions/index.js';
import { negativeBinomialBand } from '../../src/statistics/index.js';
import { useDatabase, type TestEvent } from '../schema/support.js';
import { chancesByHand } from './chances-by-hand.js';
import { checkEstimates } from './scripted.js';
import { createAsker, scopeOf } from './support.js';

const zone = 'Europe/Vienna';
const WEEKS = 10;
const EACH = 40;
/** A Monday. */
const FIRST = DateTime.fromISO('2026-08-31', { zone });
const RANGE = { from: FIRST.toMillis(), to: FIRST.plus({ weeks: WEEKS }).toMillis() };
const WEEK_MS = 7 * 86_400_000;
/** When the twenty ask: ten seconds after they came back. */
const ASKED = FIRST.plus({ days: 2, hours: 12 }).toMillis() + WEEK_MS + 10_000;
const streamOf = (session: number): string => `00000000-0000-4000-8000-${String(session).padStart(12, '0')}`;

/**
 * Ten weeks with forty new visitors each, who come by search on Wednesday at noon and start a house: in week w, 10 + 2w
 * of them a small one. Of those of the first week, 24 come back by mail exactly a week later, and the first 20 of these
 * ask, for 200,000: one to four order for 180,000 three weeks later, five to eight are lost after ten days; ten, numbers 15 to 24, come once more on their own, three weeks after their first visit.
 */
const traffic = (): TestEvent[] => {
  const events: TestEvent[] = [];
  const visit = (visitor: number, session: number, at: number, channel: string) => {
    let seq = 0;
    const add = (type: string, more: Record<string, unknown> = {}): void => {
      events.push({
        ts: at + seq * 10_000,
        type,
        stream: streamOf(session),
        seq: seq++,
        visitor,
        session,
        channel,
        device: 'desktop',
        path: '/',
        route: '/',
        ...more,
      });
    };
    add('page_view');
    return add;
  };
  for (let week = 0; week < WEEKS; week++) {
    const noon = FIRST.plus({ weeks: week, days: 2, hours: 12 }).toMillis();
    for (let i = 1; i <= EACH; i++) {
      const visitor = 100 * week + i;
      visit(
        visitor,
        10 * visitor,
        noon,
        'search',
      )('config', {
        kind: 'start',
        model: i <= 10 + 2 * week ? 'small' : 'large',
        config_hash: i <= 10 + 2 * week ? '1' : '2',
        parts: { facade: 'wood' },
      });
      if (week > 0) continue;
      if (i <= 24) {
        const add = visit(visitor, 10 * visitor + 1, noon + WEEK_MS, 'mail');
        if (i <= 20) add('inquiry', { price_cents: 20_000_000 });
      }
      if (i >= 15 && i <= 24) visit(visitor, 10 * visitor + 3, noon + 3 * WEEK_MS, 'direct');
    }
  }
  return events;
};

describe('ten weeks counted by hand, on the real engine', function () {
  this.timeout(240_000);
  const db = useDatabase();
  const ask = async <D>(name: string, parameters: Record<string, unknown> = {}): Promise<D> => {
    const data = await createAsker(db as never, { clock: { now: () => RANGE.to } })<D>(
      name,
      parameters,
      RANGE,
    );
    checkEstimates(data, name);
    return data;
  };
  before(async () => {
    await db.store(traffic());
    const insert = (table: string, rows: object[]): Promise<void> =>
      db
        .as('migrator')
        .insert(
          `INSERT INTO ${table} FORMAT JSONEachRow`,
          Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
          { settings: { date_time_input_format: 'best_effort' } },
        );
    await insert(
      'orders',
      [1, 2, 3, 4].map((visitor) => ({
        site_id: 1,
        order_id: `order-${visitor}`,
        version: 1,
        placed: new Date(ASKED + 3 * WEEK_MS + 3_600_000).toISOString(),
        status: 'placed',
        amount_cents: 18_000_000,
        visitor,
      })),
    );
    await insert(
      'inquiries',
      [5, 6, 7, 8].map((visitor) => ({
        site_id: 1,
        inquiry_id: streamOf(900 + visitor),
        created: new Date(ASKED).toISOString(),
        version: ASKED + 10 * 86_400_000,
        status: 'lost',
        visitor,
        stream: streamOf(10 * visitor + 1),
        price_cents: 20_000_000,
      })),
    );
  });

  it('market-trends: shares grow by a twentieth a week', async () => {
    const { series } = await ask<{
      series: {
        key: string;
        weeks: { week: string; share: Estimate; complete: boolean }[];
        slopePerWeek: Estimate;
        pTrend: number;
      }[];
    }>('market-trends');
    const small = series.find(({ key }) => key === 'small')!;
    expect(small.weeks.map(({ week }) => week)).to.eql(
      Array.from({ length: WEEKS }, (_, week) => FIRST.plus({ weeks: week }).toISODate()),
    );
    expect(small.weeks.every(({ complete }) => complete)).to.equal(true);
    // of 400, 190 small: mean .475, weighing ten visitors
    small.weeks.forEach(({ share }, week) => {
      expect(share).to.include({ n: EACH, quality: 'low_n' });
      expect(share.value).to.be.closeTo((10 + 2 * week + 4.75) / 50, 1e-12);
    });
    expect(small.slopePerWeek.value).to.be.closeTo(2 / EACH, 1e-12);
    expect(small.slopePerWeek).to.include({ n: WEEKS, quality: 'low_n' });
    // all 45 pairs rise: z = 44 / √(10 · 9 · 25 / 18) = 3.9355
    expect(small.pTrend).to.be.closeTo(8.303e-5, 1e-7);
  });

  it('cohorts: 24 of the first forty come back a week later, ten of them three weeks later', async () => {
    const { cohorts } = await ask<{
      cohorts: {
        start: string;
        size: number;
        cells: { period: number; bounded: Estimate; unbounded: Estimate; complete: boolean }[];
      }[];
    }>('cohorts', { cohort: 'week', periods: 5 });
    expect(cohorts.map(({ start, size }) => [start, size])).to.eql(
      Array.from({ length: WEEKS }, (_, week) => [FIRST.plus({ weeks: week }).toISODate(), EACH]),
    );
    const jeffreys = (k: number): number => (k + 0.5) / (EACH + 1);
    const cells = (cohort: number) =>
      cohorts[cohort]!.cells.map(({ bounded, unbounded, complete }) => [
        bounded.value!.toFixed(9),
        unbounded.value!.toFixed(9),
        complete,
      ]);
    const row = (bounded: number, unbounded: number, complete = true) => [
      jeffreys(bounded).toFixed(9),
      jeffreys(unbounded).toFixed(9),
      complete,
    ];
    expect(cells(0)).to.eql([row(40, 40), row(24, 24), row(0, 10), row(10, 10), row(0, 0)]);
    // the last forty came on Wednesday; on Monday their first week still runs
    expect(cells(9)).to.eql([row(40, 40, false), ...Array.from({ length: 4 }, () => row(0, 0, false))]);
    const asked = await ask<{ cohorts: { cells: { unbounded: Estimate }[] }[] }>('cohorts', {
      cohort: 'week',
      periods: 2,
      returning: 'inquiry',
    });
    expect(asked.cohorts[0]!.cells[1]!.unbounded.value).to.be.closeTo(jeffreys(20), 1e-12);
  });

  it('cohorts: what lies after the range is not told as a complete nothing, however long ago the range was', async () => {
    // ten days: the first week of the forty is over, the one in which 24 came back ends later
    const to = FIRST.plus({ days: 10 }).toMillis();
    const now = RANGE.to + 52 * WEEK_MS;
    const { cohorts } = await createAsker(db as never, { clock: { now: () => now } })<{
      cohorts: { size: number; cells: { complete: boolean }[] }[];
    }>('cohorts', { cohort: 'week', periods: 3 }, { from: RANGE.from, to });
    expect(cohorts[0]!.size).to.equal(EACH);
    expect(cohorts[0]!.cells.map(({ complete }) => complete)).to.eql([true, false, false]);
    // the file says the same, also of a range that ends in the future
    const question = QUESTIONS.find(({ name }) => name === 'cohorts')!;
    const elapsed = async (end: number, asOf: number): Promise<number[]> => {
      const { view, parameters } = question.table(
        scopeOf({ from: RANGE.from, to: end }),
        Value.Default(question.parameters, { periods: 3 }) as never,
        asOf,
      );
      const rows = await db.views.rows<{ elapsed: number }>(view, parameters);
      return rows.slice(0, 3).map((row) => row.elapsed);
    };
    expect(await elapsed(to, now)).to.eql([EACH, 0, 0]);
    expect(await elapsed(now, to)).to.eql([EACH, 0, 0]);
  });

  it('attribution: twenty journeys of search and mail, by each rule', async () => {
    const { conversions, models, disagreement, roi } = await ask<{
      conversions: number;
      models: Record<string, { channel: string; conversions: Estimate; value: Estimate }[]>;
      disagreement: { channel: string; lo: number; hi: number }[];
      roi: { channel: string; roi: Estimate }[];
    }>('attribution', { model: 'linear', cost: ['search:100000'], margin: 0.1 });
    expect(conversions).to.equal(20);
    const of = (model: string): Record<string, number> =>
      Object.fromEntries(models[model]!.map(({ channel, conversions: own }) => [channel, own.value!]));
    const near = (model: string, search: number, mail: number): void => {
      const credit = of(model);
      expect(credit['search'] ?? 0, `${model} search`).to.be.closeTo(search, 1e-9);
      expect(credit['mail'] ?? 0, `${model} mail`).to.be.closeTo(mail, 1e-9);
      expect(credit['direct'] ?? 0, `${model} direct`).to.equal(0);
    };
    near('first', 20, 0);
    near('last', 0, 20);
    near('linear', 10, 10);
    // nothing lies between the two: half each
    near('position', 10, 10);
    // search lies a half-life of seven days before the inquiry: 1 : 2
    near('decay', 20 / 3, 40 / 3);
    near('shapley', 10, 10);
    // without either of them nobody asks
    near('markov', 10, 10);
    expect(disagreement.filter(({ channel }) => channel !== 'direct')).to.eql([
      { channel: 'mail', lo: 0, hi: 20 },
      { channel: 'search', lo: 0, hi: 20 },
    ]);
    // four were lost in their second week, four ordered in their fourth, twelve are open in their ninth
    const atRisk = [20, 20, 16, 16, 12, 12, 12, 12, 12];
    const chance = chancesByHand(
      atRisk.map((n, week) => ({ week, atRisk: n, orders: week === 3 ? 4 : 0 })),
    ).chanceOf((RANGE.to - ASKED) / WEEK_MS, 80);
    expect(chance).to.be.within(0.2, 0.9);
    const expected = 4 * 180_000 + 12 * chance * 200_000;
    expect(models['first']![0]!.value.value).to.be.closeTo(expected, 1e-6);
    expect(models['first']![0]!.value.quality).to.equal('low_n');
    // half of it is search's, a tenth of that is earned, for 100,000
    expect(roi[0]!.roi.value).to.be.closeTo((expected / 20 - 100_000) / 100_000, 1e-9);
  });

  it('real-time: forty views where six are usual', async () => {
    const now = Date.now();
    const view = (ts: number, i: number): TestEvent => ({
      ts,
      site_id: 2,
      type: 'page_view',
      seq: i,
      visitor: i + 1,
      session: i + 1,
      path: '/',
    });
    await db.store([
      ...Array.from({ length: 8 }, (_, week) =>
        Array.from({ length: 6 }, (__, i) => view(now - (week + 1) * WEEK_MS - 600_000, i)),
      ).flat(),
      ...Array.from({ length: 40 }, (_, i) => view(now - 600_000, i)),
    ]);
    const { unusual, steps } = await createAsker(db as never)<{
      unusual: { step: string; count: number; band: { value: number; lo: number; hi: number } }[];
      steps: { step: string; visitors: number }[];
    }>('real-time', {}, { site: { id: 2, timeZone: 'UTC' } as never });
    const { lo, hi } = negativeBinomialBand([6, 6, 6, 6, 6, 6, 6, 6]);
    // six every time: Poisson. P(N ≥ 16) = .0005 is below .001, P(N ≥ 15) = .0014 is not; P(N = 0) = .0025
    expect([lo + 0, hi]).to.eql([0, 15]);
    expect(unusual).to.eql([{ step: 'page_view', count: 40, band: { value: 6, lo, hi } }]);
    expect(steps).to.eql([{ step: 'page_view', visitors: 40 }]);
  });
});
