import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { startRedis, type Redis } from '../support/redis.js';
import { until } from '../support/until.js';

const KILLS = Number(process.env['LINTEL_KILLS'] ?? 200);
const SEED = Number(process.env['LINTEL_SEED'] ?? 20_261_125);

/** Seeded, so that a run can be repeated as far as processes allow. Source: Park & Miller (1988). */
const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

/**
 * Faults 2, 4 and 9 at random moments: kill -9 of the collector, of Redis and of ClickHouse under about 500 events a
 * second. `LINTEL_KILLS` (200) and `LINTEL_SEED` change the run.
 */
describe('02 random kills of collector, Redis and ClickHouse', () => {
  let collector: Collector;
  let redis: Redis;
  let load: Load;

  before(async () => {
    redis = await startRedis();
    collector = await startCollector({ LINTEL_REDIS_URL: redis.url });
    load = startLoad(collector.publicUrl, { visitors: 12, pauseMs: 110 });
  });
  after(async () => {
    await load.finish();
    await collector.remove();
    await redis.remove();
  });

  it(`loses and doubles nothing over ${KILLS} kills`, async () => {
    const random = createRandom(SEED);
    const killed = { collector: 0, redis: 0, clickhouse: 0 };
    const names = ['collector', 'redis', 'clickhouse'] as const;
    for (let kill = 1; kill <= KILLS;) {
      await sleep(100 + random() * 1500);
      const name = names[Math.floor(random() * names.length)]!;
      if (name === 'collector') {
        await collector.kill();
        await sleep(random() * 500);
        await collector.start();
      } else if (name === 'redis') {
        await redis.kill();
        await sleep(random() * 2000);
        await redis.start();
      } else {
        try {
          process.kill(collector.enginePid(), 'SIGKILL');
        } catch {
          continue; // it is being replaced: nobody to kill
        }
      }
      killed[name] += 1;
      kill += 1;
      if (kill % 20 === 0) {
        const goal = load.events() + 200;
        await until('the load goes on', () => load.events() >= goal, 90_000);
        process.stdout.write(`    ${kill} kills, ${load.events()} events: ${JSON.stringify(killed)}\n`);
      }
    }
    const acknowledged = await load.finish();
    // the engine may be in its longest pause between two starts, and the spool waits a minute for Redis
    await until(
      'the buffer is empty',
      async () => {
        const rows = await collector.admin.ledger().catch(() => null);
        return rows?.length && rows.every(({ buffered }) => buffered === 0);
      },
      300_000,
    );
    const { events } = await expectExactlyOnce(collector, acknowledged);
    process.stdout.write(`    ${events} events stored once; ${load.putOff()} requests were repeated\n`);
    expect(killed.collector + killed.redis + killed.clickhouse).to.equal(KILLS);
    for (const name of names) expect(killed[name], name).to.be.at.least(Math.floor(KILLS / 10));
  });
});
