import { EXAMPLES } from '@lintel/protocol';

/** Requests of one kind, ready to be sent: every one has a (stream, seq) of its own. */
export interface Bodies {
  /** Events in each request. */
  events: number;
  next(): Buffer;
}

/** A visit's usual order: what a page instance of the configurator sends. */
const VISIT = [
  'page_view',
  'vital',
  'click',
  'option_select',
  'config',
  'price_view',
  'click',
  'scroll',
  'visibility',
  'page_leave',
] as const;

/** Events of one page instance before the next one begins. */
const PER_STREAM = 40;
const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

/**
 * HTTP/1.1 requests with bodies of `events` events each. Streams are numbered from `first`, so that several generators
 * never collide.
 */
export const createBodies = (events: number, first: number, port: number): Bodies => {
  let stream = first;
  let seq = 0;
  const uuid = (prefix: string, n: number): string =>
    `${prefix}-4111-8111-${n.toString(16).padStart(12, '0')}`;
  return {
    events,
    next: () => {
      if (seq + events > PER_STREAM) {
        stream += 1;
        seq = 0;
      }
      const now = Date.now();
      const body = JSON.stringify({
        key: 'pk_bench',
        sdk: '0.1.0',
        sentAt: now,
        stream: uuid('11111111-1111', stream),
        visitor: uuid('22222222-2222', stream >> 2),
        session: uuid('33333333-3333', stream >> 1),
        consent: 'statistics',
        page: {
          url: 'https://nest.example/konfigurator?utm_source=newsletter&utm_medium=email',
          referrer: '',
          title: 'Configurator',
          language: 'de-AT',
          timeZone: 'Europe/Vienna',
          screen: [1920, 1080],
          viewport: [1440, 900],
          dpr: 2,
          touch: false,
          connection: '4g',
        },
        events: Array.from({ length: events }, (_, n) => ({
          ...EXAMPLES[VISIT[(seq + n) % VISIT.length]!],
          seq: seq + n,
          at: now - 2000 + n * 100,
        })),
      });
      seq += events;
      return Buffer.from(
        `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: ${AGENT}\r\nOrigin: https://nest.example\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
  };
};
