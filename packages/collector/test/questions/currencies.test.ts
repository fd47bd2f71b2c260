import { expect } from 'chai';
import { otherCurrencies } from '../../src/questions/currencies.js';
import { QUESTIONS } from '../../src/questions/index.js';
import { useDatabase } from '../schema/support.js';
import { askScripted } from './scripted.js';
import { RANGE } from './shop.js';
import { scopeOf } from './support.js';

const DAY = 86_400_000;

describe('money in another currency than the site’s', function () {
  this.timeout(120_000);
  const db = useDatabase();
  const insert = (table: string, rows: object[]): Promise<void> =>
    db
      .as('migrator')
      .insert(
        `INSERT INTO ${table} FORMAT JSONEachRow`,
        Buffer.from(rows.map((row) => JSON.stringify({ site_id: 1, version: 1, ...row })).join('\n')),
        { settings: { date_time_input_format: 'best_effort' } },
      );
  const told = async (from: number): Promise<string[]> =>
    (await otherCurrencies(db.views.rows, scopeOf(), { from, now: RANGE.to })).map(({ text }) => text);

  before(async () => {
    const order = (order_id: string, currency: string, days: number, status = 'placed') => ({
      order_id,
      currency,
      status,
      placed: new Date(RANGE.to - days * DAY).toISOString(),
      amount_cents: 20_000_000,
    });
    await insert('orders', [
      order('a', 'EUR', 1),
      order('b', '', 1),
      order('c', 'CHF', 1),
      order('d', 'CHF', 400),
      order('e', 'CHF', 1, 'cancelled'),
      order('f', 'USD', -1),
    ]);
    const inquiry = (n: number, currency: string, status: string) => ({
      inquiry_id: `00000000-0000-4000-8000-00000000000${n}`,
      currency,
      status,
      created: new Date(RANGE.to - 2 * DAY).toISOString(),
      price_cents: 20_000_000,
    });
    await insert('inquiries', [
      inquiry(1, 'CHF', 'new'),
      inquiry(2, 'CHF', 'spam'),
      inquiry(3, 'EUR', 'new'),
      inquiry(4, 'GBP', 'lost'),
    ]);
  });

  it('is told of, on the real engine: what is cancelled, spam or later is no money', async () => {
    const gbp = 'in GBP: orders 0, inquiries 1; their money is added up as if it were EUR';
    expect(await told(RANGE.from)).to.eql([
      'in CHF: orders 1, inquiries 1; their money is added up as if it were EUR',
      gbp,
    ]);
    expect(await told(0)).to.eql([
      'in CHF: orders 2, inquiries 1; their money is added up as if it were EUR',
      gbp,
    ]);
  });

  const others = [{ other: 'CHF', orders: 1, inquiries: 0 }];
  // what a shop without visitors answers
  const nobody = {
    overview_total: [
      {
        ...{
          visitors: 0,
          sessions: 0,
          page_views: 0,
          configurations: 0,
          inquiries: 0,
          orders: 0,
          revenue: 0,
        },
        ...{ inquiring: 0, consented: 0, consented_inquiring: 0 },
      },
    ],
    session_shape: [{ sessions: 0, events: [0, 0, 0], median_s: 0, bounces: 0 }],
  };
  for (const { name, money } of QUESTIONS.filter((question) => question.money !== undefined))
    it(`${name} says so, of the ${money}`, async () => {
      const since = money === 'range' ? RANGE.from : 0;
      const { warnings } = await askScripted(name, {
        ...nobody,
        other_currencies: ({ from }) => (from === since ? others : []),
      });
      expect(warnings.map(({ code }) => code)).to.include('OTHER_CURRENCY');
    });

  it('is asked of every question about orders', () => {
    expect(QUESTIONS.filter(({ money }) => money !== undefined).map(({ name }) => name)).to.have.members([
      'overview',
      'revenue-forecast',
      'customer-segments',
      'attribution',
      'lifetime-value',
    ]);
  });
});
