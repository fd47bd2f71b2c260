import type { Row, RowKey, StreamRecord } from './row.js';

/** The log on the device: rows in the order of their keys, and what is needed to send each stream. */
export interface Log {
  /** Synchronous put and commit: survives the renderer dying in this very task. Throws when the handle is dead. */
  put(rows: readonly Row[], records: readonly StreamRecord[]): void;
  /** The first `limit` rows, rank 0 first, then oldest. */
  read(limit: number): Promise<Row[]>;
  keys(): Promise<RowKey[]>;
  records(): Promise<StreamRecord[]>;
  /** One transaction: rows go, rows come, records change (null deletes one). */
  change(
    gone: readonly RowKey[],
    fresh: readonly Row[],
    edit?: { ids: readonly string[]; change: (record: StreamRecord) => StreamRecord | null },
  ): Promise<void>;
  close(): void;
}

export const LOG_NAME = 'lintel';
const ROWS = 'rows';
const STREAMS = 'streams';

export const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * Opens a database.
 * @param create makes the stores; without it a missing database stays missing and the promise rejects
 */
export const openDatabase = (
  factory: IDBFactory,
  name: string,
  create: ((database: IDBDatabase) => void) | null,
): Promise<IDBDatabase> => {
  const request = factory.open(name, 1);
  request.onupgradeneeded = () => (create ? create(request.result) : request.transaction!.abort());
  return asked(request);
};

export const deleteDatabase = (factory: IDBFactory, name: string): Promise<unknown> =>
  asked(factory.deleteDatabase(name));

/**
 * @param create only `init` and `consent()` may make the database; anybody else finds it or does without
 * @param closed told when another tab wants it deleted, or the browser took it away
 */
export const openLog = async (
  factory: IDBFactory,
  create: boolean,
  closed: (deleted: boolean) => void,
): Promise<Log> => {
  const database = await openDatabase(
    factory,
    LOG_NAME,
    create
      ? (fresh) => {
          fresh.createObjectStore(ROWS, { keyPath: 'k' });
          fresh.createObjectStore(STREAMS, { keyPath: 'id' });
        }
      : null,
  );
  database.onversionchange = () => {
    database.close();
    closed(true);
  };
  database.onclose = () => closed(false);

  const begin = (stores: string[], mode: IDBTransactionMode): IDBTransaction =>
    database.transaction(stores, mode, { durability: 'relaxed' });
  const rows = (): IDBObjectStore => begin([ROWS], 'readonly').objectStore(ROWS);

  return {
    put(fresh, records) {
      const transaction = begin(records.length ? [ROWS, STREAMS] : [ROWS], 'readwrite');
      for (const record of records) transaction.objectStore(STREAMS).put(record);
      for (const row of fresh) transaction.objectStore(ROWS).put(row);
      // without it the browser waits for the task to end, and a renderer that dies in this task takes the event along
      transaction.commit?.();
    },
    read: (limit) => asked(rows().getAll(null, limit)),
    keys: () => asked(rows().getAllKeys()) as Promise<never>,
    records: () => asked(begin([STREAMS], 'readonly').objectStore(STREAMS).getAll()),
    change: (gone, fresh, edit) =>
      new Promise((resolve, reject) => {
        const transaction = begin([ROWS, STREAMS], 'readwrite');
        transaction.oncomplete = () => resolve();
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
        for (const key of gone) transaction.objectStore(ROWS).delete(key as never);
        for (const row of fresh) transaction.objectStore(ROWS).put(row);
        const streams = transaction.objectStore(STREAMS);
        for (const id of edit?.ids ?? []) {
          streams.get(id).onsuccess = ({ target }) => {
            const found = (target as IDBRequest<StreamRecord | undefined>).result;
            if (!found) return;
            const changed = edit!.change(found);
            if (changed) streams.put(changed);
            else streams.delete(id);
          };
        }
      }),
    close: () => database.close(),
  };
};
