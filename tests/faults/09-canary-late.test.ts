import { expect } from 'chai';
import { startCollector, type Collector } from '../support/collector.js';
import { startOutsideDatabase, type OutsideDatabase } from '../support/outside-database.js';
import { startProxy, type Proxy } from '../support/proxy.js';
import { describeLong } from '../support/scale.js';
import { settled } from '../support/settled.js';
import { isReady, readStatus, type Status } from '../support/status.js';
import { until } from '../support/until.js';

const CANARY = 65_535;

/** Fault 9 as the canary tells it: everything is green and taken, and nothing of it can be seen. */
describeLong('09 canary late', function () {
  this.timeout(600_000);
  let database: OutsideDatabase;
  let proxy: Proxy;
  let collector: Collector;

  before(async () => {
    database = await startOutsideDatabase();
    proxy = await startProxy(database.port);
    collector = database.of(await startCollector({ ...database.env(proxy.url), LINTEL_CANARY: 'on' }));
  });
  after(async () => {
    await collector.remove();
    await proxy.remove();
    await database.stop();
  });

  const canary = async (): Promise<Status['canary']> => (await readStatus(collector)).canary;
  const lag = (): Promise<number> => collector.admin.metric('lintel_visible_lag_seconds');

  it('lags as long as ClickHouse is away, and recovers with the books balanced', async () => {
    const before = await until('one is seen', async () => {
      const now = await canary();
      return now.visibleLagSeconds === null ? null : now;
    });
    const lagBefore = before.visibleLagSeconds!;
    proxy.set('refuse');
    proxy.cut();
    await until('it is late', async () => (await lag()) > Math.max(30, 2 * lagBefore), 240_000);
    const away = await canary();
    expect(away.lastSeen).to.be.at.least(before.lastSeen!);
    expect(away.ageSeconds).to.be.greaterThan(90);
    expect(await isReady(collector), 'intake goes on').to.equal(true);

    proxy.set('pass');
    await until(
      'the newest one is seen soon after it was sent',
      async () => {
        const now = await canary();
        return now.lastSeen! > away.lastSeen! && now.visibleLagSeconds! < 30;
      },
      240_000,
    );
    // those of the minutes without a database came after all
    const books = await settled(collector, CANARY);
    expect(books.stored).to.equal(books.accepted);
    const rows = await collector.database.rows<{ first: number; last: number; n: number }>(
      `SELECT min(seq) AS first, max(seq) AS last, count() AS n FROM events WHERE site_id = ${CANARY} GROUP BY stream`,
    );
    for (const { first, last, n } of rows) expect(n, 'a number for each minute').to.equal(last - first + 1);
  });
});
