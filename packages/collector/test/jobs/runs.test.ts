import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StaleFence } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { createRunner, type Job } from '../../src/jobs/runner.js';
import { openDiskRuns } from '../../src/jobs/runs-disk.js';
import { openRedisRuns } from '../../src/jobs/runs-redis.js';
import type { JobRuns } from '../../src/jobs/runs.js';
import type { Slot } from '../../src/jobs/slots.js';
import { startRedis } from './redis.js';

const MINUTE = 60_000;
const START = Date.parse('2026-11-02T10:00:00Z');
const slot = (minute: number): Slot => ({
  id: new Date(START + minute * MINUTE).toISOString(),
  at: START + minute * MINUTE,
});

interface Backend {
  open(): JobRuns;
  /** Lets the lease of `ttlMs` run out. */
  sleep(ms: number): Promise<void>;
  clear(): void;
}

let now = START;
const clock = { now: () => now };

const stale = async (call: Promise<unknown>): Promise<void> => {
  try {
    await call;
  } catch (error) {
    expect(error).to.be.instanceOf(StaleFence);
    return;
  }
  expect.fail('the call of a stale holder was let through');
};

const conformance = (name: string, make: () => Promise<Backend & { stop(): Promise<void> }>): void => {
  describe(`job runs on ${name}`, () => {
    let backend: Backend & { stop(): Promise<void> };
    let runs: JobRuns;
    before(async () => {
      backend = await make();
    });
    beforeEach(() => {
      now = START;
      backend.clear();
      runs = backend.open();
    });
    afterEach(() => runs.close());
    after(() => backend.stop());

    it('lends a job to one holder at a time, with rising numbers', async () => {
      const first = await runs.acquire('a', 'one', 60_000);
      expect(await runs.acquire('a', 'two', 60_000)).to.equal(null);
      expect(await runs.acquire('b', 'two', 60_000)).to.be.a('number');
      await runs.release('a', first!);
      const second = await runs.acquire('a', 'two', 60_000);
      expect(second).to.be.greaterThan(first!);
    });

    it('refuses every writing call of a holder that slept past its lease', async () => {
      const old = (await runs.acquire('a', 'one', 1_000))!;
      await runs.begin('a', slot(0), old);
      await backend.sleep(1_500);
      const young = (await runs.acquire('a', 'two', 10_000))!;
      expect(await runs.renew('a', old, 10_000)).to.equal(false);
      await stale(runs.begin('a', slot(0), old));
      await stale(runs.finish('a', slot(0), old, { rows: 1 }));
      await runs.release('a', old);
      expect(await runs.acquire('a', 'three', 10_000)).to.equal(null);
      expect(await runs.lastDone('a')).to.equal(null);
      await runs.finish('a', slot(0), young, { rows: 2 });
      expect(await runs.lastDone('a')).to.equal(slot(0).at);
    });

    it('remembers what is done across a restart, and what failed is not done', async () => {
      const fence = (await runs.acquire('a', 'one', 10_000))!;
      await runs.begin('a', slot(0), fence);
      await runs.finish('a', slot(0), fence, { rows: 7 });
      await runs.begin('a', slot(5), fence);
      await runs.finish('a', slot(5), fence, { error: 'no answer' });
      await runs.close();
      runs = backend.open();
      expect(await runs.lastDone('a')).to.equal(slot(0).at);
      expect((await runs.list()).map(({ slot: id, state, error }) => ({ id, state, error }))).to.eql([
        { id: slot(5).id, state: 'failed', error: 'no answer' },
      ]);
    });

    it('gives each slot one effect when two processes turn at once and one of them sleeps', async () => {
      const effects: string[] = [];
      const other = backend.open();
      let release = (): void => {};
      const asleep = new Promise<void>((resolve) => (release = resolve));
      let entered = (): void => {};
      const inside = new Promise<void>((resolve) => (entered = resolve));
      const job = (who: string, before: () => Promise<void>): Job => ({
        name: 'a',
        rule: { kind: 'every', minutes: 5 },
        run: async (at, guard) => {
          await before();
          await guard();
          effects.push(`${who} ${at.id}`);
          return { rows: 1 };
        },
      });
      const runner = (who: string, store: JobRuns, before: () => Promise<void>) =>
        createRunner({
          jobs: [job(who, before)],
          runs: store,
          clock,
          log: silentLog,
          owner: who,
          leaseMs: 1_000,
          // a process that is stopped does not renew
          renewMs: 60_000,
        });
      const sleeper = runner('sleeper', runs, () => (entered(), asleep)).turn();
      await inside;
      await backend.sleep(1_500);
      await runner('awake', other, () => Promise.resolve()).turn();
      release();
      await sleeper;
      expect(effects).to.eql([`awake ${slot(0).id}`]);
      await other.close();
    });
  });
};

conformance('disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lintel-jobs-'));
  let n = 0;
  return Promise.resolve({
    open: () => openDiskRuns(join(folder, String(n)), clock),
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
    clear: () => {
      n += 1;
    },
    stop: () => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  });
});

conformance('Redis', async () => {
  const { url, stop } = await startRedis();
  let n = 0;
  return {
    open: () => openRedisRuns(`${url}/${n % 16}`, clock),
    sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
    clear: () => {
      n += 1;
    },
    stop,
  };
});

describe('runner', () => {
  let runs: JobRuns;
  let folder: string;
  beforeEach(() => {
    now = START;
    folder = mkdtempSync(join(tmpdir(), 'lintel-jobs-'));
    runs = openDiskRuns(folder, clock);
  });
  afterEach(async () => {
    await runs.close();
    rmSync(folder, { recursive: true });
  });
  const seen = (over: Partial<Job> = {}) => {
    const slots: string[] = [];
    const { turn } = createRunner({
      jobs: [
        {
          name: 'a',
          rule: { kind: 'every', minutes: 5 },
          run: (at) => {
            slots.push(at.id.slice(11, 16));
            return Promise.resolve({ rows: 1 });
          },
          ...over,
        },
      ],
      runs,
      clock,
      log: silentLog,
      owner: 'one',
    });
    return { slots, turn };
  };

  it('begins with the newest slot, then makes up for what was missed, each once', async () => {
    const { slots, turn } = seen();
    await turn();
    await turn();
    now += 16 * MINUTE;
    await turn();
    await turn();
    expect(slots).to.eql(['10:00', '10:05', '10:10', '10:15']);
  });

  it('runs only the newest missed slot of a job that wants no more', async () => {
    const { slots, turn } = seen({ latest: true });
    await turn();
    now += 16 * MINUTE;
    await turn();
    expect(slots).to.eql(['10:00', '10:15']);
  });

  it('tries a failed slot again, later and later', async () => {
    const tried: string[] = [];
    let broken = true;
    const { turn } = seen({
      run: (at) => {
        tried.push(`${at.id.slice(11, 16)} at ${new Date(now).toISOString().slice(11, 19)}`);
        return broken ? Promise.reject(new Error('no answer')) : Promise.resolve({ rows: 1 });
      },
    });
    await turn();
    await turn();
    now += 10_000;
    await turn();
    now += 10_000;
    await turn();
    now += 5 * MINUTE;
    broken = false;
    await turn();
    expect(tried).to.eql(['10:00 at 10:00:00', '10:00 at 10:00:10', '10:05 at 10:05:20']);
  });
});
