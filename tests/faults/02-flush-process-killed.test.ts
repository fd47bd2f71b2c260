import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { crashTable, walkCrashPoints } from '../../packages/collector/test/flush/support/crash-points.js';
import { startDatabase, type TestDatabase } from '../../packages/collector/test/flush/support/pipeline.js';
import { repositoryFile } from '../support/program.js';

/**
 * Fault 2: a flush process is killed once at every write, send, sync and rename it makes, over a range with two
 * months, a doubtful lane, a poison row and a side lane. `LINTEL_WRITE_RESULTS=1` keeps the table.
 */
describe('02 a flush process killed at every system call', () => {
  let database: TestDatabase;

  before(async () => {
    database = await startDatabase();
  });
  after(async () => {
    await database.stop();
  });

  it('loses and doubles nothing', async () => {
    const points = await walkCrashPoints({
      database,
      step: 1,
      onPoint: ({ syscall, when, killed, lost, doubled }) =>
        process.stdout.write(
          `    ${syscall} ${when}: ${killed ? 'killed' : 'lived'}, ${lost} lost, ${doubled} doubled\n`,
        ),
    });
    const table = crashTable(points);
    process.stdout.write(`${table}\n`);
    if (process.env['LINTEL_WRITE_RESULTS']) {
      const head = `# A flush process killed at every system call\n\n\`npm run test:faults -- --grep '^02'\` · Node ${process.version} · ${new Date().toISOString().slice(0, 10)}\n\n`;
      writeFileSync(repositoryFile('benchmarks/results/crash-points-flush.md'), `${head}${table}\n`);
    }
    expect(points.filter(({ killed }) => killed)).to.have.length.greaterThan(20);
    for (const point of points) expect(point).to.include({ lost: 0, doubled: 0, difference: 0 });
  });
});
