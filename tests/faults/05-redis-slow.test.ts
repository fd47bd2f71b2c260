import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { startProxy, type Proxy } from '../support/proxy.js';
import { startRedis, type Redis } from '../support/redis.js';
import { describeLong } from '../support/scale.js';
import { readStatus } from '../support/status.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';

/** Milliseconds each way, and where rows go meanwhile: an answer has 250 ms, so 160 may be too slow on a busy machine. */
const CASES = [
  [30, 'redis'],
  [80, 'redis or spool'],
  [500, 'spool'],
] as const;

describeLong('05 Redis slow', function () {
  this.timeout(300_000);
  let collector: Collector;
  let redis: Redis;
  let proxy: Proxy;
  let load: Load | null = null;

  beforeEach(async () => {
    redis = await startRedis();
    proxy = await startProxy(redis.port);
    collector = await startCollector({ LINTEL_REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  });
  afterEach(async () => {
    await load?.finish();
    load = null;
    await collector.remove();
    await proxy.remove();
    await redis.remove();
  });

  for (const [delayMs, state] of CASES) {
    it(`stores everything once when each way takes ${delayMs} ms, over the ${state}`, async () => {
      load = startLoad(collector.publicUrl, { visitors: 8, pauseMs: 20 });
      await more(load, 200);
      proxy.set('pass', delayMs);
      if (state === 'spool')
        await until('the breaker opens', async () => (await readStatus(collector)).buffer.state === 'spool');
      for (let look = 0; look < 5; look++) {
        await sleep(300);
        expect(state).to.include((await readStatus(collector)).buffer.state);
      }
      await more(load, 200);
      proxy.set('pass');
      await until('Redis is back', async () => (await readStatus(collector)).buffer.state === 'redis');
      await more(load, 200);
      expect(load.failures(), 'requests that were put off').to.deep.equal({});
      await expectExactlyOnce(collector, await load.finish());
    });
  }
});
