import type { Dropped, Reason } from '../types.js';
import type { Log } from './outbox-indexeddb.js';
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
  read(limit: number): Promise<Row[]>;
  keys(): Promise<RowKey[]>;
  records(): Promise<Map<string, StreamRecord>>;
  /** Rows are gone: answered, or given up for a reason, which is then counted in their streams. */
  remove(keys: readonly RowKey[], reason?: Reason): Promise<void>;
  replace(old: readonly Row[], fresh: readonly Row[]): Promise<void>;
  /** A stream is over and told. */
  forget(ids: readonly string[]): Promise<void>;
  /** The losses of a stream were told, up to this state of its totals. */
  told(record: StreamRecord): Promise<void>;
  /** The log to use from now on; everything of this page goes into it. */
  attach(log: Log): void;
  /** Goes on in memory; → the log it leaves. */
  detach(): Log | null;
  durable(): boolean;
  /** Of this page. */
  size(): { count: number; bytes: number };
  /** Everything of this page is given up; → how many events that were. */
  empty(): number;
}

const lose = (record: StreamRecord, reason: Reason, count: number): StreamRecord => ({
  ...record,
  news: true,
  lost: { ...record.lost, [reason]: (record.lost[reason] ?? 0) + count },
});

/** Totals only grow: of two states the larger one is the later one. */
const larger = (p: Dropped, q: Dropped = {}): Dropped => {
  const all = { ...p };
  for (const reason in q) all[reason as Reason] = Math.max(q[reason as Reason]!, all[reason as Reason] ?? 0);
  return all;
};

/** @param failed told when the log refuses to work; the outbox goes on in memory */
export const createOutbox = (failed: (reason: unknown) => void): Outbox => {
  const rows = new Map<string, Row>();
  const records = new Map<string, StreamRecord>();
  let log: Log | null = null;
  let known = '';
  let count = 0;
  let bytes = 0;

  const take = (name: string): void => {
    const row = rows.get(name);
    if (!row) return;
    rows.delete(name);
    count -= row.k[3];
    bytes -= row.k[4];
  };
  const put = (row: Row): void => {
    rows.set(rowName(row), row);
    count += row.k[3];
    bytes += row.k[4];
  };

  const breaks = (broken: Log | null, reason: unknown): void => {
    if (log !== broken || !broken) return;
    log = null;
    broken.close();
    failed(reason);
  };
  const write = (fresh: readonly Row[], noted: readonly StreamRecord[]): void => {
    try {
      log?.put(fresh, noted);
    } catch (reason) {
      breaks(log, reason);
    }
  };
  /** Asks the log, or memory when there is none or it fails in the middle. */
  const ask = async <T>(question: (log: Log) => Promise<T>, otherwise: () => T): Promise<T> => {
    const used = log;
    if (used) {
      try {
        return await question(used);
      } catch (reason) {
        breaks(used, reason);
      }
    }
    return otherwise();
  };
  const mine = (): Row[] => [...rows.values()].sort(inOrder);
  const nothing = (): void => {};

  return {
    add(fresh, record) {
      for (const row of fresh) put(row);
      records.set(record.id, record);
      write(fresh, known === record.id ? [] : [record]);
      if (log) known = record.id;
    },
    note(record) {
      records.set(record.id, record);
      write([], [record]);
    },
    mine,
    own: () => [...records.values()],
    read: (limit) => ask((used) => used.read(limit), mine),
    keys: () => {
      const before = [...rows.keys()];
      return ask(
        async (used) => {
          const stored = await used.keys();
          const names = new Set(stored.map(String));
          // what another tab drained is gone from the log, and from here
          for (const name of before) if (!names.has(name)) take(name);
          return stored;
        },
        () => mine().map(({ k }) => k),
      );
    },
    records: async () => {
      const stored = await ask(
        (used) => used.records(),
        () => [],
      );
      const all = new Map(stored.map((record) => [record.id, record]));
      // this page knows its own streams best, except what others gave up in its name
      for (const [id, own] of records) all.set(id, { ...own, lost: larger(own.lost, all.get(id)?.lost) });
      return all;
    },
    async remove(keys, reason) {
      const lost = new Map<string, number>();
      for (const key of keys) {
        take(key.join());
        lost.set(key[5], (lost.get(key[5]) ?? 0) + key[3]);
      }
      const change = (record: StreamRecord): StreamRecord => lose(record, reason!, lost.get(record.id)!);
      if (reason) {
        for (const id of lost.keys()) {
          const own = records.get(id);
          if (own) Object.assign(own, change(own));
        }
      }
      await ask((used) => used.change(keys, [], reason && { ids: [...lost.keys()], change }), nothing);
    },
    async replace(old, fresh) {
      // sent meanwhile: the new rows would only be sent once more
      if (!log && !old.every((row) => rows.has(rowName(row)))) return;
      for (const row of old) take(rowName(row));
      for (const row of fresh) put(row);
      await ask(
        (used) =>
          used.change(
            old.map(({ k }) => k),
            fresh,
          ),
        nothing,
      );
    },
    async forget(ids) {
      for (const id of ids) records.delete(id);
      await ask((used) => used.change([], [], { ids, change: () => null }), nothing);
    },
    async told({ id, lost }) {
      const change = (record: StreamRecord): StreamRecord => ({
        ...record,
        news: JSON.stringify(record.lost) !== JSON.stringify(lost),
      });
      const own = records.get(id);
      if (own) Object.assign(own, change(own));
      await ask((used) => used.change([], [], { ids: [id], change }), nothing);
    },
    detach() {
      const left = log;
      log = null;
      return left;
    },
    attach(next) {
      log?.close();
      log = next;
      const noted = [...records.values()];
      write([...rows.values()], noted);
      known = noted.at(-1)?.id ?? '';
    },
    durable: () => log !== null,
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
