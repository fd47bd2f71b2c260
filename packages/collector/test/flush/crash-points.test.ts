import { expect } from 'chai';
import { crashTable, walkCrashPoints } from './support/crash-points.js';
import { startDatabase, type TestDatabase } from './support/pipeline.js';
import { hasStrace } from './support/strace.js';

/** The short form; \`npm run test:faults\` walks every point. */
describe('a flush process that is killed', function () {
  this.timeout(300_000);
  let database: TestDatabase;

  before(async function () {
    if (!hasStrace()) this.skip();
    database = await startDatabase();
  });
  after(async () => {
    await database?.stop();
  });

  it('at one of its writes, sends or syncs has lost and doubled nothing once the next one is through', async () => {
    const points = await walkCrashPoints({ database, syscalls: ['writev', 'pwrite64', 'write'], step: 5 });
    console.log(crashTable(points));
    expect(points.filter(({ killed }) => killed).length, 'points at which it died').to.be.at.least(6);
    for (const point of points) expect(point).to.include({ lost: 0, doubled: 0, difference: 0 });
  });
});
