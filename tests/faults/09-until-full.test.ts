import { randomBytes, randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { alertValue } from '../support/alerts.js';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startOutsideDatabase, type OutsideDatabase } from '../support/outside-database.js';
import { startProxy, type Proxy } from '../support/proxy.js';
import { startRedis, type Redis } from '../support/redis.js';
import { aBatch, post, type Reply } from '../support/send.js';
import { isReady, readStatus, type Status } from '../support/status.js';
import { until } from '../support/until.js';

/** How long the full collector is knocked at before ClickHouse returns; the matrix asks for minutes. */
const AWAY_SECONDS = Number(process.env['LINTEL_AWAY_SECONDS'] ?? 3);
/** Small enough to be full in seconds. */
const REDIS_MB = 12;
const DISK_MB = 8;

/** What a batch is worth: pointer noise, measurement, what is never given up as long as anything is taken. */
const WORTH = ['scroll', 'page_view', 'inquiry'] as const;
type Kind = (typeof WORTH)[number];

/** Fault 9 from its begin to its end: ClickHouse stays away until nothing has room any more. */
describe('09 ClickHouse away until everything is full', function () {
  this.timeout(300_000 + 2000 * AWAY_SECONDS);
  let database: OutsideDatabase;
  let redis: Redis;
  let line: Proxy;
  let collector: Collector;
  const agent = new Agent({ keepAlive: true });
  /** Events that were answered 202, by stream, and batches that were put off: a browser would keep them. */
  const acknowledged = new Map<string, number>();
  const putOff: Record<string, unknown>[] = [];

  before(async () => {
    database = await startOutsideDatabase();
    line = await startProxy(database.port);
    redis = await startRedis({ maxmemory: `${REDIS_MB}mb` });
    collector = await startCollector({
      LINTEL_REDIS_URL: redis.url,
      LINTEL_BUFFER_DISK_MB: String(DISK_MB),
      ...database.env(line.url),
    });
  });
  after(async () => {
    agent.destroy();
    await collector?.remove();
    await redis?.remove();
    await line?.remove();
    await database?.stop();
  });

  const buffer = async (): Promise<Status['buffer']> => (await readStatus(collector)).buffer;

  const deliver = async (batch: Record<string, unknown>): Promise<Reply> => {
    const reply = await post(collector.publicUrl, { ...batch, sentAt: Date.now() }, { agent });
    if (reply.status === 202) {
      const { length } = batch['events'] as unknown[];
      expect(reply.body).to.deep.equal({ accepted: length, duplicate: 0, rejected: [] });
      acknowledged.set(String(batch['stream']), length);
    } else {
      expect(reply.status, JSON.stringify(reply.body)).to.equal(503);
      expect(Number(reply.headers['retry-after']), 'Retry-After').to.be.at.least(1);
      putOff.push(batch);
    }
    return reply;
  };

  const one = (type: Kind): Record<string, unknown> =>
    aBatch({
      stream: randomUUID(),
      events: [{ seq: 0, at: Date.now(), type, path: '/', ...(type === 'scroll' ? { depth: 50 } : {}) }],
    });
  /** An inquiry, so that it is put off last, and 60 kB that no compression makes less. */
  const ballast = (): Record<string, unknown> => {
    const noise = (): string => randomBytes(750).toString('base64');
    const heavy = { type: 'custom', name: 'ballast', path: '/' };
    const events = Array.from({ length: 20 }, (_, n) => ({
      seq: n + 1,
      at: Date.now(),
      ...heavy,
      props: { a: noise(), b: noise(), c: noise() },
    }));
    return aBatch({
      stream: randomUUID(),
      events: [{ seq: 0, at: Date.now(), type: 'inquiry', path: '/' }, ...events],
    });
  };

  /** Sends ballast until `holds`; slower than the collector looks how full its buffer is. */
  const fillUntil = (what: string, holds: (now: Status['buffer']) => boolean): Promise<boolean> =>
    until(what, async () => {
      if (holds(await buffer())) return true;
      await deliver(ballast());
      return false;
    });

  /** Sends one batch of each worth. @returns which of them were taken */
  const taken = async (): Promise<Kind[]> => {
    const heard: Kind[] = [];
    for (const type of WORTH) if ((await deliver(one(type))).status === 202) heard.push(type);
    return heard;
  };
  const expectTaken = async (...wanted: Kind[]): Promise<void> => {
    let heard: Kind[] = [];
    await until(`only ${wanted.join(', ') || 'nothing'} is taken`, async () => {
      heard = await taken();
      return heard.join() === wanted.join();
    }).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: ${heard.join()} at ${JSON.stringify(await buffer())}`);
    });
  };
  const expectShedding = async (state: Status['buffer']['state']): Promise<void> => {
    const at = (fill: number) => (now: Status['buffer']) => now.state === state && now.fill >= fill;
    await expectTaken('scroll', 'page_view', 'inquiry');
    await fillUntil(`${state} is filled to 80 %`, at(0.805));
    await expectTaken('page_view', 'inquiry');
    await fillUntil(`${state} is filled to 95 %`, at(0.953));
    await expectTaken('inquiry');
  };

  it('sheds by worth, goes to the disk, sheds there, answers 503, and in the end has everything once', async () => {
    await expectTaken('scroll', 'page_view', 'inquiry');
    await until('the first rows are stored', async () => (await buffer()).rows === 0);
    line.set('refuse');
    line.cut();
    const awayFrom = Date.now();
    await database.kill();

    await expectShedding('redis');
    await fillUntil('Redis is full, the disk takes over', ({ state }) => state === 'spool');
    await expectShedding('spool');
    await fillUntil('the disk is filled to 99 %', ({ fill }) => fill >= 0.99);
    await expectTaken();

    const buffered = async (): Promise<number> => (await collector.admin.ledger())[0]!.buffered;
    const full = await buffered();
    for (let second = 0; second < AWAY_SECONDS; second++) {
      expect(await taken(), `taken after ${second} s`).to.deep.equal([]);
      await sleep(1000);
    }
    expect(await buffered(), 'events that wait').to.equal(full);
    expect((await buffer()).state).to.equal('spool');
    expect(await isReady(collector), 'ready while nothing can be taken').to.equal(false);
    expect(collector.program().running()).to.equal(true);

    line.set('pass');
    await until(
      'everything is stored, and Redis takes rows again',
      async () => {
        const { rows, state } = await buffer();
        return rows === 0 && state === 'redis';
      },
      240_000,
    );
    expect(await isReady(collector)).to.equal(true);
    // receipts are told apart by the second
    await sleep(1100);
    const backFrom = Date.now();
    // what was put off comes again, as a browser sends it
    const again = putOff.splice(0);
    for (const batch of again) await until('it is taken', async () => (await deliver(batch)).status === 202);
    const { events } = await expectExactlyOnce(database.of(collector), acknowledged);
    // Grafana alarms above 60 s: a short outage is seen, a long one alarms, and either is over when it is over
    const { database: asked } = database.of(collector);
    const lag = await alertValue(asked, 'ingest_lag', awayFrom, backFrom);
    expect(lag, 'alert ingest-lag while it was away').to.be.at.least(AWAY_SECONDS);
    expect(
      await alertValue(asked, 'ingest_lag', backFrom, Date.now() + 1000),
      'alert ingest-lag afterwards',
    ).to.be.below(Math.min(lag, 60));
    console.log(
      `    lag ${lag.toFixed(0)} s, ${events} events, ${again.length} batches put off until ClickHouse was back`,
    );
  });
});
