import type { Edit, Log, Update } from './outbox-indexeddb.js';
import { inOrder, rowName, type Row, type RowKey, type StreamRecord } from './row.js';

/**
 * What waits to be sent. Memory holds what this page wrote and nobody acknowledged; with consent a log on the device
 * holds the same and what other pages left. Memory alone is a whole outbox, so a log that fails costs durability,
 * never an event of a living page.
 */
export interface Outbox {
  /** Rows of this page; in the log when this returns, if there is one. */
  add(rows: readonly Row[], record: StreamRecord): void;
  /** Writes a record that changed. */
  note(record: StreamRecord): void;
  /** Rows of this page, oldest first. */
  mine(): Row[];
  /** Streams of this page that are not told to their end. */
  own(): StreamRecord[];
  /** Asks the log, or memory when there is none or it fails in the middle. */
  ask<T>(question: (log: Log) => Promise<T>, otherwise: () => T): Promise<T>;
  /** A row is gone, whoever sent it. */
  take(name: string): void;
  /** In one step: rows go, rows come, records change. */
  change(
    gone: readonly RowKey[],
    fresh?: readonly Row[],
    ids?: readonly string[],
    edit?: Edit,
  ): Promise<void>;
  /** Of a value next to the rows; nothing is asked while there is no log. */
  update: Update;
  /** The log to use from now on; everything of this page goes into it. */
  attach(log: Log): void;
  /** Goes on in memory; → the log it leaves. */
  detach(): Log | undefined;
  durable(): boolean;
  /** Of this page. */
  size(): { count: number; bytes: number };
  /** Everything of this page is given up; → how many events that were. */
  empty(): number;
}

/** @param failed told when the log refuses to work; the outbox goes on in memory */
export const createOutbox = (failed: (reason: unknown) => void): Outbox => {
  const rows = new Map<string, Row>();
  const records = new Map<string, StreamRecord>();
  let log: Log | undefined;
  let known = '';
  let count = 0;
  let bytes = 0;

  /** Takes the row out, or puts it in. */
  const weigh = (row: Row | undefined, sign: number): void => {
    if (!row) return;
    if (sign > 0) rows.set(rowName(row), row);
    else rows.delete(rowName(row));
    count += sign * row.k[3];
    bytes += sign * row.k[4];
  };
  const take = (name: string): void => weigh(rows.get(name), -1);
  const put = (row: Row): void => weigh(row, 1);

  /** Asks the log, or memory when there is none or it fails in the middle. */
  const ask = async <T>(question: (log: Log) => Promise<T>, otherwise?: () => T): Promise<T> => {
    const used = log;
    try {
      if (used) return await question(used);
    } catch (reason) {
      if (log === used) {
        log = undefined;
        used!.close();
        failed(reason);
      }
    }
    return otherwise?.() as T;
  };
  const mine = (): Row[] => [...rows.values()].sort(inOrder);
  const write = (...all: Parameters<Log['write']>): Promise<void> => ask((used) => used.write(...all));

  return {
    add(fresh, record) {
      fresh.forEach(put);
      records.set(record.id, record);
      void write(fresh, known === record.id ? [] : [record]);
      if (log) known = record.id;
    },
    note(record) {
      records.set(record.id, record);
      void write([], [record]);
    },
    mine,
    own: () => [...records.values()],
    ask,
    take,
    change(gone, fresh = [], ids = [], edit) {
      for (const key of gone) take(key.join());
      fresh.forEach(put);
      for (const id of ids) {
        const own = records.get(id);
        const changed = own && edit!(own);
        if (changed) Object.assign(own, changed);
        else records.delete(id);
      }
      return write(fresh, [], gone, ids, edit);
    },
    update: (name, decide) => ask((used) => used.update(name, decide)),
    detach() {
      const left = log;
      log = undefined;
      return left;
    },
    attach(next) {
      log?.close();
      log = next;
      void write([...rows.values()], [...records.values()]);
      known = [...records.keys()].at(-1) ?? '';
    },
    durable: () => !!log,
    size: () => ({ count, bytes }),
    empty() {
      const lost = count;
      rows.clear();
      records.clear();
      known = '';
      count = bytes = 0;
      return lost;
    },
  };
};
