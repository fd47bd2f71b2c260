export const LOG_NAME = 'lintel';
/** Rows in the order of their keys. */
export const ROWS = 'rows';
/** What is needed to send each stream. */
export const STREAMS = 'streams';
/** What changes rarely. */
export const VALUES = 'values';

/** What the device holds. */
export interface Log {
  /**
   * One transaction over the stores of these names. When `work` returns true it has asked nothing: it is committed
   * before this returns, and survives the renderer dying in this very task. Rejects when the handle is dead.
   */
  change(names: readonly string[], work: (...stores: IDBObjectStore[]) => unknown): Promise<void>;
  /** Asks a store. */
  read<T>(name: string, question: (store: IDBObjectStore) => IDBRequest<T>): Promise<T>;
  close(): void;
}
/** Reads, decides and writes a value in one transaction, so that two tabs waking together agree. */
export type Update = <T>(key: string, change: (old: T | undefined) => T) => Promise<unknown>;

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

  return {
    change: (names, work) =>
      new Promise((resolve, reject) => {
        const transaction = database.transaction(names, 'readwrite', { durability: 'relaxed' });
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
        // without it the browser waits for the task to end, and a renderer that dies in this task takes the event along
        if (work(...names.map((name) => transaction.objectStore(name)))) transaction.commit?.();
      }),
    read: (name, question) => asked(question(database.transaction(name).objectStore(name))),
    close,
  };
};
