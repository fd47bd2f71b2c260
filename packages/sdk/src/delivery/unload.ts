import { lastTransport } from '../lib/seams.js';
import type { State } from '../state.js';
import type { Body } from './body.js';
import { endedWith } from './ended.js';
import { headOf } from './head.js';
import type { Outbox } from './outbox.js';
import { bodyNow } from './pack.js';
import type { Post } from './post.js';
import { requestInit } from './request.js';
import { isIdentified, rowName, type Row, type StreamRecord } from './row.js';
import { together } from './rows.js';
import { mine } from './shared.js';

/** Quota of one `fetchLater` origin, minus room for its headers. */
const LATER_BYTES = 60 * 1024;
const LATER_EVERY_MS = 500;

export interface Unload {
  /** Hands everything to requests that outlive the page, as far as their budgets go. */
  now(): void;
  /** Keeps a deferred request armed with what is not acknowledged, for a death without warning. */
  arm(): void;
  disarm(): void;
}

/** @param flying names of rows in flight */
export const createUnload = (
  state: State,
  outbox: Outbox,
  flying: ReadonlySet<string>,
  post: Post,
): Unload => {
  const { clock, transport } = state.seams;
  const { later, keepalive, beacon: handOver } = transport.last ?? lastTransport();
  let armedAt = -LATER_EVERY_MS;
  let abort = (): void => {};
  let cancel: (() => void) | undefined;

  const bodyOf = (record: StreamRecord, rows: readonly Row[]): Body =>
    bodyNow(headOf(record, rows[0]?.i, clock.now(), endedWith(record, outbox.records.values())), rows);
  /** A consented stream whose visitor is not known yet stays in the log, for the next page. */
  const sendable = (): StreamRecord[] => [...outbox.records.values()].filter(isIdentified);
  const recordOf = (row: Row | undefined): StreamRecord | undefined =>
    sendable().find(({ id }) => id === row?.k[5]);
  /** Hands the most rows of one stream whose body fits to `use`; → those rows, none when nothing fits. */
  const fit = (
    rows: readonly Row[],
    room: number,
    use: (record: StreamRecord, body: Body, picked: readonly Row[]) => void,
  ): Row[] => {
    const record = recordOf(rows[0]);
    // one row over the budget waits for the next page; several are halved
    for (let picked = together(rows); record && picked[0]; picked = picked.slice(0, picked.length >> 1)) {
      const body = bodyOf(record, picked);
      if (body.bytes > room) continue;
      use(record, body, picked);
      return picked;
    }
    return [];
  };
  /** Written last, it is confirmed last: after a burst the newest rows are those that only this page has. */
  const lastFirst = (p: Row, q: Row): number => q.k[2] - p.k[2];
  const waiting = (): Row[] => {
    const rows = mine(outbox).filter((row) => recordOf(row) && !flying.has(rowName(row)));
    if (!outbox.isDurable()) return rows;
    const isUnsure = (row: Row): boolean => outbox.unsure.has(row);
    return [...rows.filter(isUnsure).sort(lastFirst), ...rows.filter((row) => !isUnsure(row))];
  };
  /** For browsers whose `fetch` does not outlive a page: halved until the browser takes it. */
  const beacon = (record: StreamRecord, rows: readonly Row[]): void => {
    for (let picked = rows; ; picked = picked.slice(0, picked.length >> 1)) {
      const { body, query } = bodyOf(record, picked);
      if (handOver(record.url + query, new Blob([body], { type: 'text/plain' })) || !picked.length) return;
    }
  };

  const disarm = (): void => {
    cancel?.();
    cancel = undefined;
    abort();
  };
  const arm = (): void => {
    disarm();
    fit(waiting(), LATER_BYTES, ({ url }, body) => {
      const controller = new AbortController();
      armedAt = clock.tick();
      abort = () => controller.abort();
      try {
        later!(url + body.query, requestInit(body, { signal: controller.signal }));
      } catch {
        // over the quota that the host shares: the other paths remain
      }
    });
  };

  return {
    now() {
      let rows = waiting();
      const told = new Set<string>();
      for (let sent: Row[]; keepalive; rows = rows.filter((row) => !sent.includes(row))) {
        sent = fit(rows, post.room(), (record, body, picked) => post.send(record, picked, body));
        if (!sent[0]) break;
        told.add(sent[0].k[5]);
      }
      for (const record of sendable()) {
        const { id, count } = record;
        const own = rows.filter((row) => row.k[5] === id);
        if (!keepalive) beacon(record, own);
        else if (count && !told.has(id) && !own[0] && post.room() > 0)
          post.send(record, [], bodyOf(record, []));
      }
      if (later) arm();
    },
    arm() {
      // at once where memory is all there is; what the device holds may wait, for company
      const soonest = outbox.isDurable() ? LATER_EVERY_MS : armedAt + LATER_EVERY_MS - clock.tick();
      if (later) cancel ??= clock.after(Math.max(0, soonest), arm);
    },
    disarm,
  };
};
