import type { State } from '../state.js';
import { plainBody, WIDEST, type Body } from './body.js';
import { headOf } from './head.js';
import type { Outbox } from './outbox.js';
import { answerOf, isSettled, requestInit } from './request.js';
import { isIdentified, keysIn, rowName, total, type Row, type StreamRecord } from './row.js';

/** Our share of the 64 KiB that all keepalive requests and beacons of a page may have in flight. */
const KEEPALIVE_BYTES = 48 * 1024;

export interface Post {
  /** Bytes that requests which outlive the page may still carry. */
  room(): number;
  /** A request that outlives the page, if it fits. */
  send(record: StreamRecord, rows: readonly Row[], body: Body): void;
  /** One request for each stream of this page, with what fits. */
  now(): void;
}

/**
 * Plain requests of what this page wrote.
 * @param flying names of rows in flight; the sender leaves them alone
 * @param landed told when a request is over; what it carried may have to be sent again
 */
export const createPost = (
  state: State,
  outbox: Outbox,
  flying: Set<string>,
  landed: (ok: boolean) => void,
): Post => {
  const { seams, tally } = state;
  const { clock, transport } = seams;
  const { rows, records } = outbox;
  let left = KEEPALIVE_BYTES;

  const send: Post['send'] = ({ id, url, count }, picked, body) => {
    const { query, bytes } = body;
    const keys = picked.map(({ k }) => k);
    const keepalive = bytes <= left;
    left -= bytes;
    for (const key of keys) flying.add(key.join());
    void transport
      .fetch(url + query, requestInit(body, { keepalive }))
      .then(async (response) => {
        const sent = total(keys, 3);
        if (!isSettled(response.status, await answerOf(response), sent)) return false;
        tally.acked += sent;
        tally.lastAckAt = clock.now();
        outbox.forget(keys, []);
        // told to its end
        if (count && !keysIn(rows).some((key) => key[5] === id)) outbox.forget([], [id]);
        return true;
      })
      .catch(() => false)
      .then((ok) => {
        left += bytes;
        for (const key of keys) flying.delete(key.join());
        landed(ok);
      });
  };

  return {
    room: () => left,
    send,
    now() {
      for (const record of records.values()) {
        const picked: Row[] = [];
        let size = 0;
        for (const row of rows.values()) {
          const { k, i } = row;
          if (k[5] !== record.id || i !== (picked[0] ?? row).i || flying.has(rowName(row))) continue;
          size += k[4];
          // one that is too large goes alone, and only while there is time
          if (size * WIDEST > left && (picked[0] || left < KEEPALIVE_BYTES)) break;
          picked.push(row);
        }
        if (isIdentified(record) && (picked[0] || record.count))
          send(
            record,
            picked,
            plainBody(headOf(record, picked[0]?.i, clock.now(), record.count ? [record] : []), picked),
          );
      }
    },
  };
};
