import type { Clock } from '../clock.js';
import { systemClock } from '../clock.js';
import type { Log } from '../log.js';
import type { ClickHouse } from './clickhouse.js';
import { rollupDefinitions, type RollupDefinition } from './definitions.js';

export interface RebuildOptions {
  /** A day is built when it has been over for this long. Default 1 h. */
  settledMs?: number;
  /**
   * A day is built when nobody has announced rows for it this long; longer than any INSERT may run (60 s) plus the time
   * between a mark and its INSERT. Default 120 s.
   */
  quietMs?: number;
  /** From a finished build until questions read it: longer than a query may plan. Default 10 s. */
  graceMs?: number;
  /** Throws every build away first. */
  everything?: boolean;
}

export interface Rebuilt {
  rollup: string;
  days: number;
  rows: number;
}

export interface Rollups {
  /**
   * Days (UTC, `YYYY-MM-DD`) whose rows are about to change or have changed: from now on they are answered from
   * `events`. Call it before the change starts, and again after it when it may have taken longer than `quietMs`.
   */
  markDirty(days: readonly string[]): Promise<void>;
  /** Builds every finished day that is not clean; repeating it, or running it twice at once, changes nothing. */
  rebuild(options?: RebuildOptions): Promise<Rebuilt[]>;
}

/** Rows of one INSERT: bounds its memory. */
const CHUNK_ROWS = 1_000_000;
/** A build that no mark names after this time was given up. */
const ABANDONED_MS = 60 * 60_000;
const EPOCH_MS = Date.UTC(2020, 0, 1);
const DAY_BITS = 16n;
const CHANCE_BITS = 6n;
const BUILD_MS = 10 * 60_000;

/** Milliseconds, a little chance and the day's number: no two builds of any day share a name. */
export const buildBase = (startedMs: number, chance: number): bigint =>
  (BigInt(startedMs - EPOCH_MS) << (DAY_BITS + CHANCE_BITS)) |
  (BigInt(Math.floor(chance * 2 ** Number(CHANCE_BITS))) << DAY_BITS);

/** When a build was started, epoch ms. */
const startedAt = (build: bigint): number => Number(build >> (DAY_BITS + CHANCE_BITS)) + EPOCH_MS;

export const createRollups = ({
  clickhouse,
  database,
  log,
  clock = systemClock,
  random = Math.random,
}: {
  /** As writer. */
  clickhouse: () => ClickHouse;
  database: string;
  log: Log;
  clock?: Clock;
  random?: () => number;
}): Rollups => {
  const definitions = rollupDefinitions();

  const markDirty = async (days: readonly string[]): Promise<void> => {
    if (days.length === 0) return;
    // versions are the database's own time: marks of several collectors stay in order. A tie is dirty.
    await clickhouse().command(
      `INSERT INTO ${database}.clean_days (rollup, day, build, built, version, clean)
       SELECT rollup, day, 0, now64(3), toUnixTimestamp64Micro(now64(6)) * 2 + 1, 0
       FROM (SELECT arrayJoin({rollups:Array(String)}) AS rollup) AS r
       CROSS JOIN (SELECT arrayJoin({days:Array(Date)}) AS day) AS d`,
      {
        parameters: { rollups: definitions.map(({ key }) => key), days },
        settings: { max_execution_time: 10, insert_deduplicate: 0, async_insert: 0 },
      },
    );
  };

  /** Finished days with rows and without a clean build, oldest mark considered; newest first. */
  const candidates = (
    { key }: RollupDefinition,
    { settledMs, quietMs }: Required<RebuildOptions>,
  ): Promise<{ day: string; n: number }[]> =>
    clickhouse().rows<{ day: string; n: number }>(
      `SELECT toString(toDate(ts)) AS day, count() AS n
       FROM ${database}.events
       WHERE toDate(ts) < today()
         AND toDate(ts) NOT IN (
           SELECT day FROM ${database}.clean_days FINAL
           WHERE rollup = {key:String}
             AND (clean = 1 OR version > (toUnixTimestamp64Micro(now64(6)) - {quiet:UInt64}) * 2 + 1))
       GROUP BY toDate(ts)
       HAVING toDateTime(toDate(ts) + 1, 'UTC') <= now() - toIntervalSecond({settled:UInt32})
       ORDER BY day DESC`,
      { parameters: { key, quiet: quietMs * 1000, settled: Math.ceil(settledMs / 1000) } },
    );

  const build = async (
    { name, key }: RollupDefinition,
    days: readonly string[],
    { quietMs, graceMs }: Required<RebuildOptions>,
  ): Promise<number> => {
    const base = buildBase(clock.now(), random()).toString();
    // A mark whose INSERT into clean_days was on its way when this build began carries a time from before: the build
    // claims no more than what it has checked, so every mark younger than `quietMs` at its start wins.
    const [start] = await clickhouse().rows<{ version: string }>(
      `SELECT toString((toUnixTimestamp64Micro(now64(6)) - {quiet:UInt64}) * 2 + 2) AS version`,
      { parameters: { quiet: quietMs * 1000 } },
    );
    await clickhouse().command(
      `INSERT INTO ${database}.${name}_days
       SELECT *, {base:UInt64} + toUInt16(toDate(ts)) AS build FROM ${database}.${name}_rows(days={days:Array(Date)})`,
      {
        parameters: { days, base },
        settings: {
          insert_deduplicate: 0,
          async_insert: 0,
          max_partitions_per_insert_block: 0,
          max_insert_threads: 1,
        },
        timeoutMs: BUILD_MS,
      },
    );
    await clickhouse().command(
      `INSERT INTO ${database}.clean_days (rollup, day, build, built, version, clean)
       SELECT {key:String}, day, {base:UInt64} + toUInt16(day), now64(3) + toIntervalMillisecond({grace:UInt32}), {version:UInt64}, 1
       FROM (SELECT arrayJoin({days:Array(Date)}) AS day)`,
      {
        parameters: { key, days, base, grace: graceMs, version: start!.version },
        settings: { max_execution_time: 10, insert_deduplicate: 0, async_insert: 0 },
      },
    );
    const [count] = await clickhouse().rows<{ n: number }>(
      `SELECT count() AS n FROM ${database}.${name}_days WHERE build >= {base:UInt64} AND build < {base:UInt64} + 65536`,
      { parameters: { base } },
    );
    return count!.n;
  };

  /** Builds that no mark names any more, or that were given up before their mark. */
  const sweep = async ({ name, key }: RollupDefinition): Promise<void> => {
    const parts = await clickhouse().rows<{ id: string; build: string }>(
      `SELECT DISTINCT partition_id AS id, toString(toUInt64(extract(partition, ',(\\\\d+)\\\\)$'))) AS build
       FROM system.parts
       WHERE database = {database:String} AND table = {table:String} AND active`,
      { parameters: { database, table: `${name}_days` } },
    );
    const marks = await clickhouse().rows<{ build: string; day: number; clean: number; settled: number }>(
      `SELECT toString(build) AS build, toUInt16(day) AS day, clean, built <= now64(3) - INTERVAL 2 MINUTE AS settled
       FROM ${database}.clean_days FINAL WHERE rollup = {key:String}`,
      { parameters: { key } },
    );
    const marked = new Map(marks.map((mark) => [mark.day, mark]));
    for (const { id, build } of parts) {
      const number = BigInt(build);
      const mark = marked.get(Number(number & 0xffffn));
      if (mark?.clean === 1 && mark.build === build) continue;
      // a query that was planned before the last mark may still want what that mark replaced
      if (mark?.settled === 0) continue;
      const replaced = mark?.clean === 1 && BigInt(mark.build) > number;
      if (!replaced && startedAt(number) > clock.now() - ABANDONED_MS) continue;
      await clickhouse().command(`ALTER TABLE ${database}.${name}_days DROP PARTITION ID '${id}'`);
    }
  };

  return {
    markDirty,
    rebuild: async (options = {}) => {
      const all = { settledMs: 3_600_000, quietMs: 120_000, graceMs: 10_000, everything: false, ...options };
      const done: Rebuilt[] = [];
      for (const rollup of definitions) {
        if (all.everything) {
          await clickhouse().command(
            `INSERT INTO ${database}.clean_days (rollup, day, build, built, version, clean)
             SELECT rollup, day, 0, now64(3), version + 1, 0 FROM ${database}.clean_days FINAL
             WHERE rollup = {key:String} AND clean = 1`,
            { parameters: { key: rollup.key }, settings: { insert_deduplicate: 0 } },
          );
        }
        const days = await candidates(rollup, all);
        let rows = 0;
        for (const chunk of chunks(days)) {
          rows += await build(rollup, chunk, all);
        }
        await sweep(rollup);
        if (days.length > 0) done.push({ rollup: rollup.name, days: days.length, rows });
      }
      if (done.length > 0) log.info('rollups.rebuilt', { rollups: done });
      return done;
    },
  };
};

/** Days that go into one INSERT; a day is never split. */
const chunks = (days: readonly { day: string; n: number }[]): string[][] => {
  const result: string[][] = [];
  let rows = Infinity;
  for (const { day, n } of days) {
    if (rows + n > CHUNK_ROWS || result.at(-1)!.length >= 100) {
      result.push([]);
      rows = 0;
    }
    result.at(-1)!.push(day);
    rows += n;
  }
  return result;
};
