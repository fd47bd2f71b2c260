import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { canHaveNames, startNames, type Names, type NamesMode } from '../support/names.js';
import { startOutsideDatabase, type OutsideDatabase } from '../support/outside-database.js';
import { freePorts } from '../support/ports.js';
import { startProxy, type Proxy } from '../support/proxy.js';
import { startRedis, type Redis } from '../support/redis.js';
import { EVERYTHING } from '../support/scale.js';
import { isReady, readStatus } from '../support/status.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';

const REDIS = 'redis.lintel.test';
const CLICKHOUSE = 'clickhouse.lintel.test';
/** Where the servers stand, and where they move to; nothing ever listens at the last one. */
const [FIRST, SECOND, NOWHERE] = ['127.77.0.2', '127.77.0.3', '127.77.0.9'] as const;
/** `silent` takes the system's resolver ten seconds a question. */
const MODES: readonly NamesMode[] = EVERYTHING ? ['unknown', 'failing', 'silent'] : ['unknown'];

/** Fault 35, first half: Redis and ClickHouse are known by name, and names fail. The other half: `35-packet-loss`. */
describe('35 names of Redis and ClickHouse', function () {
  this.timeout(300_000);
  let names: Names;
  let redis: Redis;
  let database: OutsideDatabase;
  let redisPort: number;
  let clickhousePort: number;
  let lines: Proxy[] = [];
  let collector: Collector;
  let load: Load | null = null;

  /** Both servers are reached at this address from now on, and nowhere else. */
  const stand = async (address: string): Promise<void> => {
    for (const line of lines) await line.remove();
    lines = await Promise.all([
      startProxy(redis.port, { address, port: redisPort }),
      startProxy(database.port, { address, port: clickhousePort }),
    ]);
  };
  const cut = (): void => {
    for (const line of lines) line.cut();
  };
  const state = async (): Promise<string> => (await readStatus(collector)).buffer.state;
  const lastCommit = async (): Promise<number> => {
    const { flush } = await readStatus(collector);
    return Math.max(...flush.shards.map((shard) => shard.lastCommit ?? 0));
  };
  const flushes = async (): Promise<void> => {
    const before = await lastCommit();
    await until('rows are stored', async () => (await lastCommit()) > before, 120_000);
  };
  const back = (): Promise<boolean> =>
    until('it is back at Redis', async () => (await state()) === 'redis', 120_000);

  before(async function () {
    if (!canHaveNames()) {
      console.log('    not run: needs root and the right to a mount namespace');
      return this.skip();
    }
    names = await startNames();
    redis = await startRedis();
    database = await startOutsideDatabase();
    [redisPort, clickhousePort] = (await freePorts(2)) as [number, number];
    await stand(FIRST);
    for (const name of [REDIS, CLICKHOUSE]) names.set(name, [FIRST]);
    collector = await startCollector(
      {
        LINTEL_REDIS_URL: `redis://${REDIS}:${redisPort}`,
        ...database.env(`http://${CLICKHOUSE}:${clickhousePort}`),
      },
      { wrap: names.wrap },
    );
    await back();
    load = startLoad(collector.publicUrl, { visitors: 8, pauseMs: 20 });
  });
  after(async () => {
    names?.mode('answer');
    await load?.finish();
    await collector?.remove();
    for (const line of lines) await line.remove();
    await database?.stop();
    await redis?.remove();
    names?.remove();
  });

  for (const mode of MODES)
    it(`that nobody can resolve (${mode}): the disk takes the events, nobody is put off`, async () => {
      await flushes();
      names.mode(mode);
      cut();
      await until('it has noticed', async () => (await state()) === 'spool');
      await more(load!, 300);
      expect(await isReady(collector)).to.equal(true);
      // long enough for every thread that resolves names to be stuck, if they could be
      for (let second = 0; second < (mode === 'silent' ? 20 : 3); second++) {
        await more(load!, 20);
        await sleep(1000);
      }
      expect(load!.failures(), 'requests that were put off').to.deep.equal({});
      names.mode('answer');
      await back();
      await flushes();
    });

  it('that stand for another address since the servers moved: it follows', async () => {
    const asked = names.asked();
    await stand(SECOND);
    for (const name of [REDIS, CLICKHOUSE]) names.set(name, [SECOND]);
    await back();
    await flushes();
    expect(names.asked()).to.be.greaterThan(asked);
    expect(lines.every((line) => line.taken() > 0)).to.equal(true);
  });

  it('that stand for several addresses, of which the first is dead: it finds the other, in whatever order', async () => {
    for (const addresses of [
      [NOWHERE, SECOND],
      [SECOND, NOWHERE],
      [NOWHERE, SECOND],
    ]) {
      for (const name of [REDIS, CLICKHOUSE]) names.set(name, addresses);
      cut();
      await more(load!, 100);
      await back();
      await flushes();
    }
  });

  it('and everything that was answered 202 is stored once', async () => {
    const acknowledged = await load!.finish();
    load = null;
    const { events } = await expectExactlyOnce(database.of(collector), acknowledged);
    console.log(`    ${events} events`);
  });
});
