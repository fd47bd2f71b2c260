import { randomUUID } from 'node:crypto';
import type { Log } from '../log.js';
import type { ClickHouse } from './clickhouse.js';
import { rollupDefinitions } from './definitions.js';
import type { RollupDefinition } from './rollup-definition.js';

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
  /** Builds that no mark names are dropped when they and the last mark of their week are older than this. Default 1 h. */
  sweepMs?: number;
  /** An old week is put together when none of its marks is younger than this. Default 24 h. */
  restMs?: number;
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
  /**
   * Builds every finished day that is not clean, and puts the days of old weeks together; repeating it, or running it
   * twice at once, changes nothing.
   */
  rebuild(options?: RebuildOptions): Promise<Rebuilt[]>;
  /**
   * Counts one built day of each roll-up again; one that differs from its events is marked dirty.
   * @param nth which of the built days, modulo their number   @returns days that differed
   */
  verify(nth: number): Promise<Difference[]>;
}

export interface Difference {
  rollup: string;
  day: string;
  /** Rows of the build, and rows that its SELECT gives now. */
  kept: number;
  counted: number;
}

/** Rows of one INSERT: bounds its memory. */
const CHUNK_ROWS = 1_000_000;
const BUILD_MS = 10 * 60_000;
const DAY_MS = 86_400_000;

/**
 * Builds of one batch lie in one partition for each week. A young day is a batch of its own, so that it can be replaced
 * alone; the days of a week whose Monday is `{old:Date}` or earlier share one, because a part costs as much as some
 * thousand rows whenever it is read, and questions about the whole life of a site read them all.
 */
const BATCH_SHIFT = 16;
const batchOf = (build: string): string => `bitShiftRight(${build}, ${BATCH_SHIFT})`;
const buildOf = (day: string): string =>
  `bitOr(bitShiftLeft(sipHash64({base:String}, if(toMonday(${day}) <= {old:Date}, toMonday(${day}), ${day})), ${BATCH_SHIFT}), toUInt64(toUInt16(${day})))`;
/** The builds that a statement is given. */
const GIVEN = 'SELECT arrayJoin(arrayMap(build -> toUInt64(build), {builds:Array(String)})) AS build';
/** Such a week has been over for seven days: as long as outboxes keep what they hold. */
const oldMonday = (): string => new Date(Date.now() - 14 * DAY_MS).toISOString().slice(0, 10);

export const createRollups = ({
  clickhouse,
  database,
  log,
}: {
  /** As writer. */
  clickhouse: () => ClickHouse;
  database: string;
  log: Log;
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

  /** Version of a mark that says what was checked from now on. */
  const startVersion = async (quietMs: number): Promise<string> => {
    // A mark whose INSERT into clean_days was on its way when this build began carries a time from before: the build
    // claims no more than what it has checked, so every mark younger than `quietMs` at its start wins.
    const [start] = await clickhouse().rows<{ version: string }>(
      `SELECT toString((toUnixTimestamp64Micro(now64(6)) - {quiet:UInt64}) * 2 + 2) AS version`,
      { parameters: { quiet: quietMs * 1000 } },
    );
    return start!.version;
  };

  /**
   * Writes the builds of some days and marks the days clean.
   * @param base random: two builders never write into one build, nor into one batch
   * @param rows SELECT of the roll-up's columns and nothing else
   */
  const write = async (
    { name, key }: RollupDefinition,
    days: readonly string[],
    {
      base,
      version,
      graceMs,
      rows,
      builds = [],
    }: { base: string; version: string; graceMs: number; rows: string; builds?: readonly string[] },
  ): Promise<number> => {
    const parameters = { key, days, base, old: oldMonday(), builds };
    await clickhouse().command(
      `INSERT INTO ${database}.${name}_days SELECT *, ${buildOf('toDate(ts)')} AS build FROM (${rows})`,
      {
        parameters,
        settings: {
          insert_deduplicate: 0,
          async_insert: 0,
          max_partitions_per_insert_block: 0,
          max_insert_threads: 1,
        },
        timeoutMs: BUILD_MS,
      },
    );
    const built = `(SELECT count() FROM ${database}.${name}_days WHERE build IN (SELECT ${buildOf('day')} FROM (SELECT arrayJoin({days:Array(Date)}) AS day)))`;
    const [count] = await clickhouse().rows<{ n: number }>(`SELECT ${built} AS n`, { parameters });
    // a builder that slept for an hour may find its build swept
    await clickhouse().command(
      `INSERT INTO ${database}.clean_days (rollup, day, build, built, version, clean)
       SELECT {key:String}, day, ${buildOf('day')}, now64(3) + toIntervalMillisecond({grace:UInt32}), {version:UInt64}, 1
       FROM (SELECT arrayJoin({days:Array(Date)}) AS day) WHERE ${built} = {n:UInt64}`,
      {
        parameters: { ...parameters, grace: graceMs, version, n: count!.n },
        settings: { max_execution_time: 10, insert_deduplicate: 0, async_insert: 0 },
      },
    );
    return count!.n;
  };

  const build = async (
    rollup: RollupDefinition,
    days: readonly string[],
    { base, quietMs, graceMs }: Required<RebuildOptions> & { base: string },
  ): Promise<number> =>
    write(rollup, days, {
      base,
      version: await startVersion(quietMs),
      graceMs,
      rows: `SELECT * FROM ${database}.${rollup.name}_rows(days={days:Array(Date)})`,
    });

  /** Whether the batches of a week hold rows of days that are not clean any more, and that nothing will build again. */
  const holdForgotten = async (name: string, builds: readonly string[]): Promise<boolean> => {
    const [row] = await clickhouse().rows<{ n: number }>(
      `SELECT count() AS n FROM ${database}.${name}_days
       WHERE ${batchOf('build')} IN (SELECT ${batchOf('build')} FROM (${GIVEN})) AND build NOT IN (${GIVEN})`,
      { parameters: { builds } },
    );
    return row!.n > 0;
  };

  /**
   * Copies the clean days of old weeks into one batch a week: of those that lie in several, and of those that keep rows of
   * a day whose events are all gone, erased perhaps.
   */
  const gather = async (
    rollup: RollupDefinition,
    { quietMs, graceMs, restMs }: Required<RebuildOptions>,
  ): Promise<void> => {
    // before the marks are read: what replaces one of them afterwards is newer than the copy
    const version = await startVersion(quietMs);
    const weeks = await clickhouse().rows<{ days: string[]; builds: string[]; batches: number }>(
      `SELECT groupArrayIf(toString(day), clean = 1) AS days, groupArrayIf(toString(build), clean = 1) AS builds,
         uniqExactIf(${batchOf('build')}, clean = 1) AS batches
       FROM ${database}.clean_days FINAL
       WHERE rollup = {key:String} AND toMonday(day) <= {old:Date}
       GROUP BY toMonday(day)
       HAVING (batches > 1 OR (batches = 1 AND min(clean) = 0))
         AND max(version) <= (toUnixTimestamp64Micro(now64(6)) - {rest:UInt64}) * 2 + 1
         AND max(built) <= now64(3)
       ORDER BY toMonday(day) DESC`,
      { parameters: { key: rollup.key, old: oldMonday(), rest: restMs * 1000 } },
    );
    for (const { days, builds, batches } of weeks)
      if (batches > 1 || (await holdForgotten(rollup.name, builds)))
        await write(rollup, days, {
          base: randomUUID(),
          version,
          graceMs,
          rows: `SELECT * EXCEPT build FROM ${database}.${rollup.name}_days WHERE build IN (${GIVEN})`,
          builds,
        });
  };

  /** Drops batches of which no mark names a build any more, or that were given up before their mark. */
  const sweep = async (
    { name, key }: RollupDefinition,
    { sweepMs }: Required<RebuildOptions>,
  ): Promise<void> => {
    // a query that was planned before the last mark may still want what that mark replaced
    const old = await clickhouse().rows<{ id: string }>(
      `SELECT id
       FROM (
         SELECT partition_id AS id, toDate(extract(any(partition), '\\d{4}-\\d{2}-\\d{2}')) AS monday,
           toUInt64(extract(any(partition), ',(\\d+)')) AS batch, max(modification_time) AS written
         FROM system.parts
         WHERE database = {database:String} AND table = {table:String} AND active
         GROUP BY partition_id
       ) AS p
       LEFT JOIN (
         SELECT toMonday(day) AS monday, groupUniqArrayIf(${batchOf('build')}, clean = 1) AS batches, max(built) AS last
         FROM ${database}.clean_days FINAL
         WHERE rollup = {key:String}
         GROUP BY monday
       ) AS m ON m.monday = p.monday
       WHERE NOT has(m.batches, p.batch)
         AND p.written <= now() - toIntervalSecond({age:UInt32})
         AND m.last <= now64(3) - toIntervalSecond({age:UInt32})`,
      { parameters: { database, table: `${name}_days`, key, age: Math.ceil(sweepMs / 1000) } },
    );
    for (const { id } of old) {
      await clickhouse().command(`ALTER TABLE ${database}.${name}_days DROP PARTITION ID '${id}'`);
    }
  };

  const verifyOne = async ({ name, key }: RollupDefinition, nth: number): Promise<Difference | null> => {
    const built = (): Promise<{ day: string; build: string }[]> =>
      clickhouse().rows<{ day: string; build: string }>(
        `SELECT toString(day) AS day, toString(build) AS build FROM ${database}.clean_days FINAL
         WHERE rollup = {key:String} AND clean = 1 AND built <= now64(3) ORDER BY clean_days.day`,
        { parameters: { key } },
      );
    const days = await built();
    const one = days[nth % Math.max(1, days.length)];
    if (!one) return null;
    const [counts] = await clickhouse().rows<{ kept: number; counted: number }>(
      `SELECT (SELECT count() FROM ${database}.${name}_days WHERE build = {build:UInt64}) AS kept,
         (SELECT count() FROM ${database}.${name}_rows(days={days:Array(Date)})) AS counted`,
      { parameters: { build: one.build, days: [one.day] } },
    );
    const { kept, counted } = counts!;
    if (kept === counted) return null;
    // rows that were announced meanwhile made the day dirty, as they should
    const still = (await built()).some(({ day, build }) => day === one.day && build === one.build);
    if (!still) return null;
    await markDirty([one.day]);
    return { rollup: name, day: one.day, kept, counted };
  };

  return {
    markDirty,
    verify: async (nth) => {
      const found: Difference[] = [];
      for (const rollup of definitions) {
        const difference = await verifyOne(rollup, nth);
        if (difference) found.push(difference);
      }
      return found;
    },
    rebuild: async (options = {}) => {
      const all = {
        settledMs: 3_600_000,
        quietMs: 120_000,
        graceMs: 10_000,
        sweepMs: 3_600_000,
        restMs: DAY_MS,
        everything: false,
        ...options,
      };
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
        // of one run: days of one week share a batch even if two statements write them
        const base = randomUUID();
        let rows = 0;
        for (const chunk of chunks(days)) {
          rows += await build(rollup, chunk, { ...all, base });
        }
        await gather(rollup, all);
        await sweep(rollup, all);
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
