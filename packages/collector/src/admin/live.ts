import type { Request, Response } from 'express';
import { CollectorError } from '../errors.js';

/** A proxy closes what says nothing for a minute; three heartbeats fit in. */
const HEARTBEAT_MS = 15_000;
/** Every stream asks the database again and again. */
const MOST_STREAMS = 32;

export const wantsEvents = (request: Request): boolean =>
  /\btext\/event-stream\b/.test(request.headers.accept ?? '');

export interface LiveOptions {
  /** Between an answer and the next question, ms. */
  everyMs: number;
  heartbeatMs?: number;
  /** Asks once; what it throws before the first answer becomes an ordinary problem. */
  ask: () => Promise<unknown>;
  /** What a later error is told as. `closing`: the client may not ask again with this token. */
  problem: (error: unknown) => { document: object; closing: boolean };
}

/**
 * Server-sent events: an answer at once and after every pause, comments as heartbeats while nothing else is sent, until
 * the client leaves. Errors after the first answer are events of their own, so that a restart of the database is seen
 * and survived.
 */
export const createLive = () => {
  let streams = 0;
  return async (response: Response, o: LiveOptions): Promise<void> => {
    if (streams >= MOST_STREAMS)
      throw new CollectorError(
        'BUSY',
        `${MOST_STREAMS} live streams are open; ask without text/event-stream`,
      );
    streams++;
    let timer: NodeJS.Timeout | undefined;
    let heartbeat: NodeJS.Timeout | undefined;
    let id = 0;
    let open = true;
    const close = (): void => {
      if (!open) return;
      open = false;
      streams--;
      clearTimeout(timer);
      clearInterval(heartbeat);
      response.end();
    };
    response.once('close', close);
    // answers are plain messages, which every client hears without asking for a name
    const send = (value: unknown, event?: string): void => {
      heartbeat?.refresh();
      const name = event === undefined ? '' : `event: ${event}\n`;
      response.write(`id: ${id++}\n${name}data: ${JSON.stringify(value)}\n\n`);
    };
    const tick = async (): Promise<void> => {
      // who does not read gets no more to read
      if (!response.writableNeedDrain) {
        try {
          const answer = await o.ask();
          if (open) send(answer);
        } catch (error) {
          const { document, closing } = o.problem(error);
          if (open) send(document, 'problem');
          if (closing) return close();
        }
      }
      if (open) timer = setTimeout(() => void tick(), o.everyMs);
    };
    try {
      const first = await o.ask();
      if (!open) return;
      response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
      response.setHeader('X-Accel-Buffering', 'no');
      response.flushHeaders();
      response.write(`retry: ${o.everyMs}\n\n`);
      heartbeat = setInterval(() => response.write(': heartbeat\n\n'), o.heartbeatMs ?? HEARTBEAT_MS);
      send(first);
      timer = setTimeout(() => void tick(), o.everyMs);
    } catch (error) {
      open = false;
      streams--;
      response.off('close', close);
      throw error;
    }
  };
};
