import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { freshFolder } from '../support/folder.js';
import { startLoad, type Load } from '../support/load.js';
import { createRandom, scaled } from '../support/scale.js';
import { aBatch, post } from '../support/send.js';
import { settled } from '../support/settled.js';
import { SITE } from '../support/site.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';

const BATCHES = scaled(150, 2000);
const [SECOND, DAY, YEAR] = [1000, 86_400_000, 365.25 * 86_400_000];

/** The hours that Europe skips and repeats, the last leap second, the 29th of February, 2038, the epoch. */
const ODD = [
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2026, 9, 25, 1),
  Date.UTC(2016, 11, 31, 23, 59, 59, 999),
  Date.UTC(2028, 1, 29),
  2 ** 31 * 1000,
  0,
];

/** Where Debian's package libfaketime puts it. */
const faketime = (): string | null =>
  readdirSync('/usr/lib')
    .map((name) => join('/usr/lib', name, 'faketime', 'libfaketime.so.1'))
    .find((path) => existsSync(path)) ?? null;

interface StoredTime {
  seq: number;
  stream: string;
  ts: number;
  received: number;
  skew: number;
}

describe('26 clocks', function () {
  this.timeout(600_000);
  let collector: Collector | null = null;
  let load: Load | null = null;
  const folder = freshFolder();

  afterEach(async () => {
    await load?.finish();
    load = null;
    await collector?.remove();
    collector = null;
  });
  after(() => folder.remove());

  it('of visitors, years off or on an odd hour, are corrected or clamped; both times are kept, two months are open', async () => {
    collector = await startCollector();
    const random = createRandom(26);
    const sent = new Map<string, number>();
    const acknowledged = new Map<string, number>();
    let old = 0;
    for (let n = 0; n < BATCHES; n++) {
      const stream = randomUUID();
      const off = [0, (random() - 0.5) * 20 * YEAR, (random() - 0.5) * 4 * SECOND][n % 3]!;
      const theirNow = n % 7 === 0 ? ODD[n % ODD.length]! : Math.round(Date.now() + off);
      const events = Array.from({ length: 4 }, (_, seq) => ({
        seq,
        // now and then later than it was sent, or long ago
        at: Math.round(theirNow + [0, -random() * DAY, -random() * 60 * DAY, random() * DAY][seq]!),
        type: 'page_view',
        path: '/',
      }));
      const batch = aBatch({ stream, sentAt: theirNow, events });
      const { status, body } = await until('it is taken or refused', async () => {
        const reply = await post(collector!.publicUrl, batch);
        return reply.status === 503 ? null : reply;
      });
      // a year before 1970 is no time: the envelope or the event says so
      if (status === 400) continue;
      expect(status).to.equal(202);
      const late = new Set(body.rejected!.map(({ seq }) => seq));
      for (const { reason } of body.rejected!) expect(['time_old', 'number']).to.include(reason);
      old += late.size;
      for (const { seq, at } of events) if (!late.has(seq)) sent.set(`${stream}/${seq}`, at);
      if (late.size < 4) acknowledged.set(stream, 4 - late.size);
    }
    expect(old, 'events of more than 30 days ago').to.be.greaterThan(0);
    await settled(collector);
    const rows = await collector.database.rows<StoredTime>(
      `SELECT toString(stream) AS stream, seq, toUnixTimestamp64Milli(ts) AS ts,
         toUnixTimestamp(received) AS received, skew_ms AS skew FROM lintel.events
       WHERE site_id = ${SITE.id}`,
    );
    expect(rows.length).to.equal(sent.size);
    for (const { stream, seq, ts, received, skew } of rows) {
      expect(ts + skew, 'the client’s own clock').to.equal(sent.get(`${stream}/${seq}`));
      expect(ts).to.be.at.most((received + 1) * SECOND);
      expect(ts).to.be.at.least(received * SECOND - 30 * DAY - 5 * SECOND);
    }
    const months = await collector.database.rows<{ partition: string }>(
      "SELECT DISTINCT partition FROM system.parts WHERE database = 'lintel' AND table = 'events' AND active",
    );
    expect(months.length).to.be.within(1, 2);
  });

  it('of the collector that jump by hours and days lose and double nothing', async function () {
    const library = faketime();
    if (library === null) {
      console.log('      not run: libfaketime is not installed');
      return this.skip();
    }
    const clock = join(folder.path, 'clock');
    writeFileSync(clock, '+0');
    collector = await startCollector({
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    });
    load = startLoad(collector.publicUrl, { visitors: 8, pauseMs: 20 });
    for (const jump of ['+3600', '-3600', '+172800', '-60', '+0']) {
      await more(load, 200);
      writeFileSync(clock, jump);
    }
    await more(load, 200);
    await expectExactlyOnce(collector, await load.finish());
  });
});
