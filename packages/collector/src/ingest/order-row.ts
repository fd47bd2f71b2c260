import type { EventOf } from '@lintel/protocol';
import type { RowContext } from './row.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The row of `orders` beside an `order` event: what is told about an order later (paid, cancelled) replaces it, while
 * the event stays. An order without an id is named by its event, so that the same event again is the same order.
 * @param ts corrected event time, epoch ms
 */
export const orderRow = (
  event: EventOf<'order'>,
  { siteId, currency, visitor }: RowContext,
  stream: string,
  ts: number,
): string =>
  JSON.stringify({
    site_id: siteId,
    order_id: event.id ?? `${stream}:${event.seq}`,
    // the order's own time: a late repeat of the event must not undo a later change of its status
    version: ts,
    placed: new Date(ts).toISOString().replace('T', ' ').replace('Z', ''),
    status: 'placed',
    inquiry_id: event.inquiry !== undefined && UUID.test(event.inquiry) ? event.inquiry : null,
    // decimal text: JSON has no 64-bit integers
    visitor,
    config_hash: '0',
    amount_cents: event.priceCents,
    currency: event.currency ?? currency,
    source: 'server',
    gone: 0,
  });
