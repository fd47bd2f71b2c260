import { expect } from 'chai';
import { scope, useDatabase, type TestEvent } from './support.js';

const DAY = Date.parse('2026-11-10T00:00:00Z');
const MINUTE_MS = 60_000;

/** Everything that can be wrong with a row, in three quarters of an hour; the fourth event stands there twice. */
const events = (): TestEvent[] => {
  const at = (minute: number, more: Record<string, unknown> = {}): TestEvent => ({
    ts: DAY + minute * MINUTE_MS,
    type: 'page_view',
    visitor: 7,
    session: 7,
    seq: minute,
    ...more,
  });
  const told = [
    at(601),
    at(604, { bot: 1 }),
    at(608, { bot: 2, consent: 'none' }),
    at(612, { skew_ms: 9000 }),
    at(617, { visitor: 0, session: 0, type: 'order' }),
    at(622, { received: DAY + 640 * MINUTE_MS }),
    at(633, { type: 'stream_end' }),
    at(634),
  ];
  return [...told, told[3]!];
};

describe('data_quality', function () {
  this.timeout(120_000);
  const db = useDatabase();

  interface Row {
    stored: number;
    bots: number;
    automated: number;
    without_visitor: number;
    consent_none: number;
    late: number;
    skewed: number;
    duplicates: number;
    lag_p95_s: number;
  }
  const ask = (from: number, to: number): Promise<Row[]> =>
    db.views.rows<Row>('data_quality', { ...scope(from, to), step: 86_400 }, [
      'stored',
      'bots',
      'automated',
      'without_visitor',
      'consent_none',
      'late',
      'skewed',
      'duplicates',
      'lag_p95_s',
    ]);

  const whole: Row = {
    ...{ stored: 8, bots: 1, automated: 1, without_visitor: 1, consent_none: 1, late: 1, skewed: 2 },
    ...{ duplicates: 1, lag_p95_s: 1080 },
  };
  /** From minute 610 on: a quarter of an hour is cut, in which the row stands twice. */
  const cut: Row = { ...whole, stored: 5, bots: 0, automated: 0, consent_none: 0 };

  const askBoth = async (): Promise<Row[]> => [
    ...(await ask(DAY, DAY + 1440 * MINUTE_MS)),
    ...(await ask(DAY + 610 * MINUTE_MS, DAY + 1440 * MINUTE_MS)),
  ];

  it('counts what is wrong with rows, from events and from built days, in whole quarters of an hour and in parts', async () => {
    await db.store(events());
    expect(await askBoth()).to.eql([whole, cut]);
    await db.rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0 });
    expect(await askBoth()).to.eql([whole, cut]);
  });
});
