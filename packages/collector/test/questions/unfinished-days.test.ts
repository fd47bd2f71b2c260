import { expect } from 'chai';
import { askScripted } from './scripted.js';

const row = {
  visitors: 1,
  sessions: 1,
  page_views: 1,
  configurations: 0,
  inquiring: 0,
  inquiries: 0,
  orders: 0,
  revenue: 0,
  consented: 1,
  consented_inquiring: 0,
};
const script = (times: string[]) => ({
  overview_trend: [{ ...row, time: '', whole: 1 }, ...times.map((time) => ({ ...row, time, whole: 0 }))],
  overview: [],
  overview_total: [row],
  session_shape: [{ sessions: 0, events: [0, 0, 0], median_s: 0, bounces: 0 }],
});
const ask = async (times: string[], from: string, to: string, now: string): Promise<boolean[]> =>
  (
    await askScripted<{ trend: { complete: boolean }[] }>('overview', script(times), {
      scope: { from: Date.parse(from), to: Date.parse(to) },
      sources: { clock: { now: () => Date.parse(now) } },
    })
  ).data.trend.map(({ complete }) => complete);

describe('unfinished days', () => {
  it('are marked at both ends of a range', async () => {
    const days = ['2026-11-09T23:00:00Z', '2026-11-10T23:00:00Z', '2026-11-11T23:00:00Z'];
    expect(await ask(days, '2026-11-10T09:00:00Z', '2026-11-12T10:00:00Z', '2026-11-20T00:00:00Z')).to.eql([
      false,
      true,
      false,
    ]);
    // all of it is asked for, but the last day still runs
    expect(await ask(days, '2026-11-09T23:00:00Z', '2026-11-12T23:00:00Z', '2026-11-12T09:00:00Z')).to.eql([
      true,
      true,
      false,
    ]);
  });

  it('have 25 hours when the clocks go back', async () => {
    // 25 October in Vienna: from 22:00 of the 24th to 23:00 of the 25th, UTC
    const days = ['2026-10-23T22:00:00Z', '2026-10-24T22:00:00Z'];
    const until = (now: string) => ask(days, '2026-10-23T22:00:00Z', '2026-10-26T23:00:00Z', now);
    expect(await until('2026-10-25T22:30:00Z')).to.eql([true, false]);
    expect(await until('2026-10-25T23:00:00Z')).to.eql([true, true]);
  });

  it('are hours in a short range', async () => {
    const hours = ['2026-11-10T08:00:00Z', '2026-11-10T09:00:00Z', '2026-11-10T10:00:00Z'];
    expect(await ask(hours, '2026-11-10T08:30:00Z', '2026-11-10T11:00:00Z', '2026-11-10T10:30:00Z')).to.eql([
      false,
      true,
      false,
    ]);
  });
});
