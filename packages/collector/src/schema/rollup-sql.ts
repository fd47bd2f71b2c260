import type { RollupDefinition } from './rollup-definition.js';

/** First and last of the days that are listed one by one, as numbers. */
interface Listed {
  first: string;
  last: string;
}

/**
 * Days that may be believed, as one scalar: builds to read, the listed days that are not among them, those that are.
 * ClickHouse evaluates equal scalar subqueries once per query, so both halves of the view, and every other mention of it
 * over the same range in the same question, see the same set of days. Two IN-subqueries would be evaluated one after the
 * other, and a mark between them would count a day twice or never. What is worked out inside is analysed once, too: a
 * parameterized view analyses all that stands outside twice, and that takes longer than the rows.
 */
const cleanDays = (key: string, { first, last }: Listed): string =>
  [
    `(SELECT (groupArray(build), arrayExcept(arrayMap(n -> toDate(n), range(toInt32(${first}), toInt32(${last}) + 1)), groupArray(day)), groupArray(day))`,
    `FROM (SELECT day, build FROM clean_days FINAL`,
    `WHERE rollup = '${key}' AND clean = 1 AND built <= now64(3)))`,
  ].join(' ');

/** Columns as the SELECT gives them, and the number of the build a row belongs to. */
export const rollupTable = (rollup: RollupDefinition): string =>
  [
    `CREATE OR REPLACE TABLE ${rollup.name}_days`,
    'ENGINE = MergeTree',
    // questions bound `ts`: only a partition key made of it prunes days. Builds of one batch lie together.
    'PARTITION BY (toMonday(ts), bitShiftRight(build, 16))',
    `ORDER BY (${rollup.orderBy})`,
    "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, default_compression_codec = 'ZSTD(1)'",
    `EMPTY AS SELECT *, toUInt64(0) AS build FROM (${rollup.select})`,
  ].join('\n');

/** Days that a view lists which knows no range; older and newer ones are no cache's business. */
const RECENT: Listed = { first: 'toUInt16(today()) - 997', last: 'toUInt16(today()) + 2' };

/** Days that a range touches. */
const daysOf = (from: string, to: string): Listed => ({
  first: `greatest(0, intDiv(toUnixTimestamp64Milli(${from}), 86400000))`,
  last: `least(65535, intDiv(toUnixTimestamp64Milli(${to}), 86400000))`,
});

const builds = (key: string, listed: Listed): string =>
  `build IN (SELECT arrayJoin(${cleanDays(key, listed)}.1))`;

/**
 * Every other listed day, as a positive list: the primary key skips a granule that holds none of the listed days, but
 * keeps every granule of two days when it may only compare with NOT IN (26.7: 43 of 92 granules for one open day).
 */
const otherListed = (key: string, listed: Listed): string =>
  `toDate(events.ts) IN (SELECT arrayJoin(${cleanDays(key, listed)}.2))`;

const otherDays = (key: string): string =>
  [
    `(${otherListed(key, RECENT)}`,
    `OR toDate(events.ts) > today() + 2`,
    `OR (toDate(events.ts) < today() - 997 AND toDate(events.ts) NOT IN (SELECT arrayJoin(${cleanDays(key, RECENT)}.3))))`,
  ].join(' ');

/** Clean days from the table, every other day straight from `events`, by the same SELECT. */
export const rollupView = ({ name, select, key }: RollupDefinition): string =>
  [
    `SELECT * EXCEPT build FROM ${name}_days`,
    `WHERE ${builds(key, RECENT)}`,
    'UNION ALL',
    withCondition(select, otherDays(key)),
  ].join('\n');

/** One day range from `events`, for the builder, who may read nothing else of it. */
export const rollupRows = ({ select }: RollupDefinition): string =>
  withCondition(select, 'toDate(events.ts) IN {days:Array(Date)}');

/** First start of a grain in the range, and last one not after its end. */
const grainsOf = (grain: number, from: string, to: string): { up: string; down: string } => {
  const ms = (time: string): string => `toUnixTimestamp64Milli(${time})`;
  return {
    up: `${from} + toIntervalMillisecond(positiveModulo(-${ms(from)}, ${grain * 1000}))`,
    down: `${to} - toIntervalMillisecond(${ms(to)} % ${grain * 1000})`,
  };
};

/** Columns of a SELECT list, in order; each but a plain one has its name behind the last AS. */
const columnsOf = (select: string): { name: string; text: string }[] =>
  splitAtCommas(select.slice(select.indexOf('SELECT') + 6, select.indexOf('\nFROM ')))
    .map((text) => text.trim())
    .map((text) => ({ name: /(\w+)$/.exec(text)![1]!, text }));

/**
 * Rows of one site in `[from, to)` that add up to the same, exact at both ends: whole grains of clean days from the
 * table, every other event by itself. `type` is '' for rows of the table: a question that keeps '' beside the types it
 * needs reads only those of an open day.
 * @param asked the view that reads them: columns that it does not name are left out
 */
const rollupOf = (
  { name, single, grain, key }: RollupDefinition,
  { site, from, to }: Record<'site' | 'from' | 'to', string>,
  asked: string,
): string => {
  const { up, down } = grainsOf(grain!, from, to);
  const listed = daysOf(from, to);
  const columns = columnsOf(single!).filter((column) => new RegExp(`\\b${column.name}\\b`).test(asked));
  const kept = columns.map((column) =>
    column.name === 'type' ? "toLowCardinality('') AS type" : column.name,
  );
  return [
    `SELECT ${kept.join(', ')}`,
    `FROM ${name}_days`,
    `WHERE ${builds(key, listed)}`,
    // a grain that starts in the range and ends in it
    `AND site_id = ${site} AND ts >= ${from} AND ts <= ${to} - toIntervalSecond(${grain})`,
    'UNION ALL',
    withCondition(
      `SELECT ${columns.map(({ text }) => text).join(', ')}${single!.slice(single!.indexOf('\nFROM '))}`,
      [
        `site_id = ${site}`,
        `events.ts >= ${from} AND events.ts < ${to}`,
        `((${from} < ${up} AND events.ts < ${up}) OR (${down} < ${to} AND events.ts >= ${down}) OR ${otherListed(key, listed)})`,
      ].join(' AND '),
    ),
  ].join('\n');
};

/** Place of the bracket that closes the one at `open`. */
const closing = (sql: string, open: number): number => {
  let depth = 0;
  for (let at = open; at < sql.length; at++) {
    if (sql[at] === '(') depth += 1;
    else if (sql[at] === ')' && --depth === 0) return at;
  }
  throw new Error(`no closing bracket: ${sql.slice(open, open + 80)}`);
};

/** Parts between the commas that lie in no bracket. */
const splitAtCommas = (list: string): string[] => {
  const parts = [''];
  let depth = 0;
  for (const character of list) {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
};

/**
 * Puts the rows themselves in the place of `<roll-up>_of(site = …, from = …, to = …)`. A view would do as well, but
 * ClickHouse analyses a parameterized view twice, and one inside another four times: that took longer than the rows.
 */
export const inlineRollups = (asked: string, rollups: readonly RollupDefinition[]): string => {
  let sql = asked;
  for (const rollup of rollups) {
    if (rollup.single === null) continue;
    for (;;) {
      const found = new RegExp(`\\b${rollup.name}_of\\(`).exec(sql);
      if (!found) break;
      const end = closing(sql, found.index + found[0].length - 1);
      const given = splitAtCommas(sql.slice(found.index + found[0].length, end)).map((part) => {
        const [, name, value] = /^\s*(\w+) = ([\s\S]+)$/.exec(part)!;
        return [name!, value!.trim()] as const;
      });
      const range = Object.fromEntries(given) as Record<'site' | 'from' | 'to', string>;
      sql = `${sql.slice(0, found.index)}(\n${rollupOf(rollup, range, asked)}\n)${sql.slice(end + 1)}`;
    }
  }
  return sql;
};

/** Every roll-up file has one WHERE at the start of a line; a GROUP BY may follow. */
const withCondition = (select: string, condition: string): string => {
  const parts = select.split(/^WHERE /m);
  if (parts.length !== 2)
    throw new Error(`a roll-up needs exactly one WHERE at the start of a line:\n${select}`);
  const [where, group] = parts[1]!.split(/^(?=GROUP BY )/m);
  return `${parts[0]!}WHERE (${where!.trim()}) AND ${condition}${group === undefined ? '' : `\n${group}`}`;
};
