import type { Clock } from '../lib/clock.js';
import type { Transport } from '../lib/seams.js';
import { plainBody, type Body } from './body.js';
import { endedWith, headOf } from './head.js';
import type { Outbox } from './outbox.js';
import { answerOf, isSettled, requestInit } from './request.js';
import type { Sending } from './sending.js';
import { countOf, isIdentified, rowName, together, type Row, type StreamRecord } from './row.js';

/** Our share of the 64 KiB that all keepalive requests and beacons of a page may have in flight. */
const KEEPALIVE_BYTES = 48 * 1024;
/** Quota of one `fetchLater` origin, minus room for its headers. */
const LATER_BYTES = 60 * 1024;
const LATER_EVERY_MS = 500;

export interface PostParts {
  clock: Clock;
  transport: Transport;
  outbox: Outbox;
  /** Rows in flight; the sender leaves them alone. */
  flying: Set<string>;
  acked(count: number): void;
  /** A keepalive request is over; what it carried may have to be sent again. */
  landed(ok: boolean): void;
  sending(): Sending | undefined;
}

export interface Post {
  /** Hands everything to requests that outlive the page, as far as their budgets go. */
  now(): void;
  /** Keeps a deferred request armed with what is not acknowledged, for a death without warning. */
  arm(): void;
  disarm(): void;
}

export const createPost = ({ clock, transport, outbox, flying, acked, landed, sending }: PostParts): Post => {
  const { later } = transport;
  let inFlight = 0;
  let armedAt = -LATER_EVERY_MS;
  let abort = (): void => {};
  let cancel: (() => void) | undefined;

  const bodyOf = (record: StreamRecord, rows: readonly Row[]): Body =>
    (sending()?.bodyNow ?? plainBody)(
      headOf(record, rows[0]?.i, clock.now(), endedWith(record, outbox.own())),
      rows,
    );
  /** A consented stream whose visitor is not known yet stays in the log, for the next page. */
  const sendable = (): StreamRecord[] => outbox.own().filter(isIdentified);
  const recordOf = (row: Row | undefined): StreamRecord | undefined =>
    sendable().find(({ id }) => id === row?.k[5]);
  /** Hands the most rows of one stream whose body fits to `use`; → those rows, none when nothing fits. */
  const fit = (
    rows: readonly Row[],
    room: number,
    use: (url: string, body: Body, picked: readonly Row[]) => void,
  ): Row[] => {
    const record = recordOf(rows[0]);
    // one row over the budget waits for the next page; several are halved
    for (let picked = together(rows); record && picked[0]; picked = picked.slice(0, picked.length >> 1)) {
      const body = bodyOf(record, picked);
      if (body.bytes > room) continue;
      use(record.url, body, picked);
      return picked;
    }
    return [];
  };
  const waiting = (): Row[] => outbox.mine().filter((row) => recordOf(row) && !flying.has(rowName(row)));

  const send = (url: string, { body, query, bytes }: Body, rows: readonly Row[]): void => {
    const names = rows.map(rowName);
    inFlight += bytes;
    for (const name of names) flying.add(name);
    transport
      .fetch(url + query, requestInit(body, { keepalive: true }))
      .then(async (response) => {
        if (!isSettled(response.status, await answerOf(response), countOf(rows))) return false;
        acked(countOf(rows));
        await outbox.change(rows.map(({ k }) => k));
        return true;
      })
      .catch(() => false)
      .then((ok) => {
        inFlight -= bytes;
        for (const name of names) flying.delete(name);
        landed(ok);
      });
  };

  const disarm = (): void => {
    cancel?.();
    cancel = undefined;
    abort();
  };
  const arm = (): void => {
    disarm();
    fit(waiting(), LATER_BYTES, (url, { body, query }) => {
      const controller = new AbortController();
      armedAt = clock.tick();
      abort = () => controller.abort();
      try {
        later!(url + query, requestInit(body, { signal: controller.signal }));
      } catch {
        // over the quota that the host shares: the other paths remain
      }
    });
  };

  return {
    now() {
      let rows = waiting();
      const told = new Set<string>();
      for (let sent: Row[]; transport.keepalive; rows = rows.filter((row) => !sent.includes(row))) {
        sent = fit(rows, KEEPALIVE_BYTES - inFlight, send);
        if (!sent[0]) break;
        told.add(sent[0].k[5]);
      }
      for (const record of sendable()) {
        const { id, url, count } = record;
        const own = rows.filter((row) => row.k[5] === id);
        if (!transport.keepalive)
          sending()?.beacon(transport.beacon, (some) => bodyOf(record, some), url, own);
        else if (count && !told.has(id) && !own[0] && inFlight < KEEPALIVE_BYTES)
          send(url, bodyOf(record, []), []);
      }
      if (later) arm();
    },
    arm() {
      if (later) cancel ??= clock.after(Math.max(0, armedAt + LATER_EVERY_MS - clock.tick()), arm);
    },
    disarm,
  };
};
