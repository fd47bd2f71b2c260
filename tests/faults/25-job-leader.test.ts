import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { OPENING, RANGE, shop } from '../../packages/collector/test/questions/shop.js';
import { startDatabase, type TestDatabase } from '../../packages/collector/test/schema/support.js';
import { freshFolder } from '../support/folder.js';
import { leadJobs, openRuns, STEPS, type LeaderOptions, type Step } from '../support/leader.js';
import { startRedis, type Redis } from '../support/redis.js';
import { EVERYTHING } from '../support/scale.js';
import { until } from '../support/until.js';

const TABLES = [
  'ledger_checks',
  'popular_configs_ranking',
  'performance_hourly',
  'daily_summary',
  'quality_daily',
  'weekly_behaviour',
  'forecast_log',
  'segment_members',
];
/** Tuesday after the shop's week, 06:00 in Vienna: every job is due. */
const NOW = RANGE.to + 30 * 3_600_000;
const LEASE_MS = 1500;
/** A job that writes one table, one that replaces a partition and writes, one of every site. */
const VICTIMS = ['summarise-day:1', 'analyse-behaviour:1', 'rank-configs'];
/** Jobs whose tables are compared. Roll-ups have their own tests; the report of a month is due on its first week only. */
const JOBS = {
  sample: ['verify-ledger', 'check-quality', 'rank-configs', 'summarise-day:1'],
  all: ['verify-ledger', 'check-quality', 'aggregate-performance', 'forecast:1', ...VICTIMS],
};
/** In `npm test`: a third of the steps, on the job that writes most. */
const SAMPLE: readonly Step[] = ['begun', 'guarded', 'written'];

interface Done {
  ran: string[];
  outcomes: Record<string, string>;
}
interface Leader {
  process: ChildProcess;
  /** It stands at its step. */
  at: Promise<void>;
  done: Promise<Done>;
}

/** Fault 25: who runs the jobs is killed, or sleeps past his lease, at each step of a job. */
describe('25 the leader of the jobs dies', function () {
  this.timeout(EVERYTHING ? 3_600_000 : 300_000);
  let database: TestDatabase;
  let redis: Redis | null = null;
  const folder = freshFolder();
  const leaders = new Set<ChildProcess>();
  let nth = 0;

  before(async () => {
    database = await startDatabase();
    await database.store(shop());
    if (EVERYTHING) redis = await startRedis();
  });
  afterEach(() => {
    for (const leader of leaders) leader.kill('SIGKILL');
    leaders.clear();
  });
  after(async () => {
    await database?.stop();
    await redis?.remove();
    folder.remove();
  });

  const optionsOf = (runs: string, owner: string): LeaderOptions => {
    const { writer, reader } = database.engine.credentials;
    return {
      owner,
      now: NOW,
      clickhouse: { url: database.engine.url, writer, reader },
      runs,
      leaseMs: LEASE_MS,
      only: EVERYTHING ? JOBS.all : JOBS.sample,
    };
  };

  /** A leader in a process of its own, which stops at a step ("job step") and waits. */
  const startLeader = (options: LeaderOptions, pause = ''): Leader => {
    const child = spawn(
      process.execPath,
      [
        '--import=tsx',
        '--conditions=source',
        fileURLToPath(new URL('../support/job-leader.ts', import.meta.url)),
        pause,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    leaders.add(child);
    child.stdin.end(JSON.stringify(options));
    const lines = createInterface({ input: child.stdout });
    let arrived = (): void => undefined;
    const at = new Promise<void>((resolve) => (arrived = resolve));
    const done = new Promise<Done>((resolve, reject) => {
      lines.on('line', (line) => (line === 'at' ? arrived() : resolve(JSON.parse(line) as Done)));
      child.once('close', () => reject(new Error('the leader is gone')));
    });
    done.catch(() => undefined);
    return { process: child, at, done };
  };
  const gone = (child: ChildProcess): Promise<void> =>
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => child.once('close', () => resolve()));

  /** What the tables say: the rows that hold, without the version that tells the holders of a slot apart. */
  const content = async (): Promise<Record<string, unknown[]>> =>
    Object.fromEntries(
      await Promise.all(
        TABLES.map(async (table): Promise<[string, unknown[]]> => [
          table,
          await database
            .as('steward')
            .rows(
              table === 'segment_members'
                ? `SELECT * FROM lintel.${table} ORDER BY ALL`
                : `SELECT * EXCEPT version FROM lintel.${table} FINAL ORDER BY ALL`,
            ),
        ]),
      ),
    );
  const empty = async (): Promise<void> => {
    for (const table of TABLES) await database.as('migrator').command(`TRUNCATE TABLE lintel.${table}`);
  };
  const freshRuns = (backend: 'disk' | 'Redis'): string => {
    nth += 1;
    return backend === 'disk' ? `${folder.path}/runs-${nth}` : `${redis!.url}/${nth % 16}`;
  };

  /** Turns in this process until nothing is left to do. */
  const takeOver = async (options: LeaderOptions): Promise<string[]> => {
    const runs = openRuns(options.runs);
    const all: string[] = [];
    try {
      await until(
        'every job has run',
        async () => {
          const { ran } = await leadJobs({ ...options, owner: 'second' }, runs);
          all.push(...ran);
          const states = await runs.list();
          return states.length === options.only.length && states.every(({ state }) => state === 'done');
        },
        300_000,
      );
      // a slot that is done is due no more
      expect((await leadJobs({ ...options, owner: 'third' }, runs)).ran).to.eql([]);
    } finally {
      await runs.close();
    }
    return all;
  };

  /** Another visitor of the shop's day, who saves a house and asks. */
  const someoneComes = async (): Promise<void> => {
    late += 1;
    const visitor = 1000 + late;
    await database.rollups.markDirty(['2026-11-10']);
    await database.store(
      ['page_view', 'config', 'inquiry'].map((type, seq) => ({
        ts: OPENING + seq * 1000,
        type,
        kind: type === 'config' ? 'save' : '',
        seq,
        visitor,
        session: visitor,
        stream: `00000000-0000-4000-8000-00000000${visitor}`,
        model: 'nest-80',
        config_hash: '11',
        parts: { facade: 'wood' },
        price_cents: 20_000_000,
        consent: 'statistics',
      })),
    );
  };
  let late = 0;
  let expected: Record<string, unknown[]>;
  /** What one leader, whom nothing happens to, writes of the events as they are now. */
  const learn = async (): Promise<void> => {
    await empty();
    await takeOver(optionsOf(freshRuns('disk'), 'reference'));
    expected = await content();
  };
  before(async () => {
    await learn();
    expect(expected['daily_summary']).to.have.lengthOf(22);
    expect(expected['quality_daily']!.length).to.be.above(0);
  });

  const points = (victims: readonly string[], steps: readonly Step[]): [string, Step][] =>
    victims.flatMap((victim) => steps.map((step): [string, Step] => [victim, step]));
  const backends = EVERYTHING ? (['disk', 'Redis'] as const) : (['disk'] as const);

  for (const backend of backends) {
    for (const [victim, step] of EVERYTHING ? points(VICTIMS, STEPS) : points(VICTIMS.slice(0, 1), SAMPLE)) {
      it(`killed when ${victim} is ${step}, on ${backend}: another one takes the slot, and its rows are the same`, async () => {
        await empty();
        const options = optionsOf(freshRuns(backend), 'first');
        const first = startLeader(options, `${victim} ${step}`);
        await first.at;
        first.process.kill('SIGKILL');
        await gone(first.process);
        const ran = await takeOver(options);
        const again = ran.filter((name) => name.startsWith(`${victim} `));
        // what was told to be done is not done again; everything else is, once
        expect(again).to.have.lengthOf(step === 'finished' ? 0 : 1);
        expect(new Set(ran).size).to.equal(ran.length);
        expect(await content()).to.eql(expected);
      });
    }

    for (const [victim, step] of EVERYTHING
      ? points(VICTIMS, STEPS)
      : points(VICTIMS.slice(0, 1), ['guarded'])) {
      it(`asleep past its lease when ${victim} is ${step}, on ${backend}: awake it changes nothing`, async () => {
        await empty();
        const options = optionsOf(freshRuns(backend), 'first');
        const first = startLeader(options, `${victim} ${step}`);
        await first.at;
        first.process.kill('SIGSTOP');
        // what comes meanwhile is in the rows of the other one, and was not in those that the sleeper has in hand
        await someoneComes();
        await takeOver(options);
        const before = await content();
        expect(before).to.not.eql(expected);
        first.process.kill('SIGCONT');
        first.process.kill('SIGUSR2');
        const { outcomes } = await first.done;
        if (step !== 'finished') expect(outcomes[victim]).to.equal('stale');
        await gone(first.process);
        expect(await content()).to.eql(before);
        await learn();
      });
    }

    it(`two at once, on ${backend}: each slot is run by one of them`, async () => {
      await empty();
      const options = optionsOf(freshRuns(backend), 'left');
      const both = [startLeader(options), startLeader({ ...options, owner: 'right' })];
      const ran = (await Promise.all(both.map(({ done }) => done))).flatMap((one) => one.ran);
      const rest = await takeOver(options);
      const all = [...ran, ...rest];
      expect(new Set(all).size).to.equal(all.length);
      expect(await content()).to.eql(expected);
    });
  }

  it('a leader that remembers nothing writes the same rows again', async () => {
    await takeOver(optionsOf(freshRuns('disk'), 'forgetful'));
    expect(await content()).to.eql(expected);
  });
});
