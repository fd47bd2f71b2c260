import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { startRedis, type Redis } from '../support/redis.js';
import { describeLong } from '../support/scale.js';
import { more } from '../support/until-load.js';

const RESETS = 40;

describeLong('08 connection resets of Redis', function () {
  this.timeout(300_000);
  let collector: Collector;
  let redis: Redis;
  let load: Load | null = null;

  before(async () => {
    redis = await startRedis();
    collector = await startCollector({ LINTEL_REDIS_URL: redis.url });
  });
  after(async () => {
    await load?.finish();
    await collector?.remove();
    await redis.remove();
  });

  it(`stores everything once over ${RESETS} of them under load`, async () => {
    load = startLoad(collector.publicUrl, { visitors: 12, pauseMs: 5 });
    await more(load, 100);
    for (let reset = 0; reset < RESETS; reset++) {
      expect(await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')).to.match(/^:\d/);
      await sleep(60);
    }
    await more(load, 100);
    expect(load.failures(), 'requests that were put off').to.deep.equal({});
    await expectExactlyOnce(collector, await load.finish());
  });
});
