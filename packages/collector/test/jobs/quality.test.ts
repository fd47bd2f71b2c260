import { expect } from 'chai';
import { checkQuality } from '../../src/jobs/check-quality.js';
import { RANGE, shop } from '../questions/shop.js';
import { scope, useDatabase } from '../schema/support.js';
import { runSlot, sourcesOf } from './support.js';

/** Noon of Sunday in Vienna. */
const slot = { id: '2026-11-15T11:00:00.000Z', at: Date.parse('2026-11-15T11:00:00Z') };

describe('check-quality', function () {
  this.timeout(120_000);
  const db = useDatabase();
  const kept = async (): Promise<Record<string, unknown>[]> =>
    (await db.views.rows<Record<string, unknown>>('report_quality', scope(RANGE.from, RANGE.to))).map(
      ({ time, ...rest }) => ({ day: String(time).slice(0, 10), ...rest }),
    );
  const run = (fence = 1) => runSlot(checkQuality(sourcesOf(db)), slot, fence);
  before(() => db.store(shop()));

  // 30 + 24 page views, 24 starts, 20 options, 15 prices, 10 saves, 5 inquiries, 30 vitals, 40 pages of a robot: 198;
  // 30 pages, the last of which announced three events more, and the robot's. The order came a day later from the office
  const tuesday = {
    day: '2026-11-09',
    stored: 198,
    bots: 40,
    without_visitor: 0,
    late: 0,
    skewed: 0,
    duplicates: 0,
    streams: 31,
    generated: 201,
    captured: 198,
  };
  const wednesday = {
    ...tuesday,
    day: '2026-11-10',
    stored: 1,
    bots: 0,
    streams: 1,
    generated: 1,
    captured: 1,
  };

  it('counts what is wrong with each local day', async () => {
    await run();
    // midnight in Vienna is 23:00 of the day before in UTC
    expect(await kept()).to.eql([tuesday, wednesday]);
  });

  it('is the same the second time, by the same holder or another', async () => {
    await run();
    await run(2);
    expect(await kept()).to.eql([tuesday, wednesday]);
  });

  it('counts again what came late, was doubled, or has no visitor', async () => {
    const [first] = shop();
    await db.store([
      { ...first!, received: first!.ts + 400_000 },
      { ...first!, seq: 900, stream: '00000000-0000-4000-8000-000000000900', visitor: 0, skew_ms: 9000 },
    ]);
    await run(3);
    // the second one is number 900 of its page: 900 before it are missing
    expect((await kept())[0]).to.eql({
      ...tuesday,
      stored: 200,
      without_visitor: 1,
      late: 1,
      skewed: 1,
      duplicates: 1,
      streams: 32,
      generated: 201 + 901,
      captured: 200,
    });
  });
});
