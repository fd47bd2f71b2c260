import { expect } from 'chai';
import { DAY_MS, useDatabase, type TestEvent } from './support.js';

const MINUTE = 60_000;

describe('real_time_baseline', function () {
  this.timeout(120_000);
  const db = useDatabase();

  it('counts the same half hour of each of the eight weeks before, and nothing beside it', async () => {
    const now = Date.now();
    let seq = 0;
    const at = (ts: number, more: Partial<TestEvent> = {}): TestEvent => ({
      ts,
      type: 'page_view',
      visitor: 7,
      session: 9,
      seq: seq++,
      ...more,
    });
    const events: TestEvent[] = [];
    for (let week = 1; week <= 9; week++) {
      const then = now - week * 7 * DAY_MS;
      // so many as the week's number, from the first minute of the half hour to its last
      for (let n = 0; n < week; n++) events.push(at(then - 2 * MINUTE - n * 3 * MINUTE));
      events.push(
        at(then - 33 * MINUTE),
        at(then + 3 * MINUTE),
        at(then - DAY_MS),
        at(then - 5 * MINUTE, { bot: 1 }),
      );
    }
    events.push(at(now - MINUTE), at(now - 7 * DAY_MS - MINUTE, { type: 'click' }));
    await db.store(events);
    expect(await db.views.rows('real_time_baseline', { site: 1 })).to.eql([
      { step: 'page_view', counts: [1, 2, 3, 4, 5, 6, 7, 8] },
    ]);
  });
});
