import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startRedis, type Redis } from '../support/redis.js';
import { aBatch, post, type Reply } from '../support/send.js';
import { readStatus } from '../support/status.js';
import { until } from '../support/until.js';

const EVENTS = 6;

/** Fault 27: the same batch three times, from two tabs at once, and across the switch from Redis to disk and back. */
describe('27 repeats', function () {
  this.timeout(300_000);
  let collector: Collector;
  let redis: Redis;
  const acknowledged = new Map<string, number>();

  before(async () => {
    redis = await startRedis();
    collector = await startCollector({ LINTEL_REDIS_URL: redis.url });
  });
  after(async () => {
    redis.program().signal('SIGCONT');
    await collector?.remove();
    await redis.remove();
  });

  const aStream = (): Record<string, unknown> => {
    const stream = randomUUID();
    acknowledged.set(stream, EVENTS);
    const events = Array.from({ length: EVENTS }, (_, seq) => ({
      seq,
      at: Date.now(),
      type: 'page_view',
      path: '/',
    }));
    return aBatch({ stream, events });
  };
  const send = (batch: Record<string, unknown>): Promise<Reply> => post(collector.publicUrl, batch);
  const stateIs = (state: string): Promise<boolean> =>
    until(`rows go to ${state}`, async () => (await readStatus(collector)).buffer.state === state);

  it('answers duplicate to the second and the third', async () => {
    const batch = aStream();
    const replies = [await send(batch), await send(batch), await send(batch)];
    expect(replies.map(({ body }) => [body.accepted, body.duplicate])).to.eql([
      [EVENTS, 0],
      [0, EVENTS],
      [0, EVENTS],
    ]);
  });

  it('takes one of two tabs that send the same at once', async () => {
    for (let round = 0; round < 10; round++) {
      const batch = aStream();
      const replies = await Promise.all([send(batch), send(batch), send(batch)]);
      const sum = (of: 'accepted' | 'duplicate'): number =>
        replies.reduce((total, { body }) => total + body[of]!, 0);
      expect([sum('accepted'), sum('duplicate')]).to.eql([EVENTS, 2 * EVENTS]);
    }
  });

  it('stores once what was sent before, while and after Redis was stopped', async () => {
    const [early, late, half] = [aStream(), aStream(), aStream()];
    const events = half['events'] as unknown[];
    expect((await send(early)).body.accepted).to.equal(EVENTS);
    expect((await send({ ...half, events: events.slice(0, 3) })).body.accepted).to.equal(3);
    redis.program().signal('SIGSTOP');
    // the disk cannot know what the stopped one has: it takes them, in doubt
    for (const batch of [early, late, half, late]) {
      const { status, body } = await send(batch);
      expect(status).to.equal(202);
      expect(body.accepted! + body.duplicate!).to.equal(EVENTS);
    }
    await stateIs('spool');
    redis.program().signal('SIGCONT');
    await stateIs('redis');
    for (const batch of [early, late, half]) expect((await send(batch)).body.duplicate).to.equal(EVENTS);
  });

  it('stores once what was repeated across a kill of the collector', async () => {
    const batch = aStream();
    const first = send(batch).catch(() => null);
    await collector.kill();
    await first;
    await collector.start();
    expect((await send(batch)).status).to.equal(202);
    expect((await send(batch)).body.duplicate).to.equal(EVENTS);
  });

  it('and the table and the books hold each event once', async () => {
    await expectExactlyOnce(collector, acknowledged);
  });
});
