import type { RollupDefinition } from './definitions.js';

/**
 * Days that may be believed, as one array of (day, build). A scalar: ClickHouse evaluates equal scalar subqueries once
 * per query, so both halves of the view, and every other mention of it in the same question, see the same set of days.
 * Two IN-subqueries would be evaluated one after the other, and a mark between them would count a day twice or never.
 */
const cleanDays = (key: string): string =>
  `(SELECT groupArray((day, build)) FROM (SELECT day, build FROM clean_days FINAL WHERE rollup = '${key}' AND clean = 1 AND built <= now64(3)))`;

/** Columns as the SELECT gives them, and the number of the build a row belongs to. */
export const rollupTable = (rollup: RollupDefinition): string =>
  [
    `CREATE OR REPLACE TABLE ${rollup.name}_days`,
    'ENGINE = MergeTree',
    // questions bound `ts`: only a partition key made of it prunes days
    'PARTITION BY (toDate(ts), build)',
    `ORDER BY (${rollup.orderBy})`,
    "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, default_compression_codec = 'ZSTD(1)'",
    `EMPTY AS SELECT *, toUInt64(0) AS build FROM (${rollup.select})`,
  ].join('\n');

/** Days that the set below lists; older and newer ones are no cache's business. */
const LISTED_DAYS = 1000;

/**
 * Every other day, as a positive list: the primary key skips a granule that holds none of the listed days, but keeps
 * every granule of two days when it may only compare with NOT IN (26.7: 43 of 92 granules for one open day).
 */
const otherDays = (key: string): string =>
  [
    `(toDate(events.ts) IN (SELECT arrayJoin(arrayFilter(d -> NOT has(arrayMap(x -> x.1, ${cleanDays(key)}), d), arrayMap(i -> toDate(today() + 2 - i), range(${LISTED_DAYS})))))`,
    `OR toDate(events.ts) > today() + 2`,
    `OR (toDate(events.ts) <= today() + 2 - ${LISTED_DAYS} AND toDate(events.ts) NOT IN (SELECT arrayJoin(arrayMap(x -> x.1, ${cleanDays(key)})))))`,
  ].join(' ');

/** Clean days from the table, every other day straight from `events`, by the same SELECT. */
export const rollupView = ({ name, select, key }: RollupDefinition): string =>
  [
    `SELECT * EXCEPT build FROM ${name}_days`,
    `WHERE build IN (SELECT arrayJoin(arrayMap(x -> x.2, ${cleanDays(key)})))`,
    'UNION ALL',
    withCondition(select, otherDays(key)),
  ].join('\n');

/** One day range from `events`, for the builder, who may read nothing else of it. */
export const rollupRows = ({ select }: RollupDefinition): string =>
  withCondition(select, 'toDate(events.ts) IN {days:Array(Date)}');

/**
 * Rows of one site in `[from, to)`, exact at both ends: whole grains from the roll-up, the pieces at the ends from
 * `events`. A row of a piece keeps the start of its grain.
 */
export const rollupBetween = ({ name, select, grain }: RollupDefinition): string => {
  const from = "{from:DateTime64(3,'UTC')}";
  const to = "{to:DateTime64(3,'UTC')}";
  const grainMs = grain! * 1000;
  const grainAt = (ms: string): string =>
    `fromUnixTimestamp64Milli(intDiv(${ms}, ${grainMs}) * ${grainMs}, 'UTC')`;
  const up = grainAt(`toUnixTimestamp64Milli(${from}) + ${grainMs - 1}`);
  const down = grainAt(`toUnixTimestamp64Milli(${to})`);
  return [
    `SELECT * FROM ${name} WHERE site_id = {site:UInt16} AND ts >= ${up} AND ts < ${down}`,
    'UNION ALL',
    // a range inside one grain is the first piece alone
    withCondition(
      select,
      [
        'site_id = {site:UInt16}',
        `((events.ts >= ${from} AND events.ts < least(${up}, ${to})) OR (events.ts >= greatest(${down}, ${up}) AND events.ts < ${to}))`,
      ].join(' AND '),
    ),
  ].join('\n');
};

/** Every roll-up file has one WHERE at the start of a line; a GROUP BY may follow. */
const withCondition = (select: string, condition: string): string => {
  const parts = select.split(/^WHERE /m);
  if (parts.length !== 2)
    throw new Error(`a roll-up needs exactly one WHERE at the start of a line:\n${select}`);
  const [where, group] = parts[1]!.split(/^(?=GROUP BY )/m);
  return `${parts[0]!}WHERE (${where!.trim()}) AND ${condition}${group === undefined ? '' : `\n${group}`}`;
};
