import { expect } from 'chai';
import { rangeBefore } from '../../src/questions/intervals.js';
import { askScripted } from './scripted.js';
import { scopeOf } from './support.js';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-30T08:15:42.317Z');
const last = (days: number) => scopeOf({ from: NOW - days * DAY_MS, to: NOW });

describe('the range before', () => {
  it('is of the same length and directly before while an outbox may still tell of it, and never kept', () => {
    const scope = last(6);
    expect(rangeBefore(scope, NOW)).to.eql({
      range: { from: scope.from - 6 * DAY_MS, to: scope.from },
      keepMs: 0,
    });
  });

  it('is of the same length, ends at the whole minute before and is kept for one once it is over for every outbox', () => {
    const scope = last(30);
    const { range, keepMs } = rangeBefore(scope, NOW);
    expect(keepMs).to.equal(60_000);
    expect(new Date(range.to).toISOString()).to.equal('2026-10-31T08:15:00.000Z');
    expect(range.to - range.from).to.equal(30 * DAY_MS);
    // whoever asks in the same minute asks the same
    const moment = { ...scope, from: scope.from + 10_000, to: scope.to + 10_000 };
    expect(rangeBefore(moment, NOW + 10_000).range).to.eql(range);
  });

  it('that begins at midnight is cut nowhere', () => {
    const from = Date.parse('2026-10-31T23:00:00Z');
    expect(rangeBefore(scopeOf({ from, to: NOW }), NOW).range.to).to.equal(from);
  });

  it('is read anew when nothing was in it: its events may just be told', async () => {
    const row = {
      ...{ visitors: 0, inquiring: 0, consented: 0, consented_inquiring: 0, sessions: 0, page_views: 0 },
      ...{ configurations: 0, inquiries: 0, orders: 0, revenue: 0 },
    };
    let readings = 0;
    const { data } = await askScripted<{ previous: { visitors: number; pageViews: number } }>(
      'overview',
      {
        overview_total: () => [readings++ === 0 ? row : { ...row, visitors: 3, page_views: 5 }],
        session_shape: [{ sessions: 0, bounces: 0 }],
      },
      { scope: last(30), sources: { clock: { now: () => NOW } } },
    );
    expect(readings).to.equal(2);
    expect(data.previous).to.include({ visitors: 3, pageViews: 5 });
  });
});
