import { expect } from 'chai';
import { DateTime } from 'luxon';
import { askScripted } from './scripted.js';

const ZONE = 'Europe/Vienna';
const at = (iso: string): number => DateTime.fromISO(iso, { zone: ZONE }).toMillis();
const of = (epochMs: unknown): string => DateTime.fromMillis(Number(epochMs), { zone: ZONE }).toISO()!;

/** What is kept for minutes may only be what is over: its bounds do not move while a week lasts. */
describe('whole weeks', () => {
  // a Thursday; the clocks went back on 25 October
  const scope = { from: at('2026-10-29T13:07:21'), to: at('2026-11-12T10:00:03'), timeZone: ZONE };

  it('are the history of a rate: twelve before the range, none of them cut', async () => {
    const people = { visitors: 100, inquiring: 1, consented: 100, consented_inquiring: 1 };
    const row = {
      ...people,
      ...{ sessions: 100, page_views: 100, configurations: 9, inquiries: 1, orders: 0, revenue: 0 },
    };
    const { asked } = await askScripted(
      'overview',
      {
        overview_trend: [{ ...row, whole: 1, time: '' }],
        overview_total: [row],
        session_shape: [{ sessions: 0, bounces: 0 }],
      },
      { scope },
    );
    const { parameters } = asked.find(({ view }) => view === 'overview')!;
    expect(of(parameters['from'])).to.equal('2026-08-03T00:00:00.000+02:00');
    expect(of(parameters['to'])).to.equal('2026-10-26T00:00:00.000+01:00');
  });

  it('are what the leading indicator is made of: two years, or the whole range where it is longer', async () => {
    const boundsOf = async (over: Partial<typeof scope>): Promise<string[]> => {
      const { asked } = await askScripted('market-trends', {}, { scope: { ...scope, ...over } });
      const { parameters } = asked.find(({ view }) => view === 'market_weeks')!;
      return [of(parameters['from']), of(parameters['to'])];
    };
    expect(await boundsOf({})).to.eql(['2024-11-11T00:00:00.000+01:00', '2026-11-09T00:00:00.000+01:00']);
    expect(await boundsOf({ from: at('2024-01-03T08:00:00') })).to.eql([
      '2024-01-08T00:00:00.000+01:00',
      '2026-11-09T00:00:00.000+01:00',
    ]);
  });
});
