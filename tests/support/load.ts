import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { aBatch, post } from './send.js';

/** What was answered 202, by stream: sequence numbers 0 … count − 1. */
export type Acknowledged = ReadonlyMap<string, number>;

export interface Load {
  /** Events acknowledged so far. */
  events(): number;
  /** Requests that ended without an answer, or with one that asks for patience. */
  putOff(): number;
  /**
   * Those that were put off for another reason than a busy process, by reason; `silence` is no answer. A machine that is
   * short of processors may make the collector ask for patience whatever happens to its buffer.
   */
  failures(): Record<string, number>;
  /** No new batches; those on their way are repeated until they are answered. */
  finish(): Promise<Acknowledged>;
}

const EVENTS_A_BATCH = 5;
const BATCHES_A_STREAM = 8;
const PATIENCE_MS = 50;

/**
 * Visitors who send as the SDK does: a stream numbers its events, a batch that got no 202 is sent again unchanged.
 * @param origin a function is asked before each attempt: several collectors behind one name
 * @throws (on `finish`) when the collector refuses a batch for good, or an event of one
 */
export const startLoad = (
  origin: string | (() => string),
  options: { visitors: number; pauseMs: number },
): Load => {
  const originNow = typeof origin === 'string' ? (): string => origin : origin;
  const acknowledged = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  const reasons = new Map<string, number>();
  let [finishing, events, putOff] = [false, 0, 0];

  const deliver = async (batch: Record<string, unknown>): Promise<void> => {
    for (;;) {
      const reply = await post(originNow(), { ...batch, sentAt: Date.now() }, { agent }).catch(() => null);
      if (reply?.status === 202) {
        const { accepted = 0, duplicate = 0, rejected = [] } = reply.body;
        if (rejected.length > 0 || accepted + duplicate !== EVENTS_A_BATCH)
          throw new Error(`refused: ${JSON.stringify(reply.body)}`);
        return;
      }
      if (reply && reply.status !== 503 && reply.status !== 429)
        throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
      putOff += 1;
      const reason = reply?.body.reason ?? 'silence';
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      await sleep(PATIENCE_MS);
    }
  };

  const visitor = async (): Promise<void> => {
    while (!finishing) {
      const stream = randomUUID();
      const who = { stream, visitor: randomUUID(), session: randomUUID(), consent: 'statistics' };
      for (let batch = 0; batch < BATCHES_A_STREAM && !finishing; batch++) {
        const first = batch * EVENTS_A_BATCH;
        const page = { type: 'page_view', path: '/konfigurator' };
        await deliver(
          aBatch({
            ...who,
            events: Array.from({ length: EVENTS_A_BATCH }, (_, n) => ({
              seq: first + n,
              at: Date.now(),
              ...(n === 0 ? page : { type: 'option_select', group: 'floor', option: `oak-${n}` }),
            })),
          }),
        );
        acknowledged.set(stream, first + EVENTS_A_BATCH);
        events += EVENTS_A_BATCH;
        await sleep(options.pauseMs);
      }
    }
  };

  const visitors = Promise.all(Array.from({ length: options.visitors }, visitor));
  // Seen by `finish`; until then it must not end the process.
  visitors.catch(() => undefined);
  return {
    events: () => events,
    putOff: () => putOff,
    failures: () => Object.fromEntries([...reasons].filter(([reason]) => reason !== 'busy')),
    finish: async () => {
      finishing = true;
      await visitors;
      agent.destroy();
      return acknowledged;
    },
  };
};
