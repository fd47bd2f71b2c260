import { expect } from 'chai';
import { DAY_SQL, NOW_SQL } from '../src/queries/panels.js';
import { select } from '../testing/mini-host/server/clickhouse.js';
import { expandMacros } from '../testing/mini-host/server/macros.js';
import type { Column } from '../testing/mini-host/server/rowBinary.js';
import { allStatements, withVariables } from './support/statements.js';
import { expectedOf, visitTo } from './support/visits.js';
import { startWorld, type World } from './support/world.js';

/** Eight visitors; the third one's page made four events more than arrived. */
const VISITS = [
  { step: 1, agoS: 60 },
  { step: 2, agoS: 100 },
  { step: 3, agoS: 120, generated: 9 },
  { step: 5, agoS: 180 },
  { step: 4, agoS: 200 },
  { step: 2, agoS: 900 },
  { step: 5, agoS: 1200 },
  { step: 1, agoS: 1500 },
];
const EXPECTED = expectedOf(VISITS);

const SITE = { site: '1', tz: 'Europe/Vienna' };

describe('statements of pages and dashboards, as lintel_reader', () => {
  let world: World;

  const run = (sql: string, variables: Record<string, string> = SITE): Promise<Column[]> => {
    const now = Date.now();
    // an hour instead of a day: at night a day is shorter than the visits
    const range = { from: now - 3_600_000, to: now, intervalMs: 15_000 };
    return select(world.reader(), expandMacros(withVariables(sql, variables), range));
  };
  const column = (columns: readonly Column[], name: string): unknown[] =>
    columns.find((one) => one.name === name)!.values;

  before(async function () {
    this.timeout(60_000);
    world = await startWorld();
    await world.visit(VISITS.map(({ step, agoS, generated }) => visitTo(step, agoS, generated)));
  });
  after(() => world.stop());

  it('all run, and answer the columns that panels draw', async () => {
    for (const { where, sql } of allStatements()) {
      const columns = await run(sql);
      expect(columns.length, where).to.be.above(0);
    }
  });

  it('count visitors, events and steps as the visits do', async () => {
    expect(column(await run(NOW_SQL.visitors), 'visitors_5m')).to.deep.equal([EXPECTED.visitorsNow]);
    expect(column(await run(NOW_SQL.visitors), 'visitors_30m')).to.deep.equal([VISITS.length]);
    const minutes = await run(NOW_SQL.minutes);
    const events = column(minutes, 'events') as number[];
    expect(events.reduce((sum, n) => sum + n, 0)).to.equal(EXPECTED.events);
    const steps = await run(NOW_SQL.steps);
    const at = (step: string, name: string): unknown =>
      column(steps, name)[column(steps, 'step').indexOf(step)];
    expect(at('option_select', 'visitors_5m')).to.equal(EXPECTED.configuringNow);
    expect(at('price_view', 'visitors_5m')).to.equal(EXPECTED.atPriceNow);
    // in the order of the way, which the bars keep
    expect(column(steps, 'step')).to.deep.equal([
      'page_view',
      'option_select',
      'price_view',
      'config',
      'inquiry',
    ]);
  });

  it('count the day: funnel, inquiries, what was captured of what was generated', async () => {
    const funnel = await run(DAY_SQL.funnel);
    expect(
      column(funnel, 'step').map((step, row) => ({ step, visitors: column(funnel, 'visitors')[row] })),
    ).to.deep.equal(EXPECTED.funnel);
    expect(column(await run(DAY_SQL.totals), 'inquiries')).to.deep.equal([EXPECTED.inquiries]);
    const capture = await run(DAY_SQL.capture);
    const sum = (name: string): number =>
      (column(capture, name) as number[]).reduce((total, n) => total + n, 0);
    expect([sum('stored'), sum('generated')]).to.deep.equal([EXPECTED.events, EXPECTED.generated]);
  });

  it('answer nothing about another site', async () => {
    const other = { site: '2', tz: 'UTC' };
    expect(column(await run(NOW_SQL.visitors, other), 'visitors_5m')).to.deep.equal([0]);
    expect(column(await run(DAY_SQL.totals, other), 'inquiries')).to.deep.equal([0]);
  });

  it('are all that user may read', async () => {
    for (const table of ['events', 'inquiries', 'site_settings', 'journey_days']) {
      const refused = await select(world.reader(), `SELECT * FROM lintel.${table}`).catch(
        (error: Error) => error,
      );
      expect(refused, table).to.be.an('error').with.property('message').that.contains('ACCESS_DENIED');
    }
  });
});
