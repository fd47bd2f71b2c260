import { ROWS, STREAMS, VALUES } from './format.js';

const LOG_NAME = 'lintel';

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
): Promise<IDBDatabase> => {
  const request = factory.open(LOG_NAME, 1);
  request.onupgradeneeded = () => {
    if (!create) return request.transaction!.abort();
    request.result.createObjectStore(ROWS, { keyPath: 'k' });
    request.result.createObjectStore(STREAMS, { keyPath: 'id' });
    request.result.createObjectStore(VALUES);
  };
  const log = await asked(request);
  log.onversionchange = () => {
    log.close();
    closed(true);
  };
  log.onclose = () => closed(false);
  return log;
};

/** Asks a store. */
export const read = <T>(
  log: IDBDatabase,
  name: string,
  question: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> => asked(question(log.transaction(name).objectStore(name)));

/**
 * One transaction over the stores of these names. When `work` returns true it has asked nothing: it is committed before
 * this returns, and survives the renderer dying in this very task. It survives the browser when the promise resolves:
 * until then it may be on its way to the browser's process. Rejects when the handle is dead.
 */
export const change = (
  log: IDBDatabase,
  names: readonly string[],
  work: (...stores: IDBObjectStore[]) => unknown,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const transaction = log.transaction(names, 'readwrite', { durability: 'relaxed' });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    // without it the browser waits for the task to end, and a renderer that dies in this task takes the event along
    if (work(...names.map((name) => transaction.objectStore(name)))) transaction.commit?.();
  });
