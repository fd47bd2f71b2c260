import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectExactlyOnce } from './support/books.js';
import { startCollector, type Collector } from './support/collector.js';
import { lintel } from './support/command.js';
import { startLoad, type Load } from './support/load.js';
import { startRedis, type Redis } from './support/redis.js';
import { OWNER_TOKEN, SITE } from './support/site.js';
import { until } from './support/until.js';

/** Lets visitors be answered `events` more times, so that each kill falls into the middle of the load. */
const more = (load: Load, events: number): Promise<boolean> => {
  const goal = load.events() + events;
  return until('the load goes on', () => load.events() >= goal, 90_000);
};

const killCollector = async (collector: Collector): Promise<void> => {
  await collector.kill();
  await sleep(200);
  await collector.start();
};

const killEngine = async (collector: Collector): Promise<void> => {
  const pid = collector.enginePid();
  process.kill(pid, 'SIGKILL');
  await until('the engine is replaced', () => collector.enginePid() !== pid);
};

describe('kill -9 in the middle of a load', () => {
  let collector: Collector;
  let redis: Redis | null = null;
  let load: Load;

  afterEach(async () => {
    await load.finish();
    await collector.remove();
    await redis?.remove();
    redis = null;
  });

  const expectBooks = async (): Promise<void> => {
    const { events } = await expectExactlyOnce(collector, await load.finish());
    expect(events).to.be.greaterThan(1000);
    const { code, stdout } = await lintel(['ledger'], { ...collector.env, LINTEL_TOKEN: OWNER_TOKEN });
    expect(code, stdout).to.equal(0);
    const line = stdout.split('\n').find((text) => text.trim().startsWith(`${SITE.id} `));
    expect(line?.trim().split(/\s+/).map(Number)).to.deep.equal([SITE.id, events, events, 0, 0, 0]);
  };

  it('of the collector and of ClickHouse loses and doubles nothing, on the disk buffer', async () => {
    collector = await startCollector();
    load = startLoad(collector.publicUrl, { visitors: 12, pauseMs: 20 });
    for (let round = 0; round < 2; round++) {
      await more(load, 400);
      await killCollector(collector);
      await until('the engine is up', () => collector.database.rows('SELECT 1').catch(() => null));
      await more(load, 400);
      await killEngine(collector);
    }
    await more(load, 400);
    expect(load.putOff(), 'the collector was away while visitors sent').to.be.greaterThan(0);
    await expectBooks();
  });

  it('of the collector, of Redis and of ClickHouse loses and doubles nothing, with Redis', async () => {
    redis = await startRedis();
    collector = await startCollector({ LINTEL_REDIS_URL: redis.url });
    load = startLoad(collector.publicUrl, { visitors: 12, pauseMs: 20 });
    for (let round = 0; round < 2; round++) {
      await more(load, 400);
      await redis.kill();
      await more(load, 200); // on disk, while Redis is away
      await redis.start();
      await more(load, 400);
      await killCollector(collector);
      await until('the engine is up', () => collector.database.rows('SELECT 1').catch(() => null));
      await more(load, 400);
      await killEngine(collector);
    }
    await more(load, 400);
    await expectBooks();
  });
});
