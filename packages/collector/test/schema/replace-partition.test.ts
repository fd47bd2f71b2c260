import { expect } from 'chai';
import { createPartitionReplacer } from '../../src/schema/index.js';
import { useDatabase } from './support.js';

describe('replacing a partition', function () {
  this.timeout(180_000);
  const db = useDatabase();

  const member = (site: number, visitor: number) => ({ site_id: site, segment: 'loyal', visitor });
  const stored = () =>
    db.as('migrator').rows('SELECT site_id, visitor FROM segment_members ORDER BY site_id, visitor');

  it('leaves exactly the given rows in it, and the others alone', async () => {
    const { replace } = createPartitionReplacer({ clickhouse: () => db.as('writer'), database: 'lintel' });
    await replace('segment_members', [1], [member(1, 5), member(1, 6)]);
    await replace('segment_members', [2], [member(2, 7)]);
    for (let again = 0; again < 2; again++) {
      await replace('segment_members', [1], [member(1, 8)]);
      expect(await stored()).to.deep.equal([
        { site_id: 1, visitor: 8 },
        { site_id: 2, visitor: 7 },
      ]);
    }
    await replace('segment_members', [1], []);
    expect(await stored()).to.deep.equal([{ site_id: 2, visitor: 7 }]);
  });

  it('takes nothing else for a partition', async () => {
    const { replace } = createPartitionReplacer({ clickhouse: () => db.as('writer'), database: 'lintel' });
    let refused = '';
    await replace('segment_members', ["1) FROM x; DROP TABLE events; --'"], []).catch((error: unknown) => {
      refused = (error as Error).name;
    });
    expect(refused).to.equal('RangeError');
  });
});
