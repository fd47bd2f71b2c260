import { DAY_MS } from '../support.js';
import type { Visit } from './visits.js';

/** The answers of the views in plain TypeScript over the same list; the SQL is never asked. */

const JOURNEY = ['page_view', 'option_select', 'config', 'price_view', 'form', 'inquiry', 'order', 'custom'];

export const groupBy = <T, K>(rows: readonly T[], key: (row: T) => K): Map<K, T[]> => {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const name = key(row);
    const own = groups.get(name);
    if (own) own.push(row);
    else groups.set(name, [row]);
  }
  return groups;
};

const inOrder = (rows: readonly Visit[]): Visit[] => [...rows].sort((p, q) => p.ts - q.ts || p.seq - q.seq);
const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
const last = (rows: readonly Visit[]): Visit | undefined => inOrder(rows).at(-1);
const asked = (rows: readonly Visit[]): boolean => rows.some(({ type }) => type === 'inquiry');
export const median = (values: readonly number[]): number =>
  // as quantileExact: the element at floor(0.5 · n)
  [...values].sort((p, q) => p - q)[Math.floor(values.length / 2)]!;

export const people = (all: readonly Visit[]): Visit[] => all.filter(({ bot }) => bot === 0);
const way = (all: readonly Visit[]): Visit[] => people(all).filter(({ type }) => JOURNEY.includes(type));
const nodeOf = ({ type, path, option_group, kind, name }: Visit): string =>
  ({
    page_view: path,
    option_select: `option:${option_group}`,
    config: `config:${kind}`,
    custom: `custom:${name}`,
  })[type] ?? type;

const nodesOf = (rows: readonly Visit[]): string[] =>
  inOrder(rows)
    .map(nodeOf)
    .filter((node, index, nodes) => node !== nodes[index - 1]);

const sessions = (all: readonly Visit[]): Visit[][] => [
  ...groupBy(way(all), ({ session }) => session).values(),
];

export const transitions = (
  all: readonly Visit[],
  depth: number,
): Map<string, [sessions: number, won: number]> => {
  const counts = new Map<string, [number, number]>();
  for (const rows of sessions(all)) {
    const nodes = nodesOf(rows);
    const shown = nodes.length > depth ? nodes.slice(0, depth) : [...nodes, '(end)'];
    for (let position = 1; position < shown.length; position++) {
      const key = `${position}|${shown[position - 1]}|${shown[position]}`;
      const [n, won] = counts.get(key) ?? [0, 0];
      counts.set(key, [n + 1, won + (asked(rows) ? 1 : 0)]);
    }
  }
  return counts;
};

export const pathPieces = (all: readonly Visit[]): Map<string, [n: number, won: number]> => {
  const counts = new Map<string, [number, number]>();
  for (const rows of sessions(all)) {
    const nodes = nodesOf(rows);
    const shown = (asked(rows) ? nodes.slice(0, nodes.indexOf('inquiry')) : nodes).slice(0, 12);
    const pieces = distinct(shown.slice(2).map((_, index) => shown.slice(index, index + 3).join('|')));
    for (const piece of pieces) {
      const [n, won] = counts.get(piece) ?? [0, 0];
      counts.set(piece, [n + 1, won + (asked(rows) ? 1 : 0)]);
    }
  }
  return counts;
};

export const journeyBase = (all: readonly Visit[]) => {
  const own = sessions(all);
  return { sessions: own.length, converted: own.filter(asked).length };
};

const PAGE = '/konfigurator';

export const clickedElements = (all: readonly Visit[]) =>
  [
    ...groupBy(
      people(all).filter(({ type, path }) => type === 'click' && path === PAGE),
      ({ element }) => element,
    ),
  ]
    .map(([element, rows]) => ({
      element,
      n: rows.length,
      visitors: distinct(rows.map(({ visitor }) => visitor)).length,
    }))
    .filter(({ visitors }) => visitors >= 3)
    .sort((p, q) => q.n - p.n || (p.element < q.element ? -1 : 1));

export const clickedCells = (all: readonly Visit[]) =>
  [
    ...groupBy(
      people(all).filter(({ type, path }) => type === 'click' && path === PAGE),
      ({ element, ex, ey }) => `${element}|${ex >> 11}|${ey >> 11}`,
    ),
  ]
    .map(([cell, rows]) => ({
      cell,
      n: rows.length,
      visitors: distinct(rows.map(({ visitor }) => visitor)).length,
    }))
    .filter(({ visitors }) => visitors >= 3)
    .sort((p, q) => (p.cell < q.cell ? -1 : 1));

/** Who asked against who did not, or, from a time on, who came before it against who did not. */
export const clickedByGroup = (all: readonly Visit[], from?: number) => {
  const followed = from === undefined ? all : all.filter(({ consent }) => consent !== 'none');
  const members = new Set(
    way(followed)
      .filter(({ type, ts }) => (from === undefined ? type === 'inquiry' : ts < from))
      .map(({ visitor }) => visitor),
  );
  const here = people(followed).filter(
    ({ type, path, ts }) =>
      path === PAGE && (type === 'click' || type === 'page_view') && ts >= (from ?? -Infinity),
  );
  const of = (rows: readonly Visit[], member: boolean): number =>
    distinct(rows.map(({ visitor }) => visitor).filter((visitor) => members.has(visitor) === member)).length;
  return [
    ...groupBy(
      here.filter(({ type }) => type === 'click'),
      ({ element }) => element,
    ),
  ]
    .map(([element, rows]) => ({
      element,
      first: of(rows, true),
      second: of(rows, false),
      first_total: of(here, true),
      second_total: of(here, false),
    }))
    .filter(({ first, second }) => first + second >= 3)
    .sort((p, q) => q.first + q.second - p.first - p.second || (p.element < q.element ? -1 : 1));
};

export const scrolled = (all: readonly Visit[]) => {
  const deepest = [
    ...groupBy(
      people(all).filter(({ type, path }) => ['scroll', 'page_leave'].includes(type) && path === PAGE),
      ({ stream }) => stream,
    ).values(),
  ].map((rows) => Math.max(...rows.map(({ depth }) => depth)));
  return Array.from({ length: 21 }, (_, index) => ({
    depth: index * 5,
    n: deepest.filter((depth) => depth >= index * 5).length,
    total: deepest.length,
  }));
};

/** Per consented visitor: sessions with start, channel, first inquiry and its worth. */
const touches = (all: readonly Visit[], lookbackDays: number) =>
  [
    ...groupBy(
      way(all).filter(({ consent }) => consent !== 'none'),
      ({ visitor }) => visitor,
    ).values(),
  ].map((rows) => {
    const own = [...groupBy(rows, ({ session }) => session).values()].map((one) => {
      const sorted = inOrder(one);
      const inquiry = sorted.find(({ type }) => type === 'inquiry');
      const priced = sorted.filter(({ price_cents }) => price_cents > 0);
      return {
        at: sorted[0]!.ts,
        channel: sorted[0]!.channel,
        inquiry: inquiry?.ts ?? null,
        worth: inquiry ? (priced.at(-1)?.price_cents ?? 0) / 100 : 0,
      };
    });
    const inquiries = own.flatMap(({ inquiry }) => (inquiry === null ? [] : [inquiry]));
    const converted = inquiries.length > 0 ? Math.min(...inquiries) : null;
    const path = own
      .filter(({ at }) => converted === null || (at <= converted && at >= converted - lookbackDays * DAY_MS))
      .sort((p, q) => p.at - q.at);
    return { converted, worth: Math.max(...own.map(({ worth }) => worth)), path };
  });

export const attributionPaths = (all: readonly Visit[], lookbackDays: number) =>
  [
    ...groupBy(
      touches(all, lookbackDays).filter(({ path }) => path.length > 0),
      ({ path }) => path.map(({ channel }) => channel).join('>'),
    ),
  ]
    .map(([path, rows]) => ({
      path,
      conversions: rows.filter(({ converted }) => converted !== null).length,
      nulls: rows.filter(({ converted }) => converted === null).length,
      value: rows.reduce((sum, { worth }) => sum + worth, 0),
    }))
    .sort((p, q) => (p.path < q.path ? -1 : 1));

export const attributionTouches = (all: readonly Visit[], lookbackDays: number) =>
  touches(all, lookbackDays)
    .filter(({ converted }) => converted !== null)
    .map(({ path, worth }) => `${path.map(({ channel }) => channel).join('>')}=${worth}`)
    .sort();

export const experimentArms = (all: readonly Visit[], horizonDays: number, asOf: number) => {
  const exposed = [
    ...groupBy(
      people(all).filter(({ consent }) => consent !== 'none'),
      ({ visitor }) => visitor,
    ).values(),
  ]
    .map((rows) => ({ rows, exposures: inOrder(rows.filter(({ type }) => type === 'exposure')) }))
    .filter(
      ({ exposures }) =>
        exposures.length > 0 && distinct(exposures.map(({ variant }) => variant)).length === 1,
    )
    .map(({ rows, exposures }) => {
      const first = exposures[0]!.ts;
      const hits = rows.filter(
        ({ type, ts }) => type === 'inquiry' && ts >= first && ts < first + horizonDays * DAY_MS,
      );
      const y = hits.reduce((sum, { price_cents }) => sum + price_cents / 100, 0);
      const x = rows.filter(({ type, ts }) => type === 'option_select' && ts < first).length;
      return {
        arm: exposures[0]!.variant,
        k: hits.length > 0 ? 1 : 0,
        y,
        x,
        immature: first + horizonDays * DAY_MS > asOf,
      };
    });
  const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  return [...groupBy(exposed, ({ arm }) => arm)]
    .map(([arm, all]) => {
      const rows = all.filter(({ immature }) => !immature);
      return {
        arm,
        n: rows.length,
        k: sum(rows, ({ k }) => k),
        y_sum: sum(rows, ({ y }) => y),
        y_squares: sum(rows, ({ y }) => y * y),
        x_sum: sum(rows, ({ x }) => x),
        x_squares: sum(rows, ({ x }) => x * x),
        xy: sum(rows, ({ x, y }) => x * y),
        immature: all.length - rows.length,
      };
    })
    .sort((p, q) => (p.arm < q.arm ? -1 : 1));
};

export const priceBands = (all: readonly Visit[], bucket: number) => {
  const prices = [...groupBy(people(all), ({ visitor }) => visitor).values()].flatMap((rows) => {
    const seen = last(rows.filter(({ type }) => type === 'price_view'));
    return seen ? [{ price: seen.price_cents / 100, won: asked(rows) }] : [];
  });
  return [...groupBy(prices, ({ price }) => Math.floor(price / bucket) * bucket)]
    .map(([price_from, rows]) => ({ price_from, n: rows.length, k: rows.filter(({ won }) => won).length }))
    .sort((p, q) => p.price_from - q.price_from);
};

const substantial = (all: readonly Visit[]): Visit[][] =>
  [
    ...groupBy(
      people(all).filter(
        ({ type, kind }) =>
          ['option_select', 'inquiry'].includes(type) ||
          (type === 'config' && ['save', 'share'].includes(kind)),
      ),
      ({ session }) => session,
    ).values(),
  ].map(inOrder);

export const priceShock = (all: readonly Visit[], bucket: number) => {
  const jumps = substantial(all).flatMap((rows) =>
    rows.flatMap(({ type, option_group, option, value }, index) =>
      type === 'option_select' && value !== 0
        ? [
            {
              key: `${option_group}/${option}|${Math.floor(value / 100 / bucket) * bucket}`,
              left: index === rows.length - 1,
            },
          ]
        : [],
    ),
  );
  return [...groupBy(jumps, ({ key }) => key)]
    .map(([key, rows]) => ({ key, n: rows.length, k: rows.filter(({ left }) => left).length }))
    .sort((p, q) => (p.key < q.key ? -1 : 1));
};

export const optionPairs = (all: readonly Visit[]) => {
  const baskets = [
    ...groupBy(
      people(all).filter(({ type }) => type === 'option_select'),
      ({ session }) => session,
    ).values(),
  ].map((rows) => distinct(rows.map(({ option_group, option }) => `${option_group}/${option}`)).sort());
  const alone = (item: string): number => baskets.filter((basket) => basket.includes(item)).length;
  const pairs = baskets.flatMap((basket) =>
    basket.flatMap((x, index) => basket.slice(index + 1).map((y) => `${x}|${y}`)),
  );
  return [...groupBy(pairs, (pair) => pair)]
    .map(([pair, rows]) => {
      const [x, y] = pair.split('|') as [string, string];
      return { x, y, n: rows.length, cx: alone(x), cy: alone(y), baskets: baskets.length };
    })
    .sort((p, q) => q.n - p.n || (`${p.x}|${p.y}` < `${q.x}|${q.y}` ? -1 : 1));
};

export const decisionPath = (all: readonly Visit[]) => {
  const won = new Set(
    people(all)
      .filter(({ type }) => type === 'inquiry')
      .map(({ session }) => session),
  );
  const choices = [
    ...groupBy(
      people(all).filter(({ type }) => type === 'option_select'),
      ({ session }) => session,
    ).values(),
  ].flatMap((rows) =>
    inOrder(rows).map((row, index, sorted) => ({
      group: row.option_group,
      position: index + 1,
      seconds: index === 0 ? 0 : (row.ts - sorted[index - 1]!.ts) / 1000,
      again: sorted.slice(0, index).some(({ option_group }) => option_group === row.option_group),
      left: index === sorted.length - 1 && !won.has(row.session),
    })),
  );
  return [...groupBy(choices, ({ group }) => group)]
    .map(([option_group, rows]) => ({
      option_group,
      n: rows.length,
      mean_position: rows.reduce((sum, { position }) => sum + position, 0) / rows.length,
      rewinds: rows.filter(({ again }) => again).length,
      median_s: median(rows.map(({ seconds }) => seconds)),
      left_after: rows.filter(({ left }) => left).length,
    }))
    .sort((p, q) => p.mean_position - q.mean_position);
};

/** How far somebody got. */
const stageOf = (rows: readonly Visit[]): string => {
  const has = (type: string, kinds?: readonly string[]): boolean =>
    rows.some((row) => row.type === type && (!kinds || kinds.includes(row.kind)));
  if (has('config', ['save', 'share'])) return 'saved';
  if (has('price_view')) return 'price seen';
  return has('option_select') ? 'configured' : 'visited';
};

export const abandoned = (all: readonly Visit[]) => {
  const stages = [...groupBy(people(all), ({ visitor }) => visitor).values()].flatMap((rows) => {
    const priced = last(rows.filter(({ price_cents }) => price_cents > 0));
    return priced && !asked(rows) ? [{ stage: stageOf(rows), value: priced.price_cents / 100 }] : [];
  });
  return [...groupBy(stages, ({ stage }) => stage)]
    .map(([stage, rows]) => ({
      stage,
      n: rows.length,
      value: rows.reduce((sum, { value }) => sum + value, 0),
    }))
    .sort((p, q) => q.value - p.value);
};

/** Of those whose first session ended without an inquiry, how many asked in a later one? */
export const returned = (all: readonly Visit[]) => {
  const known = way(all).filter(({ consent }) => consent !== 'none');
  const firsts = [...groupBy(known, ({ visitor }) => visitor).values()].flatMap((rows) => {
    const [first] = [...groupBy(inOrder(rows), ({ session }) => session).values()];
    return asked(first!) ? [] : [{ stage: stageOf(first!), later: asked(rows) }];
  });
  return [...groupBy(firsts, ({ stage }) => stage)]
    .map(([stage, rows]) => ({
      stage,
      stopped: rows.length,
      returned: rows.filter(({ later }) => later).length,
    }))
    .sort((p, q) => (p.stage < q.stage ? -1 : 1));
};

export const features = (all: readonly Visit[], to: number) =>
  [
    ...groupBy(
      people(all).filter(({ consent }) => consent !== 'none'),
      ({ visitor }) => visitor,
    ),
  ]
    .map(([visitor, rows]) => {
      const of = (type: string): Visit[] => rows.filter((row) => row.type === type);
      const times = rows.map(({ ts }) => ts);
      const count = distinct(rows.map(({ session }) => session)).length;
      const hours = Math.floor(Math.max(...times) / 3_600_000) - Math.floor(Math.min(...times) / 3_600_000);
      return {
        visitor: String(visitor),
        // dateDiff counts the midnights (UTC) in between
        recency_days: Math.floor(to / DAY_MS) - Math.floor(Math.max(...times) / DAY_MS),
        sessions: count,
        options: of('option_select').length,
        prices: of('price_view').length,
        saves: of('config').filter(({ kind }) => kind !== 'change').length,
        max_price: Math.max(...rows.map(({ price_cents }) => price_cents)) / 100,
        engaged_s: of('page_leave').reduce((sum, { duration_ms }) => sum + duration_ms, 0) / 1000,
        return_gap_days: count > 1 ? hours / 24 / (count - 1) : 0,
        inquired: asked(rows) ? 1 : 0,
      };
    })
    .sort((p, q) => Number(p.visitor) - Number(q.visitor));

export const popular = (all: readonly Visit[]) => {
  const built = [
    ...groupBy(
      people(all).filter(({ type }) => ['config', 'inquiry'].includes(type)),
      ({ visitor, session }) => `${visitor}|${session}`,
    ).values(),
  ].flatMap((rows) => {
    const final = last(rows.filter(({ type }) => type === 'config'));
    if (!final) return [];
    const kept = rows.filter(({ type, kind }) => type === 'config' && kind !== 'change');
    const key = (row: Visit): string =>
      JSON.stringify([row.config_hash, row.model, row.parts, row.price_cents]);
    const configs = [...new Map([...kept, final].map((row) => [key(row), row])).values()];
    return configs.map((row) => ({ row, won: asked(rows) && row.config_hash === final.config_hash }));
  });
  return [...groupBy(built, ({ row }) => row.config_hash)]
    .map(([config, rows]) => ({
      config,
      visitors: distinct(rows.map(({ row }) => row.visitor)).length,
      sessions: rows.length,
      inquiries: distinct(rows.filter(({ won }) => won).map(({ row }) => row.visitor)).length,
    }))
    .sort((p, q) => q.visitors - p.visitors || (p.config < q.config ? -1 : 1));
};

export const optionShares = (all: readonly Visit[]) => {
  const finals = [
    ...groupBy(
      people(all).filter(({ type }) => ['config', 'inquiry'].includes(type)),
      ({ visitor }) => visitor,
    ).values(),
  ].flatMap((rows) => {
    const final = last(rows.filter(({ type }) => type === 'config'));
    return final && Object.keys(final.parts).length > 0 ? [{ parts: final.parts, won: asked(rows) }] : [];
  });
  const chosen = finals.flatMap(({ parts, won }) =>
    Object.entries(parts).map(([group, option]) => ({ group, option, won })),
  );
  return [...groupBy(chosen, ({ group, option }) => `${group}|${option}`)]
    .map(([key, rows]) => ({
      key,
      n: rows.length,
      k: rows.filter(({ won }) => won).length,
      total: chosen.filter(({ group }) => group === rows[0]!.group).length,
    }))
    .sort((p, q) => (p.key < q.key ? -1 : 1));
};

export const errorsByDay = (all: readonly Visit[], dayOf: (ts: number) => string) =>
  [
    ...groupBy(
      people(all).filter(({ type }) => type === 'error'),
      ({ ts, fingerprint }) => `${dayOf(ts)}|${fingerprint}`,
    ),
  ]
    .map(([key, rows]) => ({
      key,
      n: rows.reduce((sum, { times }) => sum + Math.max(times, 1), 0),
      sessions: distinct(rows.map(({ session }) => session)).length,
    }))
    .sort((p, q) => (p.key < q.key ? -1 : 1));
