import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { startLoad, type Load } from '../support/load.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';
import { describeLong } from '../support/scale.js';

/** Fault 23: a column comes and goes under a collector that was built without it; expand, then contract. */
describeLong('23 a migration under load', function () {
  this.timeout(300_000);
  let collector: Collector;
  let load: Load | null = null;

  before(async () => {
    collector = await startCollector();
  });
  after(async () => {
    await load?.finish();
    await collector?.remove();
  });

  /** Ready means that events can be taken; the database may still start. */
  const untilMigrated = (): Promise<unknown> =>
    until('the database answers', () =>
      collector.database.rows('SELECT 1 FROM lintel.events LIMIT 1').catch(() => null),
    );

  it('disturbs nobody: the old collector goes on through both, also over its restart in between', async () => {
    load = startLoad(collector.publicUrl, { visitors: 10, pauseMs: 20 });
    await more(load, 300);
    await untilMigrated();
    await collector.database.migrate("ALTER TABLE lintel.events ADD COLUMN later_on String DEFAULT 'later'");
    await more(load, 300);
    // from here on its statements name the new column
    expect(await collector.stop()).to.equal(0);
    await collector.start();
    await more(load, 300);
    await untilMigrated();
    await collector.database.migrate('ALTER TABLE lintel.events DROP COLUMN later_on');
    await more(load, 300);
    await expectExactlyOnce(collector, await load.finish());
    const [dead] = await collector.database.rows<{ n: number }>(
      'SELECT count() AS n FROM lintel.dead_letters',
    );
    expect(dead!.n).to.equal(0);
  });
});
