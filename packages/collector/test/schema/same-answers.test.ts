import { expect } from 'chai';
import type { ViewParameter } from '../../src/questions/index.js';
import { rollupDefinitions, viewDefinitions, type ViewDefinition } from '../../src/schema/definitions.js';
import { DAY_MS, someParameters, useDatabase } from './support.js';
import { dice, visits, type Visit } from './golden/visits.js';

const NOW = { settledMs: 0, quietMs: 0, graceMs: 0 };
/** Fourteen days around the night in which clocks in Vienna and New York go back, that of St. John's included. */
const SHIFT = 18 * DAY_MS;
const QUARTER_MS = 900_000;
const ASKINGS = 4;

const pick = <T>(roll: (n: number) => number, from: readonly T[]): T => from[roll(from.length)]!;
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Views that read a roll-up, by themselves or through another view. */
const readers = (): ViewDefinition[] => {
  const all = viewDefinitions();
  const names = rollupDefinitions().map(({ name }) => name);
  const reads = ({ select }: ViewDefinition): boolean =>
    names.some((name) => new RegExp(`\\b(FROM|JOIN) ${name}(_of)?\\b`).test(select)) ||
    all.some((other) => new RegExp(`\\b(FROM|JOIN) ${other.name}\\b`).test(select) && reads(other));
  // alerts look at the last minutes, which no roll-up holds
  return all.filter((view) => reads(view) && !view.name.startsWith('alert_'));
};

/** Values of each parameter that matter to what a roll-up may and may not answer. */
const chosen = (
  roll: (n: number) => number,
  { start, end }: { start: number; end: number },
): Record<string, ViewParameter> => {
  const quarter = start + roll(Math.floor((end - start) / QUARTER_MS)) * QUARTER_MS;
  const midnight = Math.floor((start + roll(end - start)) / DAY_MS) * DAY_MS;
  const anywhere = start - DAY_MS + roll(end - start);
  const from = pick(roll, [quarter, midnight, anywhere, start]);
  const to =
    from + pick(roll, [roll(QUARTER_MS), roll(DAY_MS), DAY_MS, 7 * DAY_MS, roll(14 * DAY_MS), 14 * DAY_MS]);
  const some = (values: readonly string[]): string[] => (roll(3) === 0 ? [pick(roll, values)] : ['*']);
  return {
    from,
    to,
    tz: pick(roll, ['UTC', 'Europe/Vienna', 'Asia/Kolkata', 'America/St_Johns', 'Australia/Lord_Howe']),
    device: some(['desktop', 'mobile']),
    channel: some(['direct', 'search', 'paid']),
    country: some(['AT', 'DE']),
    model: some(['nest-80', 'nest-120']),
    step: pick(roll, [60, 900, 1000, 3600, 86_400, 604_800]),
    dimension: pick(roll, ['model', 'option', 'country', 'channel']),
    breakdown: pick(roll, ['', 'device', 'channel', 'model']),
    unit: pick(roll, ['visitor', 'session', 'stream']),
    mode: pick(roll, ['ordered', 'strict', 'unordered']),
    by: pick(roll, ['', 'browser', 'device']),
    page: pick(roll, ['/', '/konfigurator']),
    cohort: pick(roll, ['day', 'week', 'month']),
    compare: pick(roll, ['inquiry', 'returning']),
    bucket: pick(roll, [1, 1000, 10_000]),
    as_of: to,
  };
};

describe('views that read a roll-up', function () {
  // two cores may be busy with other suites
  this.timeout(400_000);
  const db = useDatabase();
  const roll = dice(20_261_129);
  const told = visits().map((visit): Visit => ({ ...visit, ts: visit.ts + SHIFT }));
  const start = Math.min(...told.map(({ ts }) => ts));
  const end = Math.max(...told.map(({ ts }) => ts)) + 1;
  const days = Array.from({ length: 17 }, (_, i) => isoDay(start + (i - 1) * DAY_MS));

  /** The same visit again elsewhere in time: late, twice in a quarter, over midnight. */
  const again = (visit: Visit, ts: number, seq: number): Visit => ({ ...visit, ts, seq: 100_000 + seq });
  // on the edges of quarters and days, where a row counted twice or never would show
  const edges = told
    .filter(() => roll(12) === 0)
    .map((visit, i) => {
      const unit = pick(roll, [QUARTER_MS, DAY_MS]);
      return again(visit, Math.floor(visit.ts / unit) * unit - roll(2), i);
    });
  const late = told
    .filter(() => roll(10) === 0)
    .map((visit, i) => again(visit, start + roll(end - start), 500_000 + i));
  const orders = told
    .filter(({ type }) => type === 'inquiry')
    .map((visit, i) =>
      again(
        { ...visit, type: 'order', ref: `o${i}` },
        Math.min(end - 1, visit.ts + roll(2 * DAY_MS)),
        800_000 + i,
      ),
    );

  const askings = readers().flatMap((view) =>
    Array.from({ length: ASKINGS }, () => {
      const own = chosen(roll, { start, end });
      const parameters = someParameters(view, start, end);
      for (const name of Object.keys(parameters)) parameters[name] = own[name] ?? parameters[name]!;
      return { view, parameters };
    }),
  );

  const answers = async (): Promise<string[]> => {
    const all: string[] = [];
    for (const { view, parameters } of askings) {
      const rows = await db.views.rows<object>(view.name, parameters);
      all.push(
        JSON.stringify(rows, (_, value: unknown) =>
          // sums of fractions depend on their order in the last digits
          typeof value === 'number' ? Number(value.toPrecision(10)) : value,
        ),
      );
    }
    return all;
  };

  const expectSame = (found: readonly string[], expected: readonly string[]): void => {
    const wrong = askings
      .map(({ view, parameters }, i) => ({
        view: view.name,
        parameters,
        found: found[i],
        expected: expected[i],
      }))
      .filter((one) => one.found !== one.expected);
    expect(wrong).to.deep.equal([]);
  };

  const forget = (): Promise<unknown> => db.rollups.markDirty(days);

  let raw: string[];
  before(async () => {
    await db.store([...told, ...edges, ...orders]);
    raw = await answers();
  });

  it('are asked about something', () => {
    expect(readers().map(({ name }) => name)).to.include.members(['overview', 'leads', 'popular_configs']);
    expect(raw.filter((rows) => rows !== '[]').length).to.be.greaterThan(askings.length / 2);
  });

  it('answer the same from events and with every day built', async () => {
    await db.rollups.rebuild(NOW);
    expectSame(await answers(), raw);
  });

  it('answer the same with every second day dirty', async () => {
    await db.rollups.markDirty(days.filter((_, i) => i % 2 === 0));
    expectSame(await answers(), raw);
  });

  it('count late events at once, before and after their days are built again', async () => {
    await db.rollups.rebuild(NOW);
    const dirtied = [...new Set(late.map(({ ts }) => isoDay(ts)))].slice(0, 3);
    await db.rollups.markDirty(dirtied);
    await db.store(late.filter(({ ts }) => dirtied.includes(isoDay(ts))));
    const dirty = await answers();
    await db.rollups.rebuild(NOW);
    const built = await answers();
    await forget();
    const plain = await answers();
    expectSame(dirty, plain);
    expectSame(built, plain);
    expect(plain).not.to.deep.equal(raw);
  });
});
