import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { startCollector, type Collector } from './support/collector.js';
import { aBatch, post } from './support/send.js';
import { settled } from './support/settled.js';
import { startRedis, type Redis } from './support/redis.js';
import { until } from './support/until.js';

const event = { seq: 0, at: Date.now(), type: 'page_view', path: '/last' };

/** A request of which only the last byte is missing. */
const holdBack = async (origin: string, batch: Record<string, unknown>) => {
  const { port } = new URL(origin);
  const body = JSON.stringify(batch);
  const socket: Socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
  const head = `POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`;
  await new Promise((resolve) => socket.write(head + body.slice(0, -1), resolve));
  return {
    /** Sends the last byte; the whole answer, once the server has closed the connection. */
    finish: async (): Promise<string> => {
      socket.write(body.slice(-1));
      await closed;
      return answer;
    },
  };
};

describe('SIGTERM', () => {
  let collector: Collector;
  let redis: Redis | null = null;
  afterEach(async () => {
    await collector.remove();
    await redis?.remove();
    redis = null;
  });

  for (const kind of ['disk', 'redis'] as const) {
    it(`answers a request whose last byte is still on its way with 202, and keeps it (${kind})`, async () => {
      if (kind === 'redis') redis = await startRedis();
      collector = await startCollector(redis ? { LINTEL_REDIS_URL: redis.url } : {});
      const stream = randomUUID();
      const held = await holdBack(collector.publicUrl, aBatch({ stream, events: [event] }));
      // Its head must have been read before the signal comes.
      await post(collector.publicUrl, aBatch({ events: [event] }));
      collector.program().signal('SIGTERM');
      await until('not ready any more', () =>
        fetch(`${collector.adminUrl}/readyz`).then(
          ({ status }) => status === 503,
          () => true,
        ),
      );
      const answer = await held.finish();
      expect(answer).to.match(/^HTTP\/1\.1 202 /);
      expect(answer.toLowerCase()).to.include('connection: close');
      expect(answer).to.include('{"accepted":1,"duplicate":0,"rejected":[]}');
      expect(await collector.program().ended).to.equal(0);

      await collector.start();
      await settled(collector);
      const [row] = await collector.database.rows<{ n: number }>(
        `SELECT count() AS n FROM lintel.events WHERE stream = '${stream}'`,
      );
      expect(row!.n).to.equal(1);
    });
  }

  it('takes no new connections while it drains, and ends with 0', async () => {
    collector = await startCollector();
    const held = await holdBack(collector.publicUrl, aBatch({ events: [event] }));
    await post(collector.publicUrl, aBatch({ events: [event] }));
    collector.program().signal('SIGTERM');
    await until('it refuses', () =>
      post(collector.publicUrl, aBatch({})).then(
        () => false,
        () => true,
      ),
    );
    expect(await held.finish()).to.match(/^HTTP\/1\.1 202 /);
    expect(await collector.program().ended).to.equal(0);
  });
});
