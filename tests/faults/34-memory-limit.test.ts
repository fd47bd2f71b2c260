import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startIngest } from '../support/ingest-process.js';
import { aBatch, post } from '../support/send.js';
import { describeLong } from '../support/scale.js';

const SENDERS = 60;
const BATCHES = 60;
const EVENTS = 400;

/** Fault 34; its other half, the limit of file handles, is in packages/collector/test/ingest/slow-clients.test.ts. */
describeLong('34 a heap of 64 MB', function () {
  this.timeout(600_000);
  let collector: Collector;

  before(async () => {
    collector = await startCollector();
  });
  after(() => collector.remove());

  it('sheds instead of dying, tells when to come back, and stores what it took', async () => {
    const ingest = await startIngest(collector, { node: ['--max-old-space-size=64'] });
    const agent = new Agent({ keepAlive: true });
    const acknowledged = new Map<string, number>();
    const statuses = new Map<number, number>();
    const sender = async (): Promise<void> => {
      for (let batch = 0; batch < BATCHES; batch++) {
        const stream = randomUUID();
        const events = Array.from({ length: EVENTS }, (_, seq) => ({
          seq,
          at: Date.now(),
          type: 'custom',
          name: 'wish',
          // under the limit of a body, over and over
          props: { note: 'n'.repeat(400) },
        }));
        for (;;) {
          const { status, headers, body } = await post(ingest.url, aBatch({ stream, events }), {
            agent,
          }).catch((error: unknown) => {
            throw new Error(`${String(error)}: ${ingest.program.stderr().slice(0, 2000)}`);
          });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status === 202) {
            expect(body.accepted! + body.duplicate!).to.equal(EVENTS);
            break;
          }
          expect(status, JSON.stringify(body)).to.equal(503);
          expect(Number(headers['retry-after'])).to.be.at.least(1);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        acknowledged.set(stream, EVENTS);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    agent.destroy();
    process.stdout.write(`    answers: ${JSON.stringify(Object.fromEntries(statuses))}\n`);
    expect(ingest.program.running()).to.equal(true);
    ingest.program.signal('SIGTERM');
    expect(await ingest.program.ended).to.equal(0);
    await expectExactlyOnce(collector, acknowledged);
  });
});
