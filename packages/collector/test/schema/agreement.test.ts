import { expect } from 'chai';
import type { ViewParameter } from '../../src/questions/index.js';
import { rollupDefinitions, viewDefinitions, type ViewDefinition } from '../../src/schema/definitions.js';
import { dice, START, visits, type Visit } from './golden/visits.js';
import { DAY_MS, someParameters, useDatabase } from './support.js';

const NOW = { settledMs: 0, quietMs: 0, graceMs: 0 };
const HOUR_MS = 3_600_000;
/** Two weeks around the night of 25 October 2026, which has an hour twice in Vienna. */
const FIRST = START + 14 * DAY_MS;
const DAYS = 14;
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const DAY_NAMES = Array.from({ length: DAYS + 2 }, (_, day) => isoDay(FIRST + day * DAY_MS));

/** The golden visits two weeks later, with measurements, boxes and pages that are touched in other ways. */
const events = (): Visit[] => {
  const roll = dice(7);
  return visits().map((event): Visit => {
    const ts = event.ts + 14 * DAY_MS;
    if (event.type === 'click')
      return {
        ...event,
        ts,
        type: ['click', 'click', 'rage_click', 'dead_click'][roll(4)]!,
        rate: [1, 0.5, 0.3][roll(3)]!,
        label: `label ${roll(2)}`,
        box: [roll(50), roll(500), 100 + roll(50), 20 + roll(9)],
      };
    if (event.type === 'vital')
      return {
        ...event,
        ts,
        type: ['vital', 'vital', 'request', 'long_frame'][roll(4)]!,
        route: event.path,
        name: ['LCP', 'INP'][roll(2)]!,
        kind: ['fetch', 'xhr', 'resource'][roll(3)]!,
        rate: [1, 0.1, 0.7][roll(3)]!,
      };
    if (event.type === 'exposure') return { ...event, ts, props: { version: String(roll(3)) } };
    return { ...event, ts };
  });
};

/** Views that read a roll-up themselves or through another view. */
const readers = (): ViewDefinition[] => {
  const views = viewDefinitions();
  const names = new Set(rollupDefinitions().flatMap(({ name }) => [name, `${name}_of`]));
  for (let before = -1; before !== names.size;) {
    before = names.size;
    for (const { name, select } of views)
      if ([...select.matchAll(/\b(?:FROM|JOIN) (\w+)/g)].some(([, read]) => names.has(read!)))
        names.add(name);
  }
  return views.filter(({ name }) => names.has(name));
};

const RANGES: readonly (readonly [from: number, to: number])[] = [
  [FIRST, FIRST + DAYS * DAY_MS],
  // half days at both ends, to the millisecond
  [FIRST + 2 * DAY_MS + 11 * HOUR_MS + 1234, FIRST + 11 * DAY_MS + 5 * HOUR_MS + 4321],
  // the local day of 25 hours
  [Date.parse('2026-10-24T22:00:00Z'), Date.parse('2026-10-25T23:00:00Z')],
  // a piece of one day
  [FIRST + 5 * DAY_MS + 3 * HOUR_MS, FIRST + 5 * DAY_MS + 20 * HOUR_MS + 1],
];
const FILTERS: readonly Readonly<Record<string, ViewParameter>>[] = [
  {},
  { device: ['desktop'], country: ['AT'], tz: 'Asia/Kolkata' },
  { channel: ['search', 'paid'], tz: 'UTC' },
  { model: ['nest-80'] },
];
/** What a view can be asked beside its range, in turn. */
const WAYS: Readonly<Record<string, readonly ViewParameter[]>> = {
  kind: ['click', 'rage', 'dead'],
  mode: ['ordered', 'strict', 'unordered'],
  unit: ['visitor', 'session', 'stream'],
  breakdown: ['', 'model', 'device'],
  backwards: [0, 1],
  start: ['', '/konfigurator'],
  cohort: ['day', 'week', 'month'],
  returning: ['page_view', 'config:save', 'inquiry'],
  step: [86_400, 3600, 900, 604_800],
  compare: ['inquiry', 'returning'],
};

const canonical = (row: object): string =>
  JSON.stringify(row, (_, value: unknown) => {
    if (typeof value === 'number' && !Number.isInteger(value)) return Number(value.toPrecision(9));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([p], [q]) => (p < q ? -1 : 1)));
  });

interface AgeRow {
  age_days: number;
  events: number;
  censored: number;
}

/** Who has not converted grows older between two askings: only how many they are can be compared. */
const ageless = (rows: readonly AgeRow[]): object[] => [
  ...rows.filter(({ events }) => events > 0).map(({ age_days, events }) => ({ age_days, events })),
  { censored: rows.reduce((sum, { censored }) => sum + censored, 0) },
];

describe('views that read a roll-up', function () {
  // two cores may be busy with other suites
  this.timeout(600_000);
  const db = useDatabase();
  const views = readers();
  let raw = new Map<string, string[]>();

  // each view over half days and over one of the other ranges
  const askings = views.flatMap((view, at) =>
    [1, [0, 2, 3][at % 3]!].map((i) => {
      const [from, to] = RANGES[i]!;
      const turns = Object.entries(WAYS).map(([name, values]) => [name, values[(at + i) % values.length]!]);
      const all: Record<string, ViewParameter> = {
        page: '/konfigurator',
        horizon_days: 3,
        ...(Object.fromEntries(turns) as Record<string, ViewParameter>),
        ...(view.name.startsWith('experiment_')
          ? {
              metric: ['inquiry', 'click', 'config:save'][i % 3]!,
              metrics: ['inquiry', 'click', 'config:save'],
            }
          : {}),
        ...FILTERS[(at + i) % FILTERS.length],
        ...(i === 0 ? FILTERS[0] : {}),
      };
      const own = Object.entries(all).filter(([name]) => view.parameters.has(name));
      return {
        name: view.name,
        parameters: { ...someParameters(view, from, to), ...Object.fromEntries(own) },
      };
    }),
  );

  /** Answers without the order of rows, of a map's keys, and of sums. */
  const answers = async (): Promise<Map<string, string[]>> => {
    const all = new Map<string, string[]>();
    const waiting = [...askings.entries()];
    const ask = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [i, { name, parameters }] = next;
        const rows = await db.views.rows<object>(name, parameters);
        const told = name === 'funnel_ages' ? ageless(rows as AgeRow[]) : rows;
        all.set(`${i} ${name} ${JSON.stringify(parameters)}`, told.map(canonical).sort());
      }
    };
    await Promise.all([ask(), ask(), ask(), ask()]);
    return all;
  };

  /** The same with every day read from `events`. */
  const fromEvents = async (): Promise<Map<string, string[]>> => {
    await db.rollups.markDirty(DAY_NAMES);
    return answers();
  };

  const expectEqual = (got: Map<string, string[]>, expected: Map<string, string[]>, when: string): void => {
    for (const [asking, rows] of expected) expect(got.get(asking), `${when}: ${asking}`).to.deep.equal(rows);
  };

  it('are all asked, and most have something to say', async () => {
    expect(views.map(({ name }) => name)).to.include.members([
      'journey_ways',
      'user_journey',
      'journey_paths',
      'journey_base',
      'journey_sessions',
      'decision_path',
      'journey_decisions',
      'conversion_funnel',
      'funnel_ages',
      'funnel_trend',
      'abandoned_value',
      'abandoned',
      'cohorts',
      'attribution_paths',
      'attribution_touches',
      'experiment_days',
      'experiment_exposures',
      'heatmap_elements',
      'heatmap_cells',
      'scroll_depth',
      'performance',
      'performance_both',
      'performance_hours',
      'speed_bands',
      'overview_trend',
      'leads',
      'popular_configs',
      'configurations_built',
      'price_demand',
      'market_weeks',
      'option_pairs',
    ]);
    await db.store(events());
    raw = await answers();
    const silent = [...raw].filter(([, rows]) => rows.length === 0);
    expect(silent.length, silent.map(([asking]) => asking).join('\n')).to.be.below(askings.length / 3);
  });

  it('say the same from events, from built days, and from both at once', async () => {
    await db.rollups.rebuild(NOW);
    expectEqual(await answers(), raw, 'built');
    await db.rollups.markDirty(DAY_NAMES.filter((_, day) => day % 2 === 0));
    expectEqual(await answers(), raw, 'every other day');
  });

  it('say the same after late events, before and after their days are built again', async () => {
    await db.rollups.rebuild(NOW);
    // people who were there already, and one nobody knew
    const late = events()
      .filter(({ ts }, i) => i % 9 === 0 && isoDay(ts) !== DAY_NAMES[3])
      .map((event, i): Visit => ({
        ...event,
        ts: event.ts + 1777,
        seq: event.seq + 500,
        visitor: i % 4 === 0 ? 900 + i : event.visitor,
      }));
    await db.rollups.markDirty([...new Set(late.map(({ ts }) => isoDay(ts)))]);
    await db.store(late);
    const mixed = await answers();
    await db.rollups.rebuild(NOW);
    const built = await answers();
    raw = await fromEvents();
    expectEqual(mixed, raw, 'late');
    expectEqual(built, raw, 'built again');
  });

  it('say the same when a visitor is erased', async () => {
    await db.rollups.rebuild(NOW);
    await db.rollups.markDirty(DAY_NAMES);
    await db
      .as('migrator')
      .command('ALTER TABLE events DELETE WHERE visitor IN (1, 5, 9) SETTINGS mutations_sync = 2');
    raw = await answers();
    await db.rollups.rebuild(NOW);
    expectEqual(await answers(), raw, 'erased');
  });
});
