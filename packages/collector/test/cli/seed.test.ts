import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { seed } from '../../src/cli/seed.js';
import { startCollector, type Collector } from '../../src/collector.js';
import { readSettings } from '../../src/config.js';
import { silentLog } from '../../src/log.js';

const DAY_MS = 86_400_000;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** A whole collector on a directory of its own. */
const start = async (dir: string): Promise<Collector> => {
  const [publicPort, adminPort, http, tcp] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const collector = await startCollector(
    readSettings({
      LINTEL_DATA_DIR: dir,
      LINTEL_PUBLIC_PORT: String(publicPort),
      LINTEL_ADMIN_PORT: String(adminPort),
      LINTEL_CLICKHOUSE_HTTP_PORT: String(http),
      LINTEL_CLICKHOUSE_TCP_PORT: String(tcp),
    }),
    silentLog,
  );
  await collector.database.ready;
  return collector;
};

describe('seed', function () {
  this.timeout(240_000);
  const dirs: string[] = [];
  const to = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
  after(() => dirs.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

  /** Seeds an empty collector twice; what is stored, without what tells arrivals apart. */
  const seeded = async (number: number): Promise<{ said: string[]; print: string; n: number }> => {
    const dir = mkdtempSync(join(tmpdir(), 'lintel-seed-'));
    dirs.push(dir);
    const collector = await start(dir);
    try {
      const said: string[] = [];
      const once = () =>
        seed({
          publicUrl: collector.publicUrl,
          site: collector.sites[0]!,
          say: (line) => said.push(line),
          seed: number,
          days: 60,
          to,
          events: 3000,
        });
      await once();
      await once();
      for (;;) {
        const [row] = await collector.readLedger();
        if (row && row.buffered === 0) {
          expect(row.difference).to.equal(0);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const [stored] = await collector.database.client('writer').rows<{ n: number; print: string }>(
        // not by time: a request that a slow machine holds for two seconds looks like a clock that is off
        `SELECT count() AS n, toString(sum(cityHash64(type, stream, seq))) AS print
         FROM lintel.events WHERE site_id = 1 AND NOT startsWith(type, 'stream_')`,
      );
      return { said, ...stored! };
    } finally {
      await collector.stop();
    }
  };

  it('stores the same events for the same number, about as many as asked for, and nothing twice', async () => {
    const [one, again, other] = [await seeded(1), await seeded(1), await seeded(2)];
    // visits of the last days that would have led to more are cut off at the end
    expect(one.n).to.be.within(2000, 3600);
    expect({ n: again.n, print: again.print }).to.eql({ n: one.n, print: one.print });
    expect(other.print).to.not.equal(one.print);
    const results = one.said.filter((line) => line.includes('accepted'));
    expect(results[0]).to.contain(`${one.n.toLocaleString('en')} events accepted, 0 known, 0 refused`);
    expect(results[1]).to.contain(`0 events accepted, ${one.n.toLocaleString('en')} known, 0 refused`);
    expect(one.said.filter((line) => line.includes('%')).length).to.be.at.least(10);
  });
});
