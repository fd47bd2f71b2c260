import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { startRedis, type Redis } from '../support/redis.js';
import { describeLong } from '../support/scale.js';
import { isReady, readStatus } from '../support/status.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';

/** Longer than 60 s the spool is flushed while Redis is away, so both lengths are of interest. */
const STOPPED_SECONDS = Number(process.env['LINTEL_STOPPED_SECONDS'] ?? 70);

describeLong('04 Redis away', function () {
  this.timeout(600_000);
  let collector: Collector;
  let redis: Redis;
  let load: Load | null = null;

  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await load?.finish();
    load = null;
    await collector.remove();
    await redis.remove();
  });

  it('starts without it, is ready, takes events on disk, and gives them to the table when it comes', async () => {
    await redis.kill();
    collector = await startCollector({ LINTEL_REDIS_URL: redis.url });
    load = startLoad(collector.publicUrl, { visitors: 8, pauseMs: 20 });
    await more(load, 300);
    expect((await readStatus(collector)).buffer.state).to.equal('spool');
    expect(await isReady(collector)).to.equal(true);
    expect(load.failures(), 'requests that were put off').to.deep.equal({});
    await redis.start();
    await until('it has joined Redis', async () => (await readStatus(collector)).buffer.state === 'redis');
    await more(load, 300);
    await expectExactlyOnce(collector, await load.finish());
  });

  it(`answers 202 while it is stopped for ${STOPPED_SECONDS} s, and doubles nothing that it had half heard`, async () => {
    collector = await startCollector({ LINTEL_REDIS_URL: redis.url });
    load = startLoad(collector.publicUrl, { visitors: 8, pauseMs: 20 });
    await more(load, 200);
    redis.program().signal('SIGSTOP');
    await until('it has noticed', async () => (await readStatus(collector)).buffer.state === 'spool');
    for (let second = 0; second < STOPPED_SECONDS; second++) {
      expect(await isReady(collector), `ready after ${second} s`).to.equal(true);
      await sleep(1000);
    }
    await more(load, 200);
    expect(load.failures(), 'requests that were put off').to.deep.equal({});
    redis.program().signal('SIGCONT');
    await until('it has joined Redis', async () => (await readStatus(collector)).buffer.state === 'redis');
    await more(load, 200);
    await expectExactlyOnce(collector, await load.finish());
  });
});
