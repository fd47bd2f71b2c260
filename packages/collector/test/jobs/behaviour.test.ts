import { expect } from 'chai';
import { analyseBehaviour } from '../../src/jobs/analyse-behaviour.js';
import { scopeOf } from '../questions/support.js';
import { DAY_MS, scope, useDatabase, type TestEvent } from '../schema/support.js';
import { runSlot, sourcesOf } from './support.js';

/** Monday of the slot. */
const MONDAY = Date.parse('2026-11-23T04:00:00Z');
const slot = { id: '1:2026-11-23', at: MONDAY, site: 1, date: '2026-11-23' };
const LOOKERS = 60;
const BUILDERS = 60;

/**
 * Twelve weeks of a shop with two kinds of people. In the last four, lookers come once, see a page, leave; builders come
 * three times, choose wood with photovoltaics (every fourth: plaster without), and half of them ask. In all weeks
 * thirty people configure, from week to week more of them the small model.
 */
const traffic = (): TestEvent[] => {
  const events: TestEvent[] = [];
  let seq = 0;
  const add = (
    visitor: number,
    session: number,
    ts: number,
    type: string,
    more: Record<string, unknown> = {},
  ) =>
    events.push({
      ts,
      type,
      visitor,
      session,
      seq: seq++,
      path: '/konfigurator',
      route: '/konfigurator',
      ...more,
    });
  for (let i = 0; i < LOOKERS; i++) {
    const at = MONDAY - (1 + (i % 26)) * DAY_MS;
    add(1000 + i, 1000 + i, at, 'page_view', { path: '/' });
    add(1000 + i, 1000 + i, at + 5000, 'page_leave', { path: '/', duration_ms: 4000 + 100 * (i % 7) });
  }
  for (let i = 0; i < BUILDERS; i++) {
    for (let visit = 0; visit < 3; visit++) {
      const at = MONDAY - (2 + (i % 10) + 6 * visit) * DAY_MS;
      const session = 10_000 + 10 * i + visit;
      const step = (n: number, type: string, more: Record<string, unknown> = {}) =>
        add(2000 + i, session, at + n * 10_000, type, more);
      const other = i % 4 === 0;
      step(0, 'page_view');
      step(1, 'option_select', { option_group: 'facade', option: other ? 'plaster' : 'wood' });
      step(2, 'option_select', { option_group: 'pv', option: other ? 'none' : 'large' });
      step(3, 'price_view', { price_cents: 20_000_000 + 100_000 * i });
      step(4, 'config', { kind: 'save', config_hash: '7', price_cents: 20_000_000 });
      if (visit === 2 && i % 2 === 0) step(5, 'inquiry', { price_cents: 20_000_000 });
      step(6, 'page_leave', { duration_ms: 200_000 + 1000 * i });
    }
  }
  for (let week = 0; week < 12; week++) {
    const at = MONDAY - (12 - week) * 7 * DAY_MS + DAY_MS;
    for (let i = 0; i < 30; i++)
      add(50_000 + 100 * week + i, 50_000 + 100 * week + i, at + i * 1000, 'config', {
        kind: 'start',
        model: i < 4 + 2 * week ? 'small' : 'large',
        consent: 'none',
      });
  }
  return events;
};

interface Line {
  kind: string;
  rank: number;
  subject: string;
  n: number;
  value: number | null;
  lo: number | null;
  hi: number | null;
}

describe('weekly behaviour', function () {
  this.timeout(180_000);
  const db = useDatabase();
  const { site } = scopeOf();
  const all = scope(MONDAY - 7 * DAY_MS, MONDAY + DAY_MS);
  const lines = (): Promise<Line[]> => db.views.rows<Line>('report_weeks', all);
  const members = (): Promise<{ segment: string; n: number }[]> =>
    db
      .as('steward')
      .rows(
        'SELECT toString(segment) AS segment, count() AS n FROM lintel.segment_members GROUP BY segment ORDER BY n, segment',
      );

  before(async () => {
    await db.store(traffic());
    await runSlot(analyseBehaviour(site, sourcesOf(db)), slot);
  });

  it('ranks ways by how much more they lead to an inquiry than any', async () => {
    const paths = (await lines()).filter(({ kind }) => kind === 'path');
    expect(paths.map(({ rank }) => rank)).to.eql(paths.map((_, i) => i + 1));
    expect(paths[0]!.subject.split(' → ')).to.have.length(3);
    const saved = paths.find(({ subject }) => subject === 'option:pv → price_view → config:save')!;
    expect(saved.n).to.equal(3 * BUILDERS);
  });

  it('finds what is chosen together, with an interval', async () => {
    const pairs = (await lines()).filter(({ kind }) => kind === 'pair');
    // certain ones first: 45 builders of three visits against 15
    expect(pairs.map(({ subject, n }) => [subject, n])).to.eql([
      ['facade/plaster + pv/none', 45],
      ['facade/wood + pv/large', 135],
    ]);
    const [rare, usual] = pairs;
    // of 180 baskets: 45²/180 and 135²/180 by chance, half a basket beside each
    expect(rare!.value).to.be.closeTo(45.5 / 11.75, 1e-9);
    expect(usual!.value).to.be.closeTo(135.5 / 101.75, 1e-9);
    for (const { value, lo, hi } of pairs) expect(lo! < value! && value! < hi!).to.equal(true);
    expect(rare!.lo).to.be.above(1);
  });

  it('tells what grows', async () => {
    const trends = (await lines()).filter(({ kind }) => kind === 'trend');
    const slope = (model: string) => trends.find(({ subject }) => subject === model)!;
    expect(slope('small').value).to.be.above(0);
    expect(slope('large').value).to.be.below(0);
    expect(slope('small').lo).to.be.above(0);
  });

  it('names the kinds of people, and who belongs to them', async () => {
    const segments = (await lines()).filter(({ kind }) => kind === 'segment');
    expect(segments.length).to.be.within(2, 6);
    expect(segments.reduce((sum, { n }) => sum + n, 0)).to.equal(LOOKERS + BUILDERS);
    const kept = await members();
    expect(kept.map(({ n }) => n).sort()).to.eql(segments.map(({ n }) => n).sort());
    // the filter of every question
    const [first] = kept;
    const [totals] = await db.views.rows<{ visitors: number }>(
      'overview_total',
      scope(MONDAY - 28 * DAY_MS, MONDAY, { segment: first!.segment }),
    );
    expect(totals!.visitors).to.equal(first!.n);
  });

  it('is the same the second time, by the same holder or another', async () => {
    const [before, kept] = [await lines(), await members()];
    await runSlot(analyseBehaviour(site, sourcesOf(db)), slot, 1);
    await runSlot(analyseBehaviour(site, sourcesOf(db)), slot, 2);
    expect(await lines()).to.eql(before);
    expect(await members()).to.eql(kept);
  });

  it('leaves nobody in a segment and no line behind that a later holder of the slot did not write', async () => {
    const empty = sourcesOf(db, {
      readView: <Row>(view: string, parameters: Parameters<typeof db.views.rows>[1]) =>
        view === 'visitor_features' || view === 'option_pairs'
          ? Promise.resolve<Row[]>([])
          : db.views.rows<Row>(view, parameters),
    });
    await runSlot(analyseBehaviour(site, empty), slot, 3);
    expect(await members()).to.eql([]);
    expect(new Set((await lines()).map(({ kind }) => kind))).to.eql(new Set(['path', 'trend']));
  });
});
