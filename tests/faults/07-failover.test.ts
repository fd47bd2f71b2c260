import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy, type TcpProxy } from '../../packages/collector/test/buffer/support/proxy.js';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { startProxy, type Proxy } from '../support/proxy.js';
import { startRedis, type Redis } from '../support/redis.js';
import { describeLong } from '../support/scale.js';
import { readStatus } from '../support/status.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';

const FAILOVERS = Number(process.env['LINTEL_FAILOVERS'] ?? 10);

/**
 * Fault 7: the master dies and its replica is promoted, again and again; what was answered 202 is on the new master or in
 * the spool. Before each death the link between the two is dead for a while: what only the master has then is lost with it.
 */
describeLong('07 failover of Redis', function () {
  this.timeout(900_000);
  let collector: Collector;
  let proxy: TcpProxy;
  let pair: [Redis, Redis];
  /** Between replica and master. */
  let link: Proxy;
  let load: Load | null = null;

  const linked = (replica: Redis): Promise<boolean> =>
    until('the replica is in step', async () =>
      (await replica.command('INFO', 'replication')).includes('master_link_status:up'),
    );

  before(async () => {
    const master = await startRedis();
    link = await startProxy(master.port);
    const replica = await startRedis({ replicaof: `127.0.0.1 ${link.port}` });
    pair = [master, replica];
    await linked(replica);
    proxy = await startTcpProxy(master.port);
    // rows lie in Redis for seconds, so that each death finds some
    collector = await startCollector({ LINTEL_REDIS_URL: proxy.url, LINTEL_FLUSH_INTERVAL_MS: '3000' });
  });
  after(async () => {
    await load?.finish();
    await collector?.remove();
    await proxy?.close();
    await link?.remove();
    for (const redis of pair) await redis.remove();
  });

  it(`loses and doubles nothing over ${FAILOVERS} of them`, async () => {
    load = startLoad(collector.publicUrl, { visitors: 16, pauseMs: 10 });
    for (let failover = 0; failover < FAILOVERS; failover++) {
      const [master, replica] = pair;
      await more(load, 300);
      await until('rows go to Redis', async () => (await readStatus(collector)).buffer.state === 'redis');
      link.set('hole');
      await more(load, 200);
      await master.kill();
      await sleep(100);
      await replica.command('REPLICAOF', 'NO', 'ONE');
      proxy.target(replica.port);
      await until(
        'the collector writes to the promoted one',
        async () => (await readStatus(collector)).buffer.state === 'redis',
      );
      await link.remove();
      link = await startProxy(replica.port);
      await master.start({ replicaof: `127.0.0.1 ${link.port}` });
      await linked(master);
      // the collector counts replicas twice a second
      await sleep(1500);
      pair = [replica, master];
    }
    await more(load, 300);
    const { events } = await expectExactlyOnce(collector, await load.finish());
    const putOff = `${load.putOff()} put off, ${JSON.stringify(load.failures())} of them not by a busy process`;
    process.stdout.write(`    ${events} events over ${FAILOVERS} failovers, ${putOff}\n`);
  });
});
