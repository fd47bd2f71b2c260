import { expect } from 'chai';
import { ZONES_BY_COUNTRY } from '../../src/zones.js';
import { timeZoneOf } from '../../src/time-zones.js';
import { DAY_MS, scope, useDatabase } from './support.js';

const HOUR = 3_600_000;

describe('time in views', function () {
  // two cores may be busy with other suites
  this.timeout(180_000);
  const db = useDatabase();

  /** One page view an hour over [from, to). */
  const hourly = (site: number, from: number, to: number) =>
    db.store(
      Array.from({ length: (to - from) / HOUR }, (_, hour) => ({
        site_id: site,
        ts: from + hour * HOUR,
        type: 'page_view',
        visitor: 1,
        session: 1,
        seq: hour,
      })),
    );

  const buckets = async (
    site: number,
    tz: string,
    step: number,
    from: number,
    to: number,
  ): Promise<[string, number][]> => {
    const rows = await db.views.rows<{ time: string; page_views: number }>('overview', {
      ...scope(from, to, { site, tz }),
      step,
    });
    return rows.map((row) => [row.time, row.page_views]);
  };

  it('are cut in every zone that the collector lets through', async () => {
    const zones = new Set(
      [
        ...Intl.supportedValuesOf('timeZone'),
        ...Object.values(ZONES_BY_COUNTRY).flatMap((names) => names.split(' ')),
        'UTC',
        'US/Pacific',
        'Etc/GMT+1',
        'gmt',
      ].flatMap((name) => timeZoneOf(name.toLowerCase()) ?? []),
    );
    expect(zones.size).to.be.above(400);
    const listed = await db
      .as('migrator')
      .rows<{ name: string }>('SELECT time_zone AS name FROM system.time_zones');
    const known = new Set(listed.map(({ name }) => name));
    // the list lacks some that the engine knows; a zone that it does not know fails the query
    for (const zone of zones)
      if (!known.has(zone)) await db.as('reader').rows(`SELECT toDateTime(0, '${zone}')`);
  });

  it('cuts days of 25 and of 23 hours at local midnight', async () => {
    // Vienna: 2026-10-25 has 25 hours, 2026-03-29 has 23
    const october = Date.UTC(2026, 9, 24, 22);
    await hourly(11, october - DAY_MS, october + 3 * DAY_MS);
    expect(await buckets(11, 'Europe/Vienna', 86_400, october, october + DAY_MS + 25 * HOUR)).to.deep.equal([
      ['2026-10-24T22:00:00Z', 25],
      ['2026-10-25T23:00:00Z', 24],
    ]);
    const march = Date.UTC(2026, 2, 28, 23);
    await hourly(12, march, march + 2 * DAY_MS);
    expect(await buckets(12, 'Europe/Vienna', 86_400, march, march + 2 * DAY_MS)).to.deep.equal([
      ['2026-03-28T23:00:00Z', 23],
      ['2026-03-29T22:00:00Z', 24],
      ['2026-03-30T22:00:00Z', 1],
    ]);
  });

  it('cuts days at half past in Kolkata, by the hour too', async () => {
    const from = Date.UTC(2026, 9, 4, 18, 30);
    await hourly(13, from, from + 2 * DAY_MS);
    expect(await buckets(13, 'Asia/Kolkata', 86_400, from, from + 2 * DAY_MS)).to.deep.equal([
      ['2026-10-04T18:30:00Z', 24],
      ['2026-10-05T18:30:00Z', 24],
    ]);
    const hours = await buckets(13, 'Asia/Kolkata', 3600, from, from + 2 * HOUR);
    expect(hours).to.deep.equal([
      ['2026-10-04T18:30:00Z', 1],
      ['2026-10-04T19:30:00Z', 1],
    ]);
  });

  it('starts weeks on the local Monday', async () => {
    const monday = Date.UTC(2026, 9, 4, 22);
    await hourly(14, monday - HOUR, monday + HOUR);
    expect(await buckets(14, 'Europe/Vienna', 604_800, monday - DAY_MS, monday + DAY_MS)).to.deep.equal([
      ['2026-09-27T22:00:00Z', 1],
      ['2026-10-04T22:00:00Z', 1],
    ]);
  });

  it('takes ranges half open, to the millisecond', async () => {
    const at = Date.UTC(2026, 9, 5, 12);
    await db.store([
      { site_id: 15, ts: at, type: 'page_view', visitor: 1, session: 1 },
      { site_id: 15, ts: at + 1, type: 'page_view', visitor: 2, session: 2, seq: 1 },
    ]);
    const visitors = async (from: number, to: number): Promise<number> =>
      (await db.views.rows<{ visitors: number }>('overview_total', scope(from, to, { site: 15 })))[0]!
        .visitors;
    expect(await visitors(at, at + 1)).to.equal(1);
    expect(await visitors(at + 1, at + 2)).to.equal(1);
    expect(await visitors(at, at + 2)).to.equal(2);
    expect(await visitors(at - 1, at)).to.equal(0);
  });
});
