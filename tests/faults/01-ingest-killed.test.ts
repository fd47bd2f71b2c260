import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { crashTable, type CrashPoint } from '../../packages/collector/test/flush/support/crash-points.js';
import { hasStrace } from '../../packages/collector/test/flush/support/strace.js';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { repositoryFile } from '../support/program.js';
import { startRedis, type Redis } from '../support/redis.js';
import { EVERYTHING, scaled } from '../support/scale.js';
import { walkIngest } from '../support/walk-ingest.js';

const SAMPLE = ['writev', 'pwrite64'];
const tables: string[] = [];

/**
 * Fault 1: an ingest process is killed once at every write, send, sync and rename it makes while visitors send; without
 * a 202 they repeat. `npm test` walks a sample; `LINTEL_WRITE_RESULTS=1` keeps the table of a whole walk.
 */
describe('01 an ingest process killed at every system call', function () {
  this.timeout(3_600_000);
  let collector: Collector;
  let redis: Redis | null = null;

  before(function () {
    if (!hasStrace()) this.skip();
  });
  afterEach(async () => {
    await collector?.remove();
    await redis?.remove();
    redis = null;
  });
  after(() => {
    if (!process.env['LINTEL_WRITE_RESULTS'] || !EVERYTHING) return;
    const head = `# An ingest process killed at every system call\n\n\`LINTEL_WRITE_RESULTS=1 npm run test:faults -- --grep '^01'\` · Node ${process.version} · ${new Date().toISOString().slice(0, 10)}\n`;
    writeFileSync(repositoryFile('benchmarks/results/crash-points-ingest.md'), `${head}${tables.join('')}`);
  });

  for (const kind of ['disk', 'redis'] as const) {
    it(`loses and doubles nothing that was answered 202 (${kind})`, async () => {
      if (kind === 'redis') redis = await startRedis();
      collector = await startCollector({
        LINTEL_TRUST_PROXY: '1',
        ...(redis ? { LINTEL_REDIS_URL: redis.url } : {}),
      });
      const { points, acknowledged } = await walkIngest({
        collector,
        ...(EVERYTHING ? {} : { syscalls: SAMPLE, most: 2 }),
        onPoint: ({ syscall, when, killed }) => {
          if (EVERYTHING) process.stdout.write(`    ${syscall} ${when}: ${killed ? 'killed' : 'lived'}\n`);
        },
      });
      const table = crashTable(points);
      process.stdout.write(`${table}\n`);
      tables.push(`\n## Buffer: ${kind}\n\n${table}\n`);
      const killed = points.filter((point: CrashPoint) => point.killed);
      expect(killed, 'points at which it died').to.have.length.greaterThan(scaled(1, 15));
      for (const point of points) expect(point).to.include({ lost: 0, doubled: 0, difference: 0 });
      await expectExactlyOnce(collector, acknowledged);
    });
  }
});
