import type { Dropped, Reason } from '../types.js';
import { ROWS, STREAMS } from './format.js';
import type { Outbox } from './outbox.js';
import { change as changeLog, read } from './outbox-indexeddb.js';
import { keysIn, rowName, type Row, type RowKey, type StreamRecord } from './row.js';
import { inOrder } from './rows.js';

/** Changes one record; null deletes it. */
export type Edit = (record: StreamRecord) => StreamRecord | null;

export const isText = (row: Row): boolean => typeof row.t === 'string';

/** Rows of this page, rank 0 first, then oldest. */
export const mine = ({ rows }: Outbox): Row[] => [...rows.values()].sort(inOrder);

/** In one step: rows go, rows come, records change. */
export const change = (
  { rows, records, ask }: Outbox,
  gone: readonly RowKey[],
  fresh: readonly Row[] = [],
  ids: readonly string[] = [],
  edit?: Edit,
): Promise<void> => {
  for (const key of gone) rows.delete(key.join());
  for (const row of fresh) rows.set(rowName(row), row);
  for (const id of ids) {
    const own = records.get(id);
    const changed = own && edit!(own);
    if (changed) Object.assign(own, changed);
    else records.delete(id);
  }
  return ask((log) =>
    changeLog(log, [ROWS, STREAMS], (rowStore, streamStore) => {
      for (const row of fresh) rowStore!.put(row);
      for (const key of gone) rowStore!.delete(key as never);
      for (const id of ids) {
        const request: IDBRequest<StreamRecord | undefined> = streamStore!.get(id);
        request.onsuccess = () => {
          const changed = request.result && edit!(request.result);
          if (changed) streamStore!.put(changed);
          else streamStore!.delete(id);
        };
      }
      return !edit;
    }),
  );
};

/** The first `limit` rows of all pages, rank 0 first, then oldest. */
export const readRows = (outbox: Outbox, limit: number): Promise<Row[]> =>
  outbox.ask(
    (log) => read(log, ROWS, (rows) => rows.getAll(null, limit)),
    () => mine(outbox),
  );

export const keysOf = ({ rows, ask }: Outbox): Promise<RowKey[]> => {
  const before = keysIn(rows);
  return ask(
    async (log) => {
      const stored = (await read(log, ROWS, (rows) => rows.getAllKeys())) as never as RowKey[];
      const names = new Set(stored.map(String));
      // what another tab drained is gone from the log, and from here
      for (const key of before) if (!names.has(key.join())) rows.delete(key.join());
      return stored;
    },
    () => before,
  );
};

/** Totals only grow: of two states the larger one is the later one. */
const larger = (p: Dropped, q: Dropped = {}): Dropped => {
  const all = { ...p };
  for (const reason in q) all[reason as Reason] = Math.max(q[reason as Reason]!, all[reason as Reason] ?? 0);
  return all;
};

export const recordsOf = async ({ ask, records }: Outbox): Promise<Map<string, StreamRecord>> => {
  const stored = await ask<StreamRecord[]>(
    (log) => read(log, STREAMS, (streams) => streams.getAll()),
    () => [],
  );
  const all = new Map(stored.map((record) => [record.id, record]));
  // this page knows its own streams best, except what others gave up in its name
  for (const record of records.values())
    all.set(record.id, { ...record, lost: larger(record.lost, all.get(record.id)?.lost) });
  return all;
};

/** Rows are given up for a reason, which is counted in their streams. */
export const lose = (outbox: Outbox, keys: readonly RowKey[], reason: Reason): Promise<void> => {
  const lost = new Map<string, number>();
  for (const key of keys) lost.set(key[5], (lost.get(key[5]) ?? 0) + key[3]);
  return change(outbox, keys, [], [...lost.keys()], (record) => ({
    ...record,
    news: true,
    lost: { ...record.lost, [reason]: (record.lost[reason] ?? 0) + lost.get(record.id)! },
  }));
};
