import { ROWS, STREAMS, VALUES } from './format.js';
import { change, type Update } from './outbox-indexeddb.js';
import { rowName, type Row, type RowKey, type StreamRecord } from './row.js';

/**
 * What waits to be sent. Memory holds what this page wrote and nobody acknowledged; with consent a log on the device
 * holds the same and what other pages left. Memory alone is a whole outbox, so a log that fails costs durability,
 * never an event of a living page.
 */
export interface Outbox {
  /** Of this page, by name, oldest first. */
  rows: Map<string, Row>;
  /** Rows that were given to the log and not confirmed by it: what still waits in the browser's process may die with the page. */
  unsure: WeakSet<Row>;
  /** Streams of this page that are not told to their end, by id. */
  records: Map<string, StreamRecord>;
  /** A record that changed, or that rows of this page belong to: in the log when this returns, if there is one. */
  note(record: StreamRecord, ...fresh: Row[]): void;
  /** Rows and streams are gone: the collector has them. */
  forget(keys: readonly RowKey[], ids: readonly string[]): void;
  /** Asks the log, or memory when there is none or it fails in the middle. */
  ask<T>(question: (log: IDBDatabase) => Promise<T>, otherwise?: () => T): Promise<T>;
  /** Of a value next to the rows; nothing is asked while there is no log. */
  update: Update;
  /** The log to use from now on; everything of this page goes into it. */
  attach(log: IDBDatabase): void;
  /** Goes on in memory; → the log it leaves. */
  detach(): IDBDatabase | undefined;
  isDurable(): boolean;
}

/** @param failed told when the log refuses to work; the outbox goes on in memory */
export const createOutbox = (failed: (reason: unknown) => void): Outbox => {
  const rows = new Map<string, Row>();
  const records = new Map<string, StreamRecord>();
  const unsure = new WeakSet<Row>();
  let log: IDBDatabase | undefined;
  /** The log has the record of this stream. */
  let known = '';

  const ask: Outbox['ask'] = async (question, otherwise) => {
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
    return otherwise?.() as never;
  };
  /** Rows and records come, rows and records go. */
  const write = (
    fresh: readonly Row[],
    changed: readonly StreamRecord[],
    gone: readonly RowKey[] = [],
    ids: readonly string[] = [],
  ): void =>
    void ask(async (used) => {
      for (const row of fresh) unsure.add(row);
      await change(used, [ROWS, STREAMS], (rowStore, streamStore) => {
        for (const row of fresh) rowStore!.put(row);
        for (const record of changed) streamStore!.put(record);
        for (const key of gone) rowStore!.delete(key as never);
        for (const id of ids) streamStore!.delete(id);
        return true;
      });
      for (const row of fresh) unsure.delete(row);
    });

  return {
    rows,
    unsure,
    records,
    note(record, ...fresh) {
      for (const row of fresh) rows.set(rowName(row), row);
      records.set(record.id, record);
      write(fresh, fresh[0] && known === record.id ? [] : [record]);
      if (log) known = record.id;
    },
    forget(keys, ids) {
      for (const key of keys) rows.delete(key.join());
      for (const id of ids) records.delete(id);
      write([], [], keys, ids);
    },
    ask,
    update: (name, decide) =>
      ask((used) =>
        change(used, [VALUES], (values) => {
          const request = values!.get(name);
          request.onsuccess = () => {
            const next = decide(request.result as never);
            if (next !== request.result) values!.put(next, name);
          };
        }),
      ),
    detach() {
      const left = log;
      known = '';
      log = undefined;
      return left;
    },
    attach(next) {
      log?.close();
      log = next;
      write([...rows.values()], [...records.values()]);
    },
    isDurable: () => !!log,
  };
};
