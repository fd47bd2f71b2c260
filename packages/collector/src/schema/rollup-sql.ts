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

/** Clean days from the table, every other day straight from `events`, by the same SELECT. */
export const rollupView = ({ name, select, key }: RollupDefinition): string =>
  [
    `SELECT * EXCEPT build FROM ${name}_days`,
    `WHERE build IN (SELECT arrayJoin(arrayMap(x -> x.2, ${cleanDays(key)})))`,
    'UNION ALL',
    withCondition(
      select,
      `toDate(events.ts) NOT IN (SELECT arrayJoin(arrayMap(x -> x.1, ${cleanDays(key)})))`,
    ),
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
  const up = `fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(${from}) + ${grainMs - 1}, ${grainMs}) * ${grainMs}, 'UTC')`;
  const down = `fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(${to}), ${grainMs}) * ${grainMs}, 'UTC')`;
  const piece = (start: string, end: string): string =>
    withCondition(select, `site_id = {site:UInt16} AND events.ts >= ${start} AND events.ts < ${end}`);
  return [
    `SELECT * FROM ${name} WHERE site_id = {site:UInt16} AND ts >= ${up} AND ts < ${down}`,
    // a range inside one grain is the first piece alone
    piece(from, `least(${up}, ${to})`),
    piece(`greatest(${down}, ${up})`, to),
  ].join('\nUNION ALL\n');
};

/** Every roll-up file has one WHERE at the start of a line; a GROUP BY may follow. */
const withCondition = (select: string, condition: string): string => {
  const parts = select.split(/^WHERE /m);
  if (parts.length !== 2)
    throw new Error(`a roll-up needs exactly one WHERE at the start of a line:\n${select}`);
  const [where, group] = parts[1]!.split(/^(?=GROUP BY )/m);
  return `${parts[0]!}WHERE (${where!.trim()}) AND ${condition}${group === undefined ? '' : `\n${group}`}`;
};
