import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startIngest, type IngestProcess } from '../support/ingest-process.js';
import { startRedis, type Redis } from '../support/redis.js';
import { aBatch, post, send, type Reply } from '../support/send.js';
import { describeLong } from '../support/scale.js';
import { SITE } from '../support/site.js';

/** A burst of 1,000 is everybody's right, and 200 a second after it. */
const FLOOD = 30_000;
const VISITORS = 20;
const FLOODER = '203.0.113.7';

/**
 * Faults 20 and 21: one address sends ten times what it may. Limits by network and by key are in
 * packages/collector/test/ingest/refusals.test.ts.
 */
describeLong('20 a flood from one address', function () {
  this.timeout(600_000);
  let collector: Collector;
  let redis: Redis;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const acknowledged = new Map<string, number>();

  before(async () => {
    redis = await startRedis();
    collector = await startCollector({ LINTEL_TRUST_PROXY: '1', LINTEL_REDIS_URL: redis.url });
  });
  after(async () => {
    agent.destroy();
    await collector?.remove();
    await redis.remove();
  });

  const from = (address: string): { 'x-forwarded-for': string } => ({ 'x-forwarded-for': address });

  const flood = async (): Promise<Reply[]> => {
    const replies: Reply[] = [];
    let sent = 0;
    const one = async (): Promise<void> => {
      while (sent++ < FLOOD) {
        const stream = randomUUID();
        const events = [{ seq: 0, at: Date.now(), type: 'click', path: '/' }];
        const reply = await post(collector.publicUrl, aBatch({ stream, events }), {
          agent,
          headers: from(FLOODER),
        });
        if (reply.status === 202) acknowledged.set(stream, 1);
        replies.push(reply);
      }
    };
    await Promise.all(Array.from({ length: 32 }, one));
    return replies;
  };

  /** What an honest visitor hears: a busy process may put him off, a limit may not. */
  const visit = async (number: number): Promise<number[]> => {
    const address = `198.51.${number}.9`;
    const heard: number[] = [];
    const deliver = async (attempt: () => Promise<Reply>, done: number): Promise<void> => {
      for (;;) {
        const { status } = await attempt();
        heard.push(status);
        if (status === done) return;
        if (status === 429) return;
        await sleep(50);
      }
    };
    const stream = randomUUID();
    for (let seq = 0; seq < 10; seq++) {
      const batch = aBatch({ stream, events: [{ seq, at: Date.now(), type: 'page_view', path: '/' }] });
      await deliver(() => post(collector.publicUrl, batch, { agent, headers: from(address) }), 202);
      await sleep(20);
    }
    acknowledged.set(stream, 10);
    const body = JSON.stringify({
      key: SITE.key,
      contact: { name: 'Somebody', email: 'somebody@example.at' },
      elapsedMs: 42_000,
    });
    const headers = { 'content-type': 'application/json', ...from(address) };
    await deliver(() => send(collector.publicUrl, { path: '/v1/inquiries', headers, body, agent }), 201);
    return heard;
  };

  const expectFairness = async (first: number): Promise<void> => {
    const [flooded, ...heard] = await Promise.all([
      flood(),
      ...Array.from({ length: VISITORS }, (_, n) => visit(first + n)),
    ]);
    const refused = flooded.filter(({ status }) => status === 429);
    expect(refused.length, 'requests of the flood that were refused').to.be.at.least(FLOOD / 10);
    for (const { headers, body } of refused) {
      expect(body.reason).to.equal('rate');
      expect(Number(headers['retry-after'])).to.be.at.least(1);
    }
    for (const { status } of flooded) expect([202, 429, 503]).to.include(status);
    expect(heard.flat().filter((status) => status === 429)).to.be.empty;
    expect(
      heard.every((statuses) => statuses.at(-1) === 201),
      'every inquiry was taken',
    ).to.equal(true);
  };

  it('is answered 429 with Retry-After; others and every inquiry are taken', async () => {
    await expectFairness(0);
  });

  it('is held back, and others are taken, without Redis, too: the limits are in the process', async () => {
    await redis.kill();
    await expectFairness(100);
    await redis.start();
  });

  it('and everything that was answered 202 is stored once', async () => {
    await expectExactlyOnce(collector, acknowledged);
  });
});

/** Two processes of the role `ingest` on one Redis: together one address may send what it may send to one. */
describeLong('21 the limits of two processes', function () {
  this.timeout(600_000);
  const SECONDS = 15;
  let collector: Collector;
  let redis: Redis;
  let ingests: IngestProcess[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const acknowledged = new Map<string, number>();

  before(async () => {
    redis = await startRedis();
    const env = { LINTEL_TRUST_PROXY: '1', LINTEL_REDIS_URL: redis.url };
    collector = await startCollector(env, { role: 'flush' });
    ingests = [await startIngest(collector), await startIngest(collector)];
  });
  after(async () => {
    agent.destroy();
    for (const { program } of ingests) await program.kill();
    await collector?.remove();
    await redis.remove();
  });

  /** Requests that passed and that were refused, of one address that tries both as fast as they answer; busy ones are let be. */
  const flood = async (address: string): Promise<{ passed: number; refused: number; seconds: number }> => {
    const started = performance.now();
    const count = { passed: 0, refused: 0 };
    let sent = 0;
    const one = async (_: unknown, turn: number): Promise<void> => {
      while (performance.now() - started < SECONDS * 1000) {
        const stream = randomUUID();
        // most have nothing to store: the limits are asked, not the disk
        const stored = sent++ % 20 === 0;
        const events = stored ? [{ seq: 0, at: Date.now(), type: 'click', path: '/' }] : [];
        const { status, body } = await post(ingests[turn % 2]!.url, aBatch({ stream, events }), {
          agent,
          headers: { 'x-forwarded-for': address },
        });
        expect([undefined, 'rate', 'busy']).to.include(body.reason);
        if (status === 503) await sleep(100);
        if (status === 202 && stored) acknowledged.set(stream, 1);
        if (status === 202) count.passed += 1;
        if (status === 429) count.refused += 1;
      }
    };
    await Promise.all(Array.from({ length: 16 }, one));
    return { ...count, seconds: (performance.now() - started) / 1000 };
  };

  it('are one rate while they reach Redis', async function () {
    const { passed, refused, seconds } = await flood('203.0.113.7');
    expect(passed).to.be.below(1000 + 200 * (seconds + 2));
    // a machine that answers no more than one process allows shows nothing
    if (passed + refused < 2 * (1000 + 200 * seconds)) this.skip();
    expect(passed).to.be.above(1000);
  });

  it('are one each without it, and both go on taking events', async function () {
    await redis.kill();
    const { passed, refused, seconds } = await flood('198.51.100.7');
    await redis.start();
    expect(passed).to.be.above(0);
    expect(passed).to.be.below(2 * (1000 + 200 * seconds) + 2);
    if (passed + refused < 2 * (1000 + 200 * seconds)) this.skip();
    expect(passed, 'more than one rate').to.be.above(1000 + 200 * (seconds + 2));
  });

  it('and everything that was answered 202 is stored once', async () => {
    await expectExactlyOnce(collector, acknowledged);
  });
});
