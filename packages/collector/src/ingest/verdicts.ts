import { checkEvent, type Batch, type Event, type Rejection } from '@lintel/protocol';
import type { EventRow } from '../buffer/row.js';
import type { Site } from '../sites.js';
import { isForbidden, levelOf, mayJoin, mayName } from './consent.js';
import { eventTime } from './event-time.js';
import { fieldsOf } from './fields.js';
import { orderRow } from './order-row.js';
import { ownRows } from './own-rows.js';
import type { Place } from './route.js';
import { createRowText, type RowContext } from './row.js';

/** Events of visitors are at most this old. */
const AGE_DAYS = 30;

/** Bits of the column `bot`: marks, never a reason to drop. */
export const BOT = { named: 1, automated: 2, fast: 4 } as const;

export interface Judged {
  /** Rows of the events that may be stored, in their order, then the collector's own. */
  rows: EventRow[];
  /** Rows of the side lane `orders`. */
  orders: string[];
  /** How many of `rows` are events. */
  events: number;
  rejected: Rejection[];
  /** Events repeated inside the batch: the first one counts. */
  repeated: number;
}

export interface JudgeOptions {
  batch: Batch;
  site: Site;
  context: RowContext;
  /** Client clock when sent, corrected by nothing. */
  sentAt: number;
  places: (path: string) => Place;
  bot: number;
  /** Signed by a server of the site: may send orders and old history. */
  server: boolean;
  /** True for a stream or visitor whose erasure was asked for: late outboxes must not bring it back. */
  isErased: (stream: string, visitor: string) => boolean;
}

const seqOf = (event: unknown): number | null => {
  const seq = (event as { seq?: unknown } | null)?.seq;
  return Number.isInteger(seq) ? (seq as number) : null;
};

/** The verdict on each event of a batch whose envelope is valid, and the rows of those that pass. */
export const judge = (options: JudgeOptions): Judged => {
  const { batch, site, context, sentAt, places, server } = options;
  const level = levelOf(batch);
  const stream = batch.stream.toLowerCase();
  const may = { join: server || mayJoin(level), name: server || mayName(level) };
  const ageDays = server ? Math.max(AGE_DAYS, site.historyDays) : AGE_DAYS;
  const erased = options.isErased(stream, context.visitor);
  const rowText = createRowText(context);
  const judged: Judged = { rows: [], orders: [], events: 0, rejected: [], repeated: 0 };
  let lastSeq = -1;
  let seen: Set<number> | null = null;
  let lastTs = 0;

  const refuse = (event: unknown, reason: Rejection['reason'], field?: string, message?: string): void => {
    judged.rejected.push({
      seq: seqOf(event),
      reason,
      ...(field === undefined ? {} : { field }),
      ...(message === undefined ? {} : { message }),
    });
  };

  /** Sequence numbers usually rise; only a batch in which one does not pays for a set. */
  const isRepeat = (seq: number): boolean => {
    if (seen === null && seq > lastSeq) {
      lastSeq = seq;
      return false;
    }
    seen ??= new Set(judged.rows.map((row) => row.seq));
    if (seen.has(seq)) return true;
    seen.add(seq);
    return false;
  };

  for (const raw of batch.events) {
    const checked = checkEvent(raw);
    if (checked.kind === 'invalid') {
      refuse(raw, checked.reason, checked.field, checked.message);
      continue;
    }
    const event: Event = checked.value;
    if (event.type === 'order' && !server) {
      refuse(event, 'server_only', 'type', 'orders come over /v1/server/events');
      continue;
    }
    if (!server && isForbidden(level, event)) {
      refuse(event, 'consent', 'name', `not at level ${level}`);
      continue;
    }
    if (erased) {
      refuse(event, 'erased');
      continue;
    }
    const time = eventTime(event.at, sentAt, context.received, ageDays);
    if (time === null) {
      refuse(event, 'time_old', 'at', `at must be at most ${ageDays} days ago`);
      continue;
    }
    if (isRepeat(event.seq)) {
      judged.repeated++;
      continue;
    }
    const automated = event.type === 'page_view' && event.automated ? BOT.automated : 0;
    if (time.ts > lastTs) lastTs = time.ts;
    if (event.type === 'order') judged.orders.push(orderRow(event, context, stream, time.ts));
    judged.rows.push({
      siteId: site.id,
      stream,
      seq: event.seq,
      ts: time.ts,
      kind: 'event',
      json: rowText({
        ts: time.ts,
        skewMs: time.skewMs,
        stream,
        seq: event.seq,
        type: event.type,
        bot: options.bot | automated,
        place: places(event.path ?? '').columns,
        after: event.after ?? 0,
        rate: event.rate ?? 1,
        fields: fieldsOf(event, may),
      }),
    });
  }
  judged.events = judged.rows.length;

  if (!erased) {
    for (const own of ownRows(batch)) {
      // told with the stream's last events it lies beside them, so history that arrives late ends where it was
      const ts = own.stream === stream && lastTs > 0 ? lastTs : context.received;
      judged.rows.push({
        siteId: site.id,
        stream: own.stream,
        seq: own.seq,
        ts,
        kind: 'own',
        json: rowText({
          ts,
          skewMs: 0,
          stream: own.stream,
          seq: own.seq,
          type: own.type,
          bot: options.bot,
          place: '',
          after: 0,
          rate: 1,
          fields: { name: own.name, value: own.value },
        }),
      });
    }
  }
  return judged;
};
