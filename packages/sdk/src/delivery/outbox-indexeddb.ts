import type { Row, RowKey, StreamRecord } from './row.js';

/** Changes one record; null deletes it. */
export type Edit = (record: StreamRecord) => StreamRecord | null;

/** What the device holds: rows in the order of their keys, what is needed to send each stream, values that change rarely. */
export interface Log {
  /**
   * One transaction: rows and records come, rows go, records change. Without changes it is committed before this
   * returns, and survives the renderer dying in this very task. Rejects when the handle is dead.
   */
  write(
    fresh: readonly Row[],
    records: readonly StreamRecord[],
    gone?: readonly RowKey[],
    ids?: readonly string[],
    edit?: Edit,
  ): Promise<void>;
  /** The first `limit` rows, rank 0 first, then oldest. */
  read(limit: number): Promise<Row[]>;
  keys(): Promise<RowKey[]>;
  records(): Promise<StreamRecord[]>;
  /** Reads, decides and writes a value in one transaction, so that two tabs waking together agree. */
  update: Update;
  close(): void;
}
export type Update = <T>(key: string, change: (old: T | undefined) => T) => Promise<unknown>;

export const LOG_NAME = 'lintel';
const ROWS = 'rows';
const STREAMS = 'streams';
const VALUES = 'values';

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export const deleteLog = (factory: IDBFactory): Promise<unknown> => asked(factory.deleteDatabase(LOG_NAME));

/**
 * @param create only `init` and `consent()` may make the database; anybody else finds it, or the promise rejects
 * @param closed told when another tab wants it deleted, or the browser took it away
 */
export const openLog = async (
  factory: IDBFactory,
  create: boolean,
  closed: (deleted: boolean) => void,
): Promise<Log> => {
  const request = factory.open(LOG_NAME, 1);
  request.onupgradeneeded = () => {
    if (!create) return request.transaction!.abort();
    request.result.createObjectStore(ROWS, { keyPath: 'k' });
    request.result.createObjectStore(STREAMS, { keyPath: 'id' });
    request.result.createObjectStore(VALUES);
  };
  const database = await asked(request);
  const close = (): void => database.close();
  database.onversionchange = () => {
    close();
    closed(true);
  };
  database.onclose = () => closed(false);

  /** The stores, and a promise of the end. */
  const change = (
    ...names: string[]
  ): [done: Promise<void>, transaction: IDBTransaction, ...stores: IDBObjectStore[]] => {
    const transaction = database.transaction(names, 'readwrite', { durability: 'relaxed' });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return [done, transaction, ...names.map((name) => transaction.objectStore(name))];
  };
  const store = (name: string): IDBObjectStore => database.transaction(name).objectStore(name);

  return {
    async write(fresh, records, gone = [], ids = [], edit) {
      const [done, transaction, rows, streams] = change(ROWS, STREAMS);
      for (const row of fresh) rows!.put(row);
      for (const record of records) streams!.put(record);
      for (const key of gone) rows!.delete(key as never);
      for (const id of ids) {
        const request: IDBRequest<StreamRecord | undefined> = streams!.get(id);
        request.onsuccess = () => {
          const changed = request.result && edit!(request.result);
          if (changed) streams!.put(changed);
          else streams!.delete(id);
        };
      }
      // without it the browser waits for the task to end, and a renderer that dies in this task takes the event along
      if (!edit) transaction.commit?.();
      return done;
    },
    read: (limit) => asked(store(ROWS).getAll(null, limit)),
    keys: () => asked(store(ROWS).getAllKeys()) as Promise<never>,
    records: () => asked(store(STREAMS).getAll()),
    update(key, decide) {
      const [done, , values] = change(VALUES);
      const request = values!.get(key);
      request.onsuccess = () => {
        const next = decide(request.result as never);
        if (next !== request.result) values!.put(next, key);
      };
      return done;
    },
    close,
  };
};
