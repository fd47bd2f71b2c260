import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { hasStrace, inject } from '../../packages/collector/test/flush/support/strace.js';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startIngest } from '../support/ingest-process.js';
import { aBatch, post } from '../support/send.js';

const FAULTS = [
  ['EIO at a sync', 'fdatasync', 'error=EIO:when=3+'],
  // sockets are written by write and writev: only the file is harmed
  ['ENOSPC at a write', 'pwrite64,pwritev', 'error=ENOSPC:when=6+'],
] as const;

/** Fault 36 as a sender sees it; the buffer alone is in packages/collector/test/buffer/disk-faults.test.ts. */
describe('36 the disk under the buffer fails', function () {
  this.timeout(300_000);
  let collector: Collector;

  before(async function () {
    if (!hasStrace()) this.skip();
    collector = await startCollector();
  });
  after(() => collector?.remove());

  for (const [what, syscalls, fault] of FAULTS) {
    it(`answers 503 and never a false 202 after ${what}; a repeat elsewhere stores each event once`, async () => {
      const ingest = await startIngest(collector);
      const strace = await inject(ingest.program.pid, syscalls, fault);
      const acknowledged = new Map<string, number>();
      const refused: Record<string, unknown>[] = [];
      for (let n = 0; n < 12; n++) {
        const stream = randomUUID();
        const at = Date.now();
        const events = [0, 1, 2].map((seq) => ({ seq, at, type: 'page_view', path: '/' }));
        const batch = aBatch({ stream, events });
        const { status, body, headers } = await post(ingest.url, batch);
        if (status === 202) {
          expect(refused, 'a 202 after a failure').to.be.empty;
          acknowledged.set(stream, 3);
          continue;
        }
        expect(status, JSON.stringify(body)).to.equal(503);
        expect(Number(headers['retry-after'])).to.be.at.least(1);
        refused.push(batch);
      }
      expect(refused.length).to.be.at.least(3);
      expect(ingest.program.running()).to.equal(true);
      await strace.detach();
      // the disk is well again, but what it holds is unknown until a restart
      expect((await post(ingest.url, refused[0]!)).status).to.equal(503);
      await ingest.program.kill();
      for (const batch of refused) {
        expect((await post(collector.publicUrl, batch)).status).to.equal(202);
        acknowledged.set(String(batch['stream']), 3);
      }
      for (const [stream, count] of acknowledged) all.set(stream, count);
      await expectExactlyOnce(collector, all);
    });
  }
  const all = new Map<string, number>();
});
