import { expect } from 'chai';
import fc from 'fast-check';
import { rollupDefinitions } from '../../src/schema/definitions.js';
import { silentLog } from '../../src/log.js';
import { createRollups, type ClickHouse } from '../../src/schema/index.js';
import { DAY_MS, useDatabase, type TestEvent } from './support.js';

/** Marks are believed, days are built and old weeks put together at once. */
const NOW = { settledMs: 0, quietMs: 0, graceMs: 0, restMs: 0 };
const today = (): number => Math.floor(Date.now() / DAY_MS) * DAY_MS;
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

describe('roll-ups', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  const db = useDatabase('each');

  /** Rows, and a hash of all of them that does not depend on their order. */
  const fingerprint = async (sql: string): Promise<string> => {
    const [row] = await db
      .as('migrator')
      .rows<{ n: number; hash: string }>(
        `SELECT count() AS n, toString(sum(cityHash64(toString(tuple(*))))) AS hash FROM (${sql})`,
      );
    return `${row!.n}:${row!.hash}`;
  };

  const expectExact = async (message: string): Promise<void> => {
    for (const { name, select } of rollupDefinitions()) {
      const [view, events] = [await fingerprint(`SELECT * FROM ${name}`), await fingerprint(select)];
      expect(view, `${name}, ${message}`).to.equal(events);
    }
  };

  const cleanDays = async (name: string): Promise<string[]> => {
    const { key } = rollupDefinitions().find((rollup) => rollup.name === name)!;
    const rows = await db.as('migrator').rows<{
      day: string;
    }>('SELECT toString(day) AS day FROM clean_days FINAL WHERE rollup = {key:String} AND clean = 1 ORDER BY day', {
      parameters: { key },
    });
    return rows.map(({ day }) => day);
  };

  let seq = 0;
  const anEvent = (ts: number, more: Partial<TestEvent> = {}): TestEvent => ({
    ts,
    type: 'page_view',
    path: '/',
    visitor: 7,
    session: 9,
    seq: seq++,
    ...more,
  });

  it('never build today, a day that ended within the hour, or one that somebody just announced rows for', async () => {
    const day = today();
    await db.store([
      anEvent(day),
      anEvent(day - DAY_MS),
      anEvent(day - 3 * DAY_MS),
      anEvent(day - 4 * DAY_MS),
    ]);
    await db.rollups.markDirty([isoDay(day - 3 * DAY_MS)]);
    // how far into the day the test runs decides about yesterday
    const settledMs = Date.now() - day + 3_600_000;
    await db.rollups.rebuild({ settledMs, quietMs: 120_000, graceMs: 0 });
    expect(await cleanDays('journey')).to.deep.equal([isoDay(day - 4 * DAY_MS)]);
    await db.rollups.rebuild(NOW);
    expect(await cleanDays('journey')).to.deep.equal([4, 3, 1].map((ago) => isoDay(day - ago * DAY_MS)));
  });

  it('answer clean days from the table and every other day from events', async () => {
    const day = today();
    await db.store([anEvent(day - DAY_MS), anEvent(day - 2 * DAY_MS), anEvent(day)]);
    await db.rollups.rebuild(NOW);
    // a row that nobody announced shows where each day is read
    await db.store([anEvent(day - DAY_MS), anEvent(day)]);
    const count = async (): Promise<number> =>
      (await db.as('migrator').rows<{ n: number }>('SELECT count() AS n FROM journey'))[0]!.n;
    expect(await count()).to.equal(4);
    await db.rollups.markDirty([isoDay(day - DAY_MS)]);
    expect(await count()).to.equal(5);
    await db.rollups.rebuild(NOW);
    expect(await count()).to.equal(5);
    await expectExact('after the late row');
  });

  it('forget what was built when their table is made anew', async () => {
    await db.store([anEvent(today() - 2 * DAY_MS)]);
    await db.rollups.rebuild(NOW);
    expect(await cleanDays('journey')).to.have.length(1);
    // as another build leaves it, and this one after it
    await db.as('migrator').command("ALTER TABLE journey_days MODIFY COMMENT 'of another build'");
    await db.migrate();
    expect(await cleanDays('journey')).to.deep.equal([]);
    await expectExact('before the days are built again');
    await db.rollups.rebuild(NOW);
    // nobody announced it: only a view that reads events shows it
    await db.store([anEvent(today() - 2 * DAY_MS)]);
    const [seen] = await db.as('migrator').rows<{ n: number }>('SELECT count() AS n FROM journey');
    expect(seen!.n, 'read from the table').to.equal(1);
  });

  it('equal their SELECT over events, whatever was stored, marked, built, erased in whatever order', async function () {
    this.timeout(400_000);
    // three whole weeks at least: old ones are put together
    const from = today() - 27 * DAY_MS;
    const event = fc.record({
      at: fc.oneof(
        fc.integer({ min: 0, max: 28 * DAY_MS - 1 }),
        // some days often
        fc.integer({ min: 4 * DAY_MS, max: 8 * DAY_MS - 1 }),
        fc.integer({ min: 26 * DAY_MS, max: 28 * DAY_MS - 1 }),
      ),
      type: fc.constantFrom(
        'page_view',
        'option_select',
        'config',
        'inquiry',
        'order',
        'click',
        'vital',
        'error',
        'rage_click',
        'scroll',
        'page_leave',
        'exposure',
        'request',
        'stream_end',
      ),
      visitor: fc.integer({ min: 0, max: 5 }),
      session: fc.integer({ min: 1, max: 8 }),
      bot: fc.constantFrom(0, 0, 0, 1),
      price_cents: fc.integer({ min: 0, max: 1_000_000 }),
    });
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('store' as const),
          events: fc.array(event, { minLength: 1, maxLength: 12 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('rebuild' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('twice' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('killed' as const),
          after: fc.integer({ min: 0, max: 12 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('erase' as const),
          visitor: fc.integer({ min: 0, max: 5 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const) }) },
    );
    const days = Array.from({ length: 28 }, (_, index) => isoDay(from + index * DAY_MS));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        for (const what of steps) {
          if (what.kind === 'store') {
            const rows = what.events.map((one) =>
              anEvent(from + one.at, { ...one, ts: from + one.at, at: undefined }),
            );
            // the flush's promise: mark before, then store
            await db.rollups.markDirty([...new Set(rows.map(({ ts }) => isoDay(ts)))]);
            await db.store(rows.map(({ at: _at, ...row }) => row as TestEvent));
          } else if (what.kind === 'rebuild') await db.rollups.rebuild(NOW);
          else if (what.kind === 'twice')
            await Promise.all([db.rollups.rebuild(NOW), db.rollups.rebuild(NOW)]);
          else if (what.kind === 'forget') await db.rollups.rebuild({ ...NOW, everything: true });
          else if (what.kind === 'killed') {
            let left = what.after;
            const dying: ClickHouse = {
              ...db.as('writer'),
              command: (sql, options) =>
                left-- > 0 ? db.as('writer').command(sql, options) : Promise.reject(new Error('killed')),
            };
            await createRollups({ clickhouse: () => dying, database: 'lintel', log: silentLog })
              .rebuild(NOW)
              .catch(() => {});
          } else {
            await db.rollups.markDirty(days);
            await db
              .as('migrator')
              .command(
                `ALTER TABLE events DELETE WHERE visitor = ${what.visitor} SETTINGS mutations_sync = 2`,
              );
          }
          await expectExact(what.kind);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('stay exact for a reader at every moment while rows arrive, days are marked and built', async function () {
    this.timeout(180_000);
    const day = today();
    const days = [1, 2, 3].map((ago) => day - ago * DAY_MS);
    await db.store(days.map((at) => anEvent(at)));
    let stored = 3;
    let announced = 3;
    let running = true;
    const options = { settledMs: 0, quietMs: 300, graceMs: 100 };
    const builder = (async () => {
      while (running) await db.rollups.rebuild(options);
    })();
    const second = (async () => {
      while (running) await db.rollups.rebuild(options);
    })();
    const writer = (async () => {
      for (let round = 0; round < 25; round++) {
        const rows = days.map((at) => anEvent(at + round * 1000));
        await db.rollups.markDirty(days.map(isoDay));
        announced += rows.length;
        await db.store(rows);
        stored += rows.length;
        // every third round waits long enough for the days to become clean again
        await new Promise((resolve) => setTimeout(resolve, round % 3 === 0 ? 700 : 30));
      }
      running = false;
    })();
    const seen: string[] = [];
    let reads = 0;
    let clean = 0;
    while (running) {
      const least = stored;
      const [row] = await db
        .as('migrator')
        .rows<{ days: number }>(
          'SELECT count() AS days FROM clean_days FINAL WHERE clean = 1 AND built <= now64(3)',
        );
      const [sum] = await db.as('migrator').rows<{ n: number }>('SELECT count() AS n FROM journey');
      reads++;
      clean += row!.days > 0 ? 1 : 0;
      if (sum!.n < least || sum!.n > announced) seen.push(`${least} ≤ ${sum!.n} ≤ ${announced}`);
    }
    await Promise.all([builder, second, writer]);
    expect(seen).to.deep.equal([]);
    expect(reads).to.be.greaterThan(20);
    expect(clean).to.be.greaterThan(0);
    await expectExact('at the end');
  });

  it('show a query one set of clean days, however fast marks change', async function () {
    this.timeout(180_000);
    await db.store([anEvent(today() - 2 * DAY_MS)]);
    await db.rollups.rebuild(NOW);
    let running = true;
    const flip = (clean: number): Promise<void> =>
      db
        .as('migrator')
        .command(
          `INSERT INTO clean_days SELECT rollup, day, max(build), now64(3) - 1, max(version) + 1, ${clean} FROM clean_days GROUP BY clean_days.rollup, day`,
        );
    const flipper = (async () => {
      while (running) {
        await flip(0);
        await flip(1);
      }
    })();
    const counts = new Map<number, number>();
    for (let read = 0; read < 120; read++) {
      // several mentions of the roll-up in one query, as questions have them
      const rows = await db
        .as('migrator')
        .rows<{ n: number }>(
          'SELECT count() AS n FROM journey WHERE visitor IN (SELECT visitor FROM journey) UNION ALL SELECT count() FROM journey',
        );
      for (const { n } of rows) counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    running = false;
    await flipper;
    expect([...counts.keys()]).to.deep.equal([1]);
  });

  describe('of an old week', () => {
    /** A Monday whose week has been over for seven days at least. */
    const monday = today() - 14 * DAY_MS - ((new Date(today()).getUTCDay() + 6) % 7) * DAY_MS;
    const week = [0, 1, 2, 3, 4, 5, 6].map((n) => monday + n * DAY_MS);
    const partitions = async (): Promise<number> =>
      (
        await db.as('migrator').rows<{
          n: number;
        }>(`SELECT uniqExact(partition) AS n FROM system.parts WHERE database = 'lintel' AND table = 'journey_days' AND active`)
      )[0]!.n;
    const lateRow = async (at: number): Promise<void> => {
      await db.rollups.markDirty([isoDay(at)]);
      await db.store([anEvent(at)]);
    };

    it('lie together, and each day of this one apart', async () => {
      await db.store([...week, today() - DAY_MS, today() - 2 * DAY_MS].map((at) => anEvent(at)));
      await db.rollups.rebuild(NOW);
      expect(await partitions()).to.equal(3);
      expect(await cleanDays('journey')).to.have.length(9);
      await expectExact('built');
    });

    it('come together again after a late row, a day later, and what was there before goes', async () => {
      await db.store(week.map((at) => anEvent(at)));
      await db.rollups.rebuild(NOW);
      await lateRow(week[3]!);
      await expectExact('dirty');
      await db.rollups.rebuild({ ...NOW, restMs: DAY_MS });
      await db.rollups.rebuild({ ...NOW, restMs: DAY_MS, sweepMs: 0 });
      expect(await partitions(), 'the day alone').to.equal(2);
      await expectExact('one day by itself');
      await db.rollups.rebuild(NOW);
      expect(await partitions(), 'together, and both from before').to.equal(3);
      await expectExact('together');
      await db.rollups.rebuild({ ...NOW, sweepMs: 0 });
      expect(await partitions()).to.equal(1);
      expect(await cleanDays('journey')).to.have.length(7);
      await expectExact('swept');
    });

    it('keep what no event tells of any more', async () => {
      await db.store(week.map((at) => anEvent(at)));
      await db.rollups.rebuild(NOW);
      await lateRow(week[3]!);
      await db.rollups.rebuild({ ...NOW, restMs: DAY_MS });
      // as retention takes them, which tells no roll-up
      await db.as('migrator').command('TRUNCATE TABLE events');
      await db.rollups.rebuild({ ...NOW, sweepMs: 0 });
      await db.rollups.rebuild({ ...NOW, sweepMs: 0 });
      expect(await partitions()).to.equal(1);
      const [kept] = await db.as('migrator').rows<{ n: number }>('SELECT count() AS n FROM journey');
      expect(kept!.n).to.equal(8);
    });

    it('keep no row of a day whose events were all erased', async () => {
      await db.store(week.map((at, n) => anEvent(at, { visitor: n + 1 })));
      await db.rollups.rebuild(NOW);
      await db.rollups.markDirty([isoDay(week[3]!)]);
      await db
        .as('migrator')
        .command('ALTER TABLE events DELETE WHERE visitor = 4 SETTINGS mutations_sync = 2');
      const rows = async (): Promise<number> =>
        (await db.as('migrator').rows<{ n: number }>('SELECT count() AS n FROM journey_days'))[0]!.n;
      await db.rollups.rebuild({ ...NOW, restMs: DAY_MS, sweepMs: 0 });
      expect(await rows()).to.equal(7);
      await db.rollups.rebuild({ ...NOW, sweepMs: 0 });
      await db.rollups.rebuild({ ...NOW, sweepMs: 0 });
      expect(await rows()).to.equal(6);
      expect(await partitions()).to.equal(1);
      await expectExact('erased');
    });

    it('lose nothing to a row that comes while they are put together', async () => {
      await db.store(week.map((at) => anEvent(at)));
      await db.rollups.rebuild(NOW);
      await lateRow(week[3]!);
      await db.rollups.rebuild({ ...NOW, restMs: DAY_MS });
      const writer = db.as('writer');
      const interrupted: ClickHouse = {
        ...writer,
        command: async (sql, options) => {
          // the copy is made, its marks are not yet
          if (sql.includes('.clean_days') && options?.parameters?.['key']?.toString().startsWith('journey'))
            await lateRow(week[5]!);
          return writer.command(sql, options);
        },
      };
      await createRollups({ clickhouse: () => interrupted, database: 'lintel', log: silentLog }).rebuild(NOW);
      await expectExact('a row in between');
      expect(await cleanDays('journey')).to.not.include(isoDay(week[5]!));
    });
  });

  it('drop builds that nobody reads, and only those', async () => {
    const day = today();
    await db.store([anEvent(day - 2 * DAY_MS)]);
    await db.rollups.rebuild(NOW);
    await db.rollups.markDirty([isoDay(day - 2 * DAY_MS)]);
    await db.rollups.rebuild(NOW);
    const partitions = async (): Promise<number> =>
      (
        await db.as('migrator').rows<{
          n: number;
        }>("SELECT uniqExact(partition) AS n FROM system.parts WHERE database = 'lintel' AND table = 'journey_days' AND active")
      )[0]!.n;
    // the replaced build may still be wanted by a query that was planned a moment ago
    expect(await partitions()).to.equal(2);
    await db.rollups.rebuild({ ...NOW, sweepMs: 0 });
    expect(await partitions()).to.equal(1);
    await expectExact('after the sweep');
  });
});
