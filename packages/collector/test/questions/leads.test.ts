import { expect } from 'chai';
import { hazardOf, isOpen, readPipeline } from '../../src/questions/leads.js';
import { useDatabase } from '../schema/support.js';
import { scopeOf } from './support.js';

const DAY = 86_400_000;
const START = Date.parse('2026-10-05T00:00:00Z');
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Four inquiries of the same day: still new; said to be ordered, without an order; ordered; lost. */
describe('leads are open until they are ordered or lost', function () {
  this.timeout(120_000);
  const db = useDatabase();
  before(async () => {
    const insert = (table: string, rows: object[]): Promise<void> =>
      db
        .as('migrator')
        .insert(
          `INSERT INTO ${table} FORMAT JSONEachRow`,
          Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
          {
            settings: { date_time_input_format: 'best_effort' },
          },
        );
    const inquiry = (n: number, status: string, changed: number) => ({
      site_id: 1,
      inquiry_id: uuid(n),
      version: changed,
      created: new Date(START).toISOString(),
      status,
      price_cents: 20_000_000,
    });
    await insert('inquiries', [
      inquiry(1, 'new', START),
      inquiry(2, 'ordered', START + 10 * DAY),
      inquiry(3, 'ordered', START + 12 * DAY),
      inquiry(4, 'lost', START + 20 * DAY),
      inquiry(5, 'answered', START + 2 * DAY),
    ]);
    await insert('orders', [
      {
        site_id: 1,
        order_id: 'a',
        version: 1,
        placed: new Date(START + 8 * DAY).toISOString(),
        status: 'placed',
        amount_cents: 21_000_000,
        inquiry_id: uuid(3),
      },
    ]);
  });
  const at = (day: number) =>
    readPipeline(db.views.rows, scopeOf({ from: START, to: START + day * DAY, timeZone: 'UTC' }));
  const openIds = async (day: number): Promise<string[]> =>
    (await at(day)).open.map(({ inquiryId }) => inquiryId).sort();

  it('counts a status as well as an order, and knows nothing early', async () => {
    expect(await openIds(5)).to.eql([1, 2, 3, 4, 5].map(uuid));
    // the order came on day 8, before somebody said so
    expect(await openIds(9)).to.eql([1, 2, 4, 5].map(uuid));
    expect(await openIds(11)).to.eql([1, 4, 5].map(uuid));
    expect(await openIds(28)).to.eql([1, 5].map(uuid));
  });

  it('takes money only from orders, and both from the risk set', async () => {
    const { orders, leads, hazard } = await at(28);
    expect(orders).to.eql([{ at: START + 8 * DAY, value: 210_000 }]);
    expect(hazard).to.eql(hazardOf(leads, START + 28 * DAY));
    const weeks = hazard.map(({ week, atRisk, orders: n }) => [week, atRisk, n]);
    // both orders in the second week, the loss in the third, two wait until the fifth; weeks without an end count, too
    expect(weeks).to.eql([
      [0, 5, 0],
      [1, 5, 2],
      [2, 3, 0],
      [3, 2, 0],
      [4, 2, 0],
    ]);
    expect(leads.filter((lead) => isOpen(lead, START + 28 * DAY)).length).to.equal(2);
    // what came later was not known
    expect(hazardOf(leads, START + 7 * DAY)).to.eql(
      [0, 1].map((week) => ({ tier: 'unknown', week, atRisk: 5, orders: 0 })),
    );
    expect(hazardOf(leads, START)).to.eql([]);
  });
});
