import { expect } from 'chai';
import type { Estimate } from '../../src/questions/index.js';
import { DAY_MS, useDatabase, type TestEvent } from '../schema/support.js';
import { askScripted } from './scripted.js';
import { createAsker } from './support.js';

type ByAge = { ageDays: number; converted: Estimate }[];
interface Funnel {
  byAge: ByAge;
}
interface Group {
  visitors: number;
  /** Days ago. */
  entered: number;
  /** Days after entering. */
  asked?: number;
  consent?: string;
}

const NOW = Date.now();

const ways = (groups: readonly Group[]): TestEvent[] => {
  let visitor = 0;
  return groups.flatMap(({ visitors, entered, asked, consent = 'statistics' }) =>
    Array.from({ length: visitors }, () => {
      visitor++;
      const stream = `00000000-0000-4000-8000-${String(visitor).padStart(12, '0')}`;
      const event = { visitor, session: visitor, stream, consent };
      const at = NOW - entered * DAY_MS;
      return [
        { ...event, ts: at, type: 'page_view', seq: 0 },
        ...(asked === undefined ? [] : [{ ...event, ts: at + asked * DAY_MS, type: 'inquiry', seq: 1 }]),
      ];
    }).flat(),
  );
};

describe('conversion-funnel by age', function () {
  this.timeout(120_000);
  const db = useDatabase();

  it('is 1 − S(t) on the real engine: the young are censored, not counted as failures', async () => {
    await db.store(
      ways([
        { visitors: 10, entered: 20, asked: 0.5 },
        { visitors: 6, entered: 20, asked: 4.5 },
        { visitors: 24, entered: 20 },
        // these may still ask: half a day and three and a half days old
        { visitors: 60, entered: 0.5 },
        { visitors: 10, entered: 3.5 },
        { visitors: 30, entered: 2, consent: 'none' },
      ]),
    );
    const { byAge } = await createAsker(db as never)<Funnel>(
      'conversion-funnel',
      { steps: ['page_view', 'inquiry'] },
      { from: NOW - 30 * DAY_MS, to: NOW },
    );
    // day 1: 50 of the 110 are that old, 10 of them asked: S = 40/50 = .8
    // day 5: 30 are that old and had not asked, 6 of them did: S = .8 · 24/30 = .64
    expect(byAge.map(({ ageDays, converted }) => [ageDays, converted.n])).to.eql([
      [1, 50],
      [5, 30],
    ]);
    expect(byAge[0]!.converted.value).to.be.closeTo(0.2, 1e-12);
    expect(byAge[1]!.converted.value).to.be.closeTo(0.36, 1e-12);
    // and not the raw ratio
    expect(byAge[1]!.converted.value).to.be.above(2 * (16 / 110));
    // Greenwood: 10/(50 · 40) + 6/(30 · 24) = .0133333, its root .1154701; .64 · exp(± 1.959964 · .1154701)
    expect(byAge[1]!.converted.lo).to.be.closeTo(1 - 0.8025, 1e-4);
    expect(byAge[1]!.converted.hi).to.be.closeTo(1 - 0.5104, 1e-4);
    for (const { converted } of byAge)
      expect(converted).to.include({ method: 'kaplan-meier, consented visitors', quality: 'low_n' });
  });

  const scripted = async (rows: readonly (readonly [age: number, events: number, censored: number])[]) =>
    askScripted<Funnel>('conversion-funnel', {
      funnel_ages: rows.map(([age_days, events, censored]) => ({ age_days, events, censored })),
    });

  it('is ok, low_n or insufficient as any rate of so many', async () => {
    const qualities = async (rows: Parameters<typeof scripted>[0]) =>
      (await scripted(rows)).data.byAge.map(({ converted }) => converted.quality);
    // one of forty: its interval is wider than itself
    expect(
      await qualities([
        [1, 1, 0],
        [9, 0, 39],
      ]),
    ).to.eql(['low_n']);
    expect(
      await qualities([
        [1, 60, 0],
        [9, 0, 140],
      ]),
    ).to.eql(['ok']);
    // fewer than a hundred are still at risk, then fewer than twenty
    expect(
      await qualities([
        [1, 60, 0],
        [2, 0, 50],
        [3, 20, 55],
        [4, 3, 12],
      ]),
    ).to.eql(['ok', 'low_n', 'insufficient']);
    // four converted; all but four did
    expect(
      await qualities([
        [1, 4, 0],
        [9, 0, 196],
      ]),
    ).to.eql(['low_n']);
    expect(
      await qualities([
        [1, 196, 0],
        [9, 0, 4],
      ]),
    ).to.eql(['low_n']);
  });

  it('says what would be needed where there are too few entries', async () => {
    const { data, warnings } = await scripted([
      [1, 3, 0],
      [9, 0, 9],
    ]);
    expect(data.byAge).to.eql([]);
    expect(warnings).to.deep.include({
      code: 'TOO_FEW',
      text: 'byAge: 12 of the 20 consented visitors needed',
    });
    expect(
      (
        await scripted([
          [1, 5, 0],
          [9, 0, 15],
        ])
      ).warnings.filter(({ code }) => code === 'TOO_FEW'),
    ).to.eql([]);
  });
});
