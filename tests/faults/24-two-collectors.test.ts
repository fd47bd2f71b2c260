import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { startOutsideDatabase, type OutsideDatabase } from '../support/outside-database.js';
import { startRedis, type Redis } from '../support/redis.js';
import { EVERYTHING } from '../support/scale.js';
import { SITE } from '../support/site.js';
import { readStatus } from '../support/status.js';
import { until } from '../support/until.js';

/** Fault 24 with whole collectors: two hosts on one Redis and one ClickHouse. */
describe('24 two collectors on one Redis', function () {
  this.timeout(300_000);
  let database: OutsideDatabase;
  let redis: Redis;
  let collectors: Collector[] = [];
  let load: Load | null = null;

  before(async () => {
    database = await startOutsideDatabase();
    redis = await startRedis();
    const env = { LINTEL_REDIS_URL: redis.url, ...database.env() };
    collectors = await Promise.all([startCollector(env), startCollector(env)]);
  });
  after(async () => {
    await load?.finish();
    for (const collector of collectors) await collector.remove();
    await redis?.remove();
    await database?.stop();
  });

  /** Whether it drains the shard in Redis now; a collector that is away drains nothing. */
  const flushes = async (collector: Collector): Promise<boolean> => {
    const status = await readStatus(collector).catch(() => null);
    const shard = status?.flush.shards.find(({ backend }) => backend === 'redis');
    return shard !== undefined && ['idle', 'flushing'].includes(shard.state);
  };
  const holders = async (): Promise<number[]> => {
    const holds = await Promise.all(collectors.map(flushes));
    return holds.flatMap((yes, index) => (yes ? [index] : []));
  };

  it('store each event once, one flusher at a time, when the one that flushes is killed or stopped', async () => {
    let turn = 0;
    // a batch that got no answer is repeated to the other one
    load = startLoad(() => collectors[turn++ % 2]!.publicUrl, { visitors: 12, pauseMs: 10 });
    const looks: number[][] = [];
    const watch = async (events: number): Promise<void> => {
      const goal = load!.events() + events;
      await until('the load goes on', async () => {
        looks.push(await holders());
        return load!.events() >= goal;
      });
    };
    await watch(600);
    const first = await until('somebody flushes', async () => {
      const [holder] = await holders();
      return holder === undefined ? null : { collector: collectors[holder]!, other: collectors[1 - holder]! };
    });
    await first.collector.kill();
    await watch(200);
    // one that slept does not know yet that it holds nothing: its fence does
    const most = Math.max(...looks.map((now) => now.length));
    expect(most, 'flushers of the shard at once').to.be.at.most(1);
    await until('the other one has taken over', () => flushes(first.other));
    await first.collector.start();
    await watch(300);
    // asleep past its lease, then awake with an INSERT in hand; a sample: test/flush/zombie.test.ts of the collector
    if (EVERYTHING) {
      first.other.program().signal('SIGSTOP');
      await until('the first one has taken over again', () => flushes(first.collector));
      first.other.program().signal('SIGCONT');
    }
    await watch(300);
    const acknowledged = await load.finish();
    for (const collector of collectors) await expectExactlyOnce(database.of(collector), acknowledged);
    // the same books wherever they are asked for
    const lines = await Promise.all(
      collectors.map(async ({ admin }) => {
        const line = (await admin.ledger()).find(({ site }) => site === SITE.id)!;
        return { ...line, asOf: 0 };
      }),
    );
    expect(lines[0]).to.eql(lines[1]);
  });
});
