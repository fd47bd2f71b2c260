import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { startRedis, type Redis } from '../support/redis.js';
import { readStatus } from '../support/status.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';

/** What an operator or a disk does to Redis, and undoes. MISCONF: packages/collector/test/buffer/redis-faults.test.ts. */
const REFUSALS = [
  { word: 'OOM', harm: ['CONFIG', 'SET', 'maxmemory', '1mb'], mend: ['CONFIG', 'SET', 'maxmemory', '0'] },
  { word: 'READONLY', harm: ['REPLICAOF', '127.0.0.1', '1'], mend: ['REPLICAOF', 'NO', 'ONE'] },
] as const;

describe('06 Redis refuses', function () {
  this.timeout(300_000);
  let collector: Collector;
  let redis: Redis;
  let load: Load | null = null;

  afterEach(async () => {
    await load?.finish();
    load = null;
    await collector.remove();
    await redis.remove();
  });

  it('spools while it is out of memory or read-only, puts nobody off, and stores everything once', async () => {
    redis = await startRedis();
    collector = await startCollector({ LINTEL_REDIS_URL: redis.url });
    load = startLoad(collector.publicUrl, { visitors: 8, pauseMs: 20 });
    for (const { word, harm, mend } of REFUSALS) {
      await more(load, 150);
      await redis.command(...harm);
      await until(`it has heard ${word}`, async () => (await readStatus(collector)).buffer.state === 'spool');
      await more(load, 150);
      await redis.command(...mend);
      await until('it is back', async () => (await readStatus(collector)).buffer.state === 'redis');
    }
    await more(load, 150);
    expect(load.failures(), 'requests that were put off').to.deep.equal({});
    await expectExactlyOnce(collector, await load.finish());
  });
});
