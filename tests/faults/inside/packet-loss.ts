import { setTimeout as sleep } from 'node:timers/promises';
import { expectExactlyOnce } from '../../support/books.js';
import { startCollector, type Collector } from '../../support/collector.js';
import { startLoad } from '../../support/load.js';
import { startOutsideDatabase, type OutsideDatabase } from '../../support/outside-database.js';
import { startRedis, type Redis } from '../../support/redis.js';
import { readStatus } from '../../support/status.js';
import { more } from '../../support/until-load.js';

const SECONDS = 60;

/** Run by `35-packet-loss` in a network of its own. */
describe('in a network that loses packets', function () {
  this.timeout(500_000);
  let redis: Redis;
  let database: OutsideDatabase;
  let collector: Collector;

  before(async () => {
    database = await startOutsideDatabase();
    redis = await startRedis();
    collector = await startCollector({ LINTEL_REDIS_URL: redis.url, ...database.env() });
  });
  after(async () => {
    await collector?.remove();
    await redis?.remove();
    await database?.stop();
  });

  it('stores everything once, whatever goes to Redis and to the disk', async () => {
    const load = startLoad(collector.publicUrl, { visitors: 24, pauseMs: 20 });
    const seconds = { disk: 0, redis: 0, spool: 0 };
    for (let second = 0; second < SECONDS; second++) {
      await sleep(1000);
      seconds[(await readStatus(collector)).buffer.state] += 1;
    }
    await more(load, 100);
    const { events } = await expectExactlyOnce(database.of(collector), await load.finish());
    console.log(`    ${events} events, ${load.putOff()} put off, ${JSON.stringify(seconds)}`);
  });
});
