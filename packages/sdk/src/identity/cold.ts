import { get, set, update, type UseStore } from 'idb-keyval';
import { deleteDatabase, openDatabase } from '../delivery/outbox-indexeddb.js';

/** Values that change rarely: visitor, session, settings. In a database of its own, next to the log. */
export interface Cold {
  get<T>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown): Promise<void>;
  /** Reads, decides and writes in one transaction, so that two tabs waking together agree. */
  update<T>(key: string, change: (old: T | undefined) => T): Promise<void>;
  close(): void;
  erase(): Promise<unknown>;
}

const NAME = 'lintel-cold';
const STORE = 'values';

/** @param create whether the database may be made; without it, a missing one makes every call reject */
export const openCold = (factory: IDBFactory, create: () => boolean): Cold => {
  let opening: Promise<IDBDatabase> | null = null;
  const open = (): Promise<IDBDatabase> =>
    (opening ??= openDatabase(
      factory,
      NAME,
      create() ? (fresh) => fresh.createObjectStore(STORE) : null,
    ).then(
      (database) => {
        database.onclose = () => (opening = null);
        database.onversionchange = close;
        return database;
      },
      (reason: unknown) => {
        opening = null;
        throw reason;
      },
    ));
  const close = (): void => {
    opening?.then(
      (database) => database.close(),
      () => {},
    );
    opening = null;
  };
  const use: UseStore = (mode, work) =>
    open().then((database) => work(database.transaction(STORE, mode).objectStore(STORE)));
  return {
    get: (key) => get(key, use),
    set: (key, value) => set(key, value, use),
    update: (key, change) => update(key, change, use),
    close,
    erase() {
      close();
      return deleteDatabase(factory, NAME);
    },
  };
};
