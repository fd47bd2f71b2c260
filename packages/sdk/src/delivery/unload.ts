import type { Clock } from '../lib/clock.js';
import type { Transport } from '../lib/seams.js';
import { endedWith, headOf } from './head.js';
import type { Outbox } from './outbox.js';
import { bodyNow, type Body } from './pack.js';
import { countOf, isIdentified, rowName, type Row, type StreamRecord } from './row.js';
import { requestInit, together, verdictOf } from './sender.js';

/** Our share of the 64 KiB that all keepalive requests and beacons of a page may have in flight. */
const KEEPALIVE_BYTES = 48 * 1024;
/** Quota of one `fetchLater` origin, minus room for its headers. */
const LATER_BYTES = 60 * 1024;
const LATER_EVERY_MS = 500;
const EVENTS = 500;
const INFLATED = 200 * 1024;

export interface UnloadParts {
  clock: Clock;
  transport: Transport;
  outbox: Outbox;
  records(): readonly StreamRecord[];
  /** Rows in flight; the sender leaves them alone. */
  flying: Set<string>;
  acked(count: number): void;
  /** A keepalive request is over; what it carried may have to be sent again. */
  landed(): void;
}

export interface Unload {
  /** Hands everything to requests that outlive the page, as far as their budgets go. */
  now(): void;
  /** Keeps a deferred request armed with what is not acknowledged, for a death without warning. */
  arm(): void;
  disarm(): void;
}

export const createUnload = ({
  clock,
  transport,
  outbox,
  records,
  flying,
  acked,
  landed,
}: UnloadParts): Unload => {
  let inFlight = 0;
  let controller: AbortController | null = null;
  let armedAt = -LATER_EVERY_MS;
  let cancel: (() => void) | null = null;

  /** A consented stream whose visitor is not known yet stays in the log, for the next page. */
  const sendable = (): StreamRecord[] => records().filter(isIdentified);
  const recordOf = (row: Row): StreamRecord | undefined => sendable().find(({ id }) => id === row.k[5]);
  const bodyOf = (record: StreamRecord, rows: readonly Row[]): Body =>
    bodyNow(headOf(record, rows[0]?.i ?? '', clock.now(), endedWith(record, records())), rows);

  /** The most rows of one stream whose body fits. */
  const fitting = (rows: readonly Row[], room: number): { rows: Row[]; body: Body; url: string } | null => {
    const record = rows[0] && recordOf(rows[0]);
    if (!record) return null;
    let picked = together(rows, EVENTS, INFLATED);
    while (picked.length) {
      const body = bodyOf(record, picked);
      if (body.bytes <= room) return { rows: picked, body, url: record.url };
      // one row over the budget waits for the next page; several are halved
      picked = picked.slice(0, picked.length >> 1);
    }
    return null;
  };
  const waiting = (): Row[] => outbox.mine().filter((row) => recordOf(row) && !flying.has(rowName(row)));

  const send = (url: string, { body, query, bytes }: Body, rows: readonly Row[]): void => {
    inFlight += bytes;
    for (const row of rows) flying.add(rowName(row));
    transport
      .fetch(url + query, requestInit(body, { keepalive: true }))
      .then((response) => verdictOf(response, countOf(rows), clock.now()))
      .then(async ({ kind }) => {
        if (kind !== 'settled') return;
        acked(countOf(rows));
        await outbox.remove(rows.map(({ k }) => k));
      })
      .catch(() => {})
      .finally(() => {
        inFlight -= bytes;
        for (const row of rows) flying.delete(rowName(row));
        landed();
      });
  };
  const beacon = (record: StreamRecord, rows: readonly Row[]): void => {
    for (let picked = [...rows]; ; picked = picked.slice(0, picked.length >> 1)) {
      const { body, query } = bodyOf(record, picked);
      if (transport.beacon(record.url + query, new Blob([body], { type: 'text/plain' })) || !picked.length)
        return;
    }
  };

  const armNow = (): void => {
    cancel?.();
    cancel = null;
    controller?.abort();
    controller = null;
    const next = fitting(waiting(), LATER_BYTES);
    if (!next) return;
    armedAt = clock.tick();
    controller = new AbortController();
    try {
      transport.later!(
        next.url + next.body.query,
        requestInit(next.body.body, { signal: controller.signal }),
      );
    } catch {
      // over the quota that the host shares: the other paths remain
    }
  };

  return {
    now() {
      let rows = waiting();
      const told = new Set<string>();
      for (;;) {
        const next = transport.keepalive ? fitting(rows, KEEPALIVE_BYTES - inFlight) : null;
        if (!next) break;
        send(next.url, next.body, next.rows);
        told.add(next.rows[0]!.k[5]);
        rows = rows.filter((row) => !next.rows.includes(row));
      }
      for (const record of sendable()) {
        const own = rows.filter((row) => row.k[5] === record.id);
        if (!transport.keepalive) beacon(record, own);
        else if (record.count && !told.has(record.id) && !own.length && inFlight < KEEPALIVE_BYTES)
          send(record.url, bodyOf(record, []), []);
      }
      if (transport.later) armNow();
    },
    arm() {
      if (!transport.later || cancel) return;
      cancel = clock.after(Math.max(0, armedAt + LATER_EVERY_MS - clock.tick()), armNow);
    },
    disarm() {
      cancel?.();
      cancel = null;
      controller?.abort();
      controller = null;
    },
  };
};
