import { expect } from 'chai';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/clock.js';
import { createRedisBuffer, type RedisBuffer } from '../../src/buffer/redis.js';
import { silentLog } from '../../src/log.js';
import { refusal } from './support/refusal.js';
import { startRedis, type RedisServer } from './support/redis-server.js';
import { aStream, rowsOf, aUnit } from './support/units.js';

const TIMEOUT_MS = 100;

/** A long collection, or a machine with other things to do: this process sees nothing of the world meanwhile. */
const standStill = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until;);
};

describe('connection to Redis', function () {
  this.timeout(60_000);
  let server: RedisServer;
  let buffer: RedisBuffer;
  let observer: Redis;

  before(async () => {
    server = await startRedis();
    observer = new Redis(server.url);
    buffer = createRedisBuffer({
      url: server.url,
      clock: systemClock,
      log: silentLog,
      seenTtlMs: 60_000,
      timeoutMs: TIMEOUT_MS,
    });
    await buffer.prepare();
    await buffer.append(0, aUnit(rowsOf(aStream(), 1)));
  });
  after(async () => {
    await buffer.close();
    observer.disconnect();
    await server.stop();
  });

  /** Functions called since the last question. */
  const calls = async (): Promise<number> => {
    const stats = await observer.info('commandstats');
    await observer.config('RESETSTAT');
    return Number(/cmdstat_fcall:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };

  it('takes an answer that came while the process stood still, and asks no second time', async () => {
    await calls();
    const answer = buffer.append(0, aUnit(rowsOf(aStream(), 3)));
    standStill(4 * TIMEOUT_MS);
    expect(await answer).to.deep.equal({ kind: 'stored' });
    expect(await calls()).to.equal(1);
  });

  it('gives up on a Redis that stands still itself', async () => {
    server.signal('SIGSTOP');
    const failed = await refusal(buffer.append(0, aUnit(rowsOf(aStream(), 1))));
    server.signal('SIGCONT');
    expect(failed).to.include({ name: 'BufferUnavailable', outcome: 'unknown' });
  });
});
