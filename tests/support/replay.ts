import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ShopEvent } from './clickstream.js';
import { aBatch, post, postSigned, type Reply } from './send.js';

const IN_FLIGHT = 24;
/** Only keeps a broken collector from holding up the run. */
const LONGEST_WAIT_MS = 60_000;
const BROWSER =
  'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** The shop's user numbers as the UUIDs that the wire asks for. */
const visitorOf = (user: string): string => `00000000-0000-4000-8000-${user.padStart(12, '0')}`;
/** Visitors come from addresses of their own, as they do behind a proxy. */
const addressOf = (user: string): string => {
  const n = Number(user);
  return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
};

/** As a browser does: who is told to come later comes later. A refusal of this kind has taken nothing. */
const patiently = async (send: () => Promise<Reply>): Promise<Reply> => {
  const deadline = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const reply = await send();
    if (reply.status !== 503 || Date.now() > deadline) return reply;
    await sleep(200);
  }
};

const expectTaken = (reply: Reply, sent: number): void => {
  const { accepted, duplicate, rejected = [] } = reply.body;
  if (reply.status !== 202 || accepted !== sent || duplicate !== 0 || rejected.length > 0)
    throw new Error(`${sent} events: ${reply.status} ${JSON.stringify(reply.body)}`);
};

/**
 * Sends the log of a shop as its pages and its back office would have: one stream a session, views and carts from the
 * browser, purchases as orders over the signed route.
 * @param shiftMs added to every time
 */
export const replay = async (
  origin: string,
  events: readonly ShopEvent[],
  shiftMs: number,
): Promise<void> => {
  const sessions = new Map<string, ShopEvent[]>();
  for (const event of events) sessions.set(event.session, [...(sessions.get(event.session) ?? []), event]);
  const agent = new Agent({ keepAlive: true });

  const send = async ([session, all]: [string, ShopEvent[]]): Promise<void> => {
    const { user } = all[0]!;
    const numbered = all.map((event, seq) => ({
      kind: event.kind,
      fields: {
        seq,
        at: event.at + shiftMs,
        priceCents: event.priceCents,
        ...(event.brand === '' ? {} : { model: event.brand }),
      },
    }));
    const envelope = { stream: session, session, visitor: visitorOf(user), consent: 'all' };
    const seen = numbered.filter(({ kind }) => kind !== 'purchase');
    const bought = numbered.filter(({ kind }) => kind === 'purchase');
    if (seen.length > 0) {
      const batch = seen.map(({ kind, fields }) => ({ type: 'custom', name: kind, ...fields }));
      const headers = { 'user-agent': BROWSER, 'x-forwarded-for': addressOf(user) };
      expectTaken(
        await patiently(() => post(origin, aBatch({ ...envelope, events: batch }), { agent, headers })),
        seen.length,
      );
    }
    if (bought.length > 0) {
      const batch = bought.map(({ fields }) => ({
        type: 'order',
        id: `${session}-${fields.seq}`,
        ...fields,
      }));
      expectTaken(
        await patiently(() => postSigned(origin, aBatch({ ...envelope, events: batch }), { agent })),
        bought.length,
      );
    }
  };

  const queue = [...sessions];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await send(next);
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  } finally {
    agent.destroy();
  }
};
