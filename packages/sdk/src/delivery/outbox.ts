import type { Log, Update } from './outbox-indexeddb.js';
import { rowName, type Row, type RowKey, type StreamRecord } from './row.js';

/**
 * What waits to be sent. Memory holds what this page wrote and nobody acknowledged; with consent a log on the device
 * holds the same and what other pages left. Memory alone is a whole outbox, so a log that fails costs durability,
 * never an event of a living page.
 */
export interface Outbox {
  /** Of this page, by name, oldest first. */
  rows: Map<string, Row>;
  /** Names of rows that were given to the log and not confirmed by it: what still waits in the browser's process may die with the page. */
  unsure: Set<string>;
  /** Streams of this page that are not told to their end, by id. */
  records: Map<string, StreamRecord>;
  /** A row of this page; in the log when this returns, if there is one. */
  add(row: Row, record: StreamRecord): void;
  /** Writes a record that changed. */
  note(record: StreamRecord): void;
  /** Rows and streams are gone: the collector has them. */
  remove(keys: readonly RowKey[], ids: readonly string[]): void;
  /** Asks the log, or memory when there is none or it fails in the middle. */
  ask<T>(question: (log: Log) => Promise<T>, otherwise?: () => T): Promise<T>;
  /** Of a value next to the rows; nothing is asked while there is no log. */
  update: Update;
  /** The log to use from now on; everything of this page goes into it. */
  attach(log: Log): void;
  /** Goes on in memory; → the log it leaves. */
  detach(): Log | undefined;
  durable(): boolean;
}

/** @param failed told when the log refuses to work; the outbox goes on in memory */
export const createOutbox = (failed: (reason: unknown) => void): Outbox => {
  const rows = new Map<string, Row>();
  const records = new Map<string, StreamRecord>();
  const unsure = new Set<string>();
  let log: Log | undefined;
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
  const write = (...all: Parameters<Log['write']>): void =>
    void ask(async (used) => {
      const names = all[0].map(rowName);
      for (const name of names) unsure.add(name);
      try {
        await used.write(...all);
      } finally {
        for (const name of names) unsure.delete(name);
      }
    });
  const note = (record: StreamRecord, ...fresh: Row[]): void => {
    records.set(record.id, record);
    write(fresh, fresh[0] && known === record.id ? [] : [record]);
    if (log) known = record.id;
  };

  return {
    rows,
    unsure,
    records,
    add(row, record) {
      rows.set(rowName(row), row);
      note(record, row);
    },
    note,
    remove(keys, ids) {
      for (const key of keys) rows.delete(key.join());
      for (const id of ids) records.delete(id);
      write([], [], keys, ids);
    },
    ask,
    update: (name, decide) => ask((used) => used.update(name, decide)),
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
    durable: () => !!log,
  };
};
