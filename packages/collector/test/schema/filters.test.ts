import { expect } from 'chai';
import { DAY_MS, scope, useDatabase, type TestEvent } from './support.js';

/** Monday, 00:00 in Vienna. */
const START = Date.UTC(2026, 9, 4, 22);
const HOUR_MS = 3_600_000;

/**
 * A server tells of five orders in one quarter of an hour and one stream: three of them without a visitor, two for
 * nest-80 and one for nest-120, and two of visitor 7, who looked at nest-80 and bought a nest-150, and of visitor 8.
 */
const orders = (): TestEvent[] => [
  {
    ts: START + HOUR_MS,
    type: 'config',
    kind: 'start',
    visitor: 7,
    session: 7,
    model: 'nest-80',
    stream: uuid(7),
  },
  {
    ts: START + HOUR_MS,
    type: 'config',
    kind: 'start',
    visitor: 8,
    session: 8,
    model: 'nest-120',
    stream: uuid(8),
  },
  ...(
    [
      [0, 'nest-80', 100],
      [0, 'nest-80', 200],
      [0, 'nest-120', 400],
      [7, 'nest-150', 800],
      [8, 'nest-120', 1600],
    ] as const
  ).map(([visitor, model, euro], seq): TestEvent => ({
    ts: START + 2 * HOUR_MS + seq,
    type: 'order',
    seq,
    stream: uuid(99),
    visitor,
    model,
    price_cents: euro * 100,
    device: 'server',
  })),
];

function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

describe('the filter model', function () {
  this.timeout(180_000);
  const db = useDatabase();
  const of = (model: string[]) => scope(START, START + DAY_MS, { model });

  for (const built of [false, true])
    it(`takes orders without a visitor by their own model, others by what their visitor looked at (${built ? 'days built' : 'from events'})`, async () => {
      if (built) await db.rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0 });
      else await db.store(orders());
      const expected = [
        [['*'], 5, 3100],
        [['nest-80'], 3, 1100],
        [['nest-120'], 2, 2000],
        [['nest-80', 'nest-120'], 5, 3100],
        // visitor 7 looked at nest-80, and his order is an event of the journey, too
        [['nest-150'], 1, 800],
        [['nest-999'], 0, 0],
      ] as const;
      for (const [model, n, revenue] of expected) {
        const about = `${model.join()}`;
        const totals = { orders: n, revenue };
        const [total] = await db.views.rows<object>('overview_total', of([...model]));
        expect(total, about).to.include(totals);
        const trend = await db.views.rows<{ whole: number }>('overview_trend', {
          ...of([...model]),
          step: 3600,
        });
        expect(
          trend.find(({ whole }) => whole === 1),
          about,
        ).to.include(totals);
        for (const step of [3600, 60]) {
          const buckets = await db.views.rows<typeof totals>('overview', { ...of([...model]), step });
          expect(
            buckets.reduce((sum, row) => sum + row.orders, 0),
            `${about} ${step}`,
          ).to.equal(n);
        }
        const by = await db.views.rows<typeof totals>('orders_by', { ...of([...model]), dimension: 'model' });
        expect(
          by.reduce((sum, row) => sum + row.orders, 0),
          about,
        ).to.equal(n);
        const [funnel] = await db.views.rows<{ visitors: number }>('conversion_funnel', {
          ...of([...model]),
          steps: ['order'],
          window: DAY_MS / 1000,
          mode: 'ordered',
          unit: 'stream',
          breakdown: '',
        });
        expect(funnel?.visitors ?? 0, about).to.equal(n > 0 ? 1 : 0);
      }
    });
});
