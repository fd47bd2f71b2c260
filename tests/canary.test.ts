import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startCollector, type Collector } from './support/collector.js';
import { aBatch, post } from './support/send.js';
import { settled } from './support/settled.js';
import { SITE } from './support/site.js';
import { readStatus } from './support/status.js';
import { until } from './support/until.js';

const CANARY = 65_535;

/** Of the canaries that are stored: each is a minute of its own, whoever sent it. */
const canaries = async ({ database }: Collector): Promise<{ rows: number; minutes: number }> => {
  const [row] = await database.rows<{ rows: number; minutes: number }>(
    `SELECT count() AS rows, uniqExact(stream, seq) AS minutes FROM lintel.events WHERE site_id = ${CANARY}`,
  );
  return row!;
};

describe('canary', function () {
  this.timeout(180_000);
  let collector: Collector;

  afterEach(() => collector.remove());

  const seen = () =>
    until('a canary is seen', async () => {
      const { canary } = await readStatus(collector);
      return canary.lastSeen === null || canary.visibleLagSeconds === null ? null : canary;
    });

  it('goes through the public port into a view, is counted like any event, and shows in no answer of a site', async () => {
    const startedAt = Date.now();
    collector = await startCollector({ LINTEL_CANARY: 'on' });
    const events = [0, 1].map((seq) => ({ seq, at: Date.now(), type: 'page_view', path: '/' }));
    await post(collector.publicUrl, aBatch({ stream: randomUUID(), events }));
    const canary = await seen();
    expect(canary.lastSeen).to.be.within(startedAt, Date.now());
    expect(canary.visibleLagSeconds).to.be.greaterThan(0);

    const { admin } = collector;
    expect(await admin.metric('lintel_visible_lag_seconds')).to.be.greaterThan(0);
    expect(await admin.metric('lintel_canary_age_seconds')).to.be.greaterThan(0);
    // it came in as visitors do
    const taken = await admin.metric('lintel_ingest_events_total', {
      site: String(CANARY),
      outcome: 'accepted',
    });
    expect(taken).to.be.at.least(1);
    const books = await settled(collector, CANARY);
    expect(books).to.include({ buffered: 0, deadLettered: 0, difference: 0 });
    expect(books.stored).to.equal(books.accepted);
    expect(books.accepted).to.be.at.least(1);

    await settled(collector);
    const site = String(SITE.id);
    const live = await admin.ask<{ visitors30m: number }>('real-time', { site });
    expect(live.data.visitors30m).to.equal(1);
    const [events7] = await collector.database.rows<{ n: number }>(
      `SELECT count() AS n FROM lintel.events WHERE site_id = ${SITE.id}`,
    );
    expect(events7!.n).to.equal(2);
    const listed = await collector.database.rows<{ id: number }>('SELECT id FROM lintel.sites');
    expect(listed).to.deep.equal([{ id: SITE.id }]);
    const asked = await admin.ask('real-time', { site: String(CANARY) }).then(
      () => 'answered',
      (error: Error) => error.message,
    );
    expect(asked).not.to.equal('answered');
    // nobody else may speak for it
    const stranger = await post(collector.publicUrl, aBatch({ key: '_canary', events }));
    expect(stranger.status).to.equal(403);
  });

  it('is one a minute, however many processes take events', async () => {
    collector = await startCollector({ LINTEL_CANARY: 'on', LINTEL_INGEST_PROCESSES: '2' });
    await seen();
    const { metric } = collector.admin;
    await settled(collector, CANARY);
    const { rows, minutes } = await canaries(collector);
    expect(rows).to.equal(minutes);
    expect(rows).to.be.within(1, 2);
    expect(await metric('lintel_canary_age_seconds')).to.be.greaterThan(0);
  });
});
