import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { crashTable, walkCrashPoints } from '../../packages/collector/test/flush/support/crash-points.js';
import { startDatabase, type TestDatabase } from '../../packages/collector/test/flush/support/pipeline.js';
import { repositoryFile } from '../support/program.js';
import { startRedis, type Redis } from '../support/redis.js';
import { describeLong } from '../support/scale.js';

const tables: string[] = [];

/**
 * Fault 2: a flush process is killed once at every write, send, sync and rename it makes, over a range with two
 * months, a doubtful lane, a poison row and a side lane. `LINTEL_WRITE_RESULTS=1` keeps the table. A sample runs in
 * packages/collector/test/flush/crash-points.test.ts.
 */
describeLong('02 a flush process killed at every system call', function () {
  this.timeout(3_600_000);
  let database: TestDatabase;
  let redis: Redis | null = null;

  beforeEach(async () => {
    database = await startDatabase();
  });
  afterEach(async () => {
    await database.stop();
    await redis?.remove();
    redis = null;
  });
  after(() => {
    if (!process.env['LINTEL_WRITE_RESULTS']) return;
    const head = `# A flush process killed at every system call\n\n\`LINTEL_WRITE_RESULTS=1 npm run test:faults -- --grep 'flush process killed'\` · Node ${process.version} · ${new Date().toISOString().slice(0, 10)}\n`;
    writeFileSync(repositoryFile('benchmarks/results/crash-points-flush.md'), `${head}${tables.join('')}`);
  });

  for (const kind of ['disk', 'redis'] as const) {
    it(`loses and doubles nothing (${kind})`, async () => {
      if (kind === 'redis') redis = await startRedis();
      const points = await walkCrashPoints({
        database,
        step: 1,
        ...(redis ? { redisUrl: redis.url } : {}),
        onPoint: ({ syscall, when, killed, lost, doubled }) =>
          process.stdout.write(
            `    ${syscall} ${when}: ${killed ? 'killed' : 'lived'}, ${lost} lost, ${doubled} doubled\n`,
          ),
      });
      const table = crashTable(points);
      process.stdout.write(`${table}\n`);
      tables.push(`\n## Buffer: ${kind}\n\n${table}\n`);
      expect(points.filter(({ killed }) => killed)).to.have.length.greaterThan(20);
      for (const point of points) expect(point).to.include({ lost: 0, doubled: 0, difference: 0 });
    });
  }
});
