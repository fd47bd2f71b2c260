import type { TestEvent } from '../schema/support.js';

const MINUTE = 60_000;

/** Tuesday, 10:00 in Vienna. */
export const OPENING = Date.parse('2026-11-10T09:00:00Z');
export const RANGE = { from: Date.parse('2026-11-08T23:00:00Z'), to: Date.parse('2026-11-15T23:00:00Z') };

const streamOf = (i: number): string => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;

/**
 * A shop that can be counted by hand. Visitor i of 30 opens `/` at minute i; the first 24 open the configurator, 20
 * choose a facade (odd: wood, even: plaster), 15 see a price of 200,000, 10 save, 5 ask, the first orders for 250,000
 * a day later. Ten seconds lie between two steps. LCP of visitor i is 1000 + 50·i ms. The last page announced three
 * events more than arrived. A robot looked at 40 pages.
 */
export const shop = (): TestEvent[] => {
  const events: TestEvent[] = [];
  for (let i = 1; i <= 30; i++) {
    let seq = 0;
    const add = (type: string, more: Record<string, unknown> = {}): void => {
      events.push({
        ts: OPENING + i * MINUTE + seq * 10_000,
        type,
        stream: streamOf(i),
        seq: seq++,
        visitor: i,
        session: 1000 + i,
        path: '/konfigurator',
        route: '/konfigurator',
        device: i % 3 === 0 ? 'mobile' : 'desktop',
        channel: i <= 12 ? 'search' : 'direct',
        browser: 'Chrome',
        ...more,
      });
    };
    const house = {
      model: i % 2 === 1 ? 'nest-80' : 'nest-120',
      config_hash: i % 2 === 1 ? '11' : '22',
      parts: { facade: i % 2 === 1 ? 'wood' : 'plaster' },
    };
    add('page_view', { path: '/', route: '/' });
    if (i <= 24) add('page_view');
    if (i <= 24) add('config', { kind: 'start', ...house, price_cents: 18_000_000 });
    if (i <= 20)
      add('option_select', {
        option_group: 'facade',
        option: house.parts.facade,
        value: 2_000_000,
        model: house.model,
      });
    if (i <= 15) add('price_view', { model: house.model, price_cents: 20_000_000 });
    if (i <= 10) add('config', { kind: 'save', ...house, price_cents: 20_000_000 });
    if (i <= 5) add('inquiry', { model: house.model, price_cents: 20_000_000, ref: `inquiry-${i}` });
    add('vital', { name: 'LCP', value: 1000 + 50 * i });
    events.push({
      ...events.at(-1)!,
      type: 'stream_end',
      seq: 1_048_575,
      name: '',
      value: i === 30 ? seq + 3 : seq,
    });
  }
  events.push({
    ts: OPENING + 86_400_000,
    type: 'order',
    stream: streamOf(99),
    seq: 0,
    visitor: 1,
    model: 'nest-80',
    channel: 'search',
    price_cents: 25_000_000,
    ref: 'order-1',
    consent: 'all',
  });
  for (let n = 0; n < 40; n++)
    events.push({
      ts: OPENING + n * 1000,
      type: 'page_view',
      stream: streamOf(500),
      seq: n,
      visitor: 500,
      session: 500,
      bot: 1,
      path: '/',
      route: '/',
    });
  return events;
};
