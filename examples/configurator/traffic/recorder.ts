import type { Batch, Consent, EventOf, EventType } from '@lintel/protocol/types';
import { LIMITS } from '@lintel/protocol/limits';
import type { Channel, Person } from './people.js';

/** One generated request: the batch of a page instance and the browser that would have sent it. */
export interface Visit {
  userAgent: string;
  /** When the page instance began, epoch ms; batches come in this order. */
  at: number;
  batch: Batch;
}

/** A page instance while it is lived: a clock that runs on, numbered events, and the end. */
export interface Recorder {
  readonly at: number;
  readonly count: number;
  wait(ms: number): void;
  /** → seq, or −1 when the stream is full. */
  emit<T extends EventType>(
    type: T,
    fields: Omit<EventOf<T>, 'type' | 'seq' | 'at' | 'path'>,
    path?: string,
  ): number;
  /** Path that following events carry. */
  move(path: string): void;
  finish(): Visit;
}

export interface RecorderOptions {
  siteKey: string;
  person: Person;
  channel: Channel;
  level: Consent;
  stream: string;
  session: string | null;
  at: number;
  path: string;
  title: string;
  /** False when the stream dies unheard, as a crashed tab does. */
  ends: boolean;
}

const ORIGIN = 'https://www.waldnest.example';

/** What `page` may hold at each level (chapter 6: at `none` nothing that could tell browsers apart). */
const pageOf = ({ channel, level, path, person, title }: RecorderOptions): Batch['page'] => {
  const { device, language } = person;
  const url = `${ORIGIN}${path}${channel.query ? `?${channel.query}` : ''}`;
  if (level === 'none') {
    const viewport = device.viewport.map((size) => Math.round(size / 20) * 20);
    return { url, referrer: channel.referrer, title, viewport };
  }
  return {
    url,
    referrer: channel.referrer,
    title,
    language,
    timeZone: 'Europe/Vienna',
    screen: device.screen,
    viewport: device.viewport,
    dpr: device.dpr,
    touch: device.touch,
    connection: '4g',
  };
};

export const record = (options: RecorderOptions): Recorder => {
  const { level, person, stream } = options;
  const events: Record<string, unknown>[] = [];
  let { at, path } = options;
  const known = level !== 'none';
  return {
    get at() {
      return at;
    },
    get count() {
      return events.length;
    },
    wait(ms) {
      at += Math.max(1, Math.round(ms));
    },
    emit(type, fields, where = path) {
      if (events.length >= LIMITS.events) return -1;
      const seq = events.length;
      events.push({ seq, at, type, path: where, ...fields });
      return seq;
    },
    move(next) {
      path = next;
    },
    finish: () => ({
      userAgent: person.device.userAgent,
      at: options.at,
      batch: {
        key: options.siteKey,
        sdk: '0.1.0',
        sentAt: at + 1000,
        stream,
        visitor: known ? person.visitor : null,
        session: known ? options.session : null,
        consent: level,
        page: pageOf(options),
        ...(options.ends ? { ended: [{ stream, count: events.length }] } : {}),
        events,
      },
    }),
  };
};
