import type { EventType } from '@lintel/protocol/types';
import { whenIdle } from '../lib/idle.js';
import type { State } from '../state.js';
import { ROW_FORMAT, ROWS } from './format.js';
import { createOutbox } from './outbox.js';
import { deleteLog, openLog, read, type Update } from './outbox-indexeddb.js';
import { createPost } from './post.js';
import { keysIn, total, type RowKey, type StreamRecord } from './row.js';
import type { Sending, Whole } from './sending.js';

export type { Update } from './outbox-indexeddb.js';
export type { StreamRecord } from './row.js';
export type { Sending } from './sending.js';
export { newTally } from './tally.js';

const SOON_MS = 1000;
const RETRY_MS = 10_000;
/** Until the sender is here, which knows better. */
const MOST = 1000;

export interface Delivery {
  /** A numbered event. With consent it is on the device when this returns, unless its kind may wait a moment. */
  append(type: EventType, at: number, json: string): void;
  /** From now on everything is sent as it should be: compressed, for all pages, by one tab. */
  enrich(sending: Sending): Whole;
  /** Sends at once. */
  flush(): Promise<boolean>;
  /** What was held back may leave. */
  release(): void;
  /** Opens the log, at idle or now. */
  openLog(now?: boolean): void;
  /** Reads, decides and writes a value next to the log; nothing is asked where nothing may be stored. */
  update: Update;
  /** The page hides: everything goes to requests that outlive it. */
  leave(): void;
  /** Ends requests, closes the log: the page sleeps. */
  sleep(): void;
  /** Back from sleep: the log is found again, never made. */
  awake(): void;
  hurry(): void;
  /** A stream's record changed; what was written before belongs to it as it is now. */
  note(record: StreamRecord): void;
  /**
   * Gives up what waits, at once.
   * @param remove deletes the log too; another tab does it otherwise
   * @returns how many events that were, when it is done
   */
  erase(remove: boolean): Promise<number>;
  waiting(): { count: number; bytes: number };
  /** No more fits; the sender, once it is here, makes room instead. */
  isFull(): boolean;
  isDurable(): boolean;
}

/** @param deleted told when the log was deleted by somebody else: consent is gone */
export const createDelivery = (state: State, deleted: () => void): Delivery => {
  const { seams, fault } = state;
  const { clock, random, storage } = seams;
  const flying = new Set<string>();
  let serial = 0;
  /** The log is wanted; and somebody began to open it. */
  let wanted = false;
  let begun = false;
  let mayCreate = false;
  let asleep = false;
  let repairs = 0;
  let first = true;
  let opening: Promise<unknown> | undefined;
  let openSoon = (): void => {};
  let whole: Whole | undefined;
  let timer: (() => void) | undefined;

  const outbox = createOutbox((reason) => {
    fault(reason);
    // reopen once, make it anew once, then memory for the rest of the page
    if (++repairs < 2) reopen();
    else if (repairs < 3) {
      mayCreate = true;
      deleteLog(storage!).then(reopen, fault);
    }
  });
  const { rows, records } = outbox;
  const open = async (): Promise<void> => {
    if (!wanted || !storage || asleep) return;
    begun = true;
    try {
      const log = await openLog(storage, mayCreate, (gone) => {
        outbox.detach();
        if (gone) deleted();
        else reopen();
      });
      if (wanted && !asleep) outbox.attach(log);
      else log.close();
    } catch (reason) {
      if (mayCreate) fault(reason);
      else if (wanted) deleted();
    }
  };
  const reopen = (): void => void (opening = open());

  /** A row of this moment's stream and session. */
  const write = (rank: number, at: number, events: readonly string[]): void => {
    const { stream, session } = state;
    const t = events.join();
    // the serial number makes a key unique in this page and keeps its order, chance makes it unique among pages
    const k: RowKey = [rank, at, ++serial + random.number(), events.length, t.length, stream!.id];
    outbox.note(stream!, { k, i: session?.id ?? '', t, v: ROW_FORMAT });
  };
  const commit = (): void => whole?.commit();
  /** What this page wrote is in the outbox, and the ids are known. */
  const prepare = (): Promise<unknown> => {
    commit();
    openSoon();
    return Promise.all([state.identified, opening]);
  };
  const post = createPost(state, outbox, flying, (ok) => {
    if (rows.size) soon(ok ? 0 : RETRY_MS);
  });

  /** Until the rest is here: plain requests that outlive the page, of what this page wrote. */
  const flush = async (): Promise<boolean> => {
    if (state.held) return false;
    if (whole) return whole.drain();
    await prepare();
    if (!asleep) post.now();
    return true;
  };
  const soon = (ms: number): void => {
    if (state.held || asleep) return;
    // a visitor who leaves at once is told about at once
    if (first) ms = 0;
    first = false;
    if (whole) whole.wake(ms);
    else
      timer ??= clock.after(ms, () => {
        timer = undefined;
        void flush();
      });
  };

  return {
    append(type, at, json) {
      // a page view at load waits for the idle moment in which the log opens
      if (type !== 'page_view') openSoon();
      if (whole) soon(whole.append(type, at, json));
      else {
        // what comes before the rest is here are calls and views, which are sent first and given up last
        write(0, at, [json]);
        soon(type === 'inquiry' ? 0 : SOON_MS);
      }
    },
    enrich(sending) {
      if (!whole) {
        whole = sending(state, outbox, flying, post, write, prepare);
        timer?.();
        // also what other pages left
        if (!first) soon(0);
      }
      return whole;
    },
    flush,
    release() {
      if (!state.held) return;
      state.held = false;
      soon(0);
    },
    openLog(now) {
      mayCreate = true;
      if (wanted) return;
      wanted = true;
      opening = new Promise<void>((resolve) => (openSoon = resolve)).then(open);
      if (now) openSoon();
      else whenIdle(clock, openSoon);
    },
    async update(name, change) {
      await opening;
      return outbox.update(name, change);
    },
    leave() {
      commit();
      (whole ?? post).now();
    },
    sleep() {
      asleep = true;
      timer?.();
      timer = undefined;
      whole?.stop();
      outbox.detach()?.close();
    },
    awake() {
      asleep = false;
      first = true;
      whole?.start();
      // what was opened once is found again, or the consent is gone
      if (begun) mayCreate = false;
      if (wanted) reopen();
    },
    hurry: () => whole?.hurry(),
    note(record) {
      commit();
      outbox.note(record);
    },
    async erase(remove) {
      commit();
      whole?.drop();
      wanted = begun = false;
      openSoon();
      let keys = keysIn(rows);
      const log = outbox.detach();
      rows.clear();
      records.clear();
      const stored =
        remove && log && (await read(log, ROWS, (store) => store.getAllKeys()).catch(() => null));
      if (stored && stored[0]) keys = stored as never;
      log?.close();
      if (remove && storage) await deleteLog(storage);
      return total(keys, 3);
    },
    waiting() {
      const keys = keysIn(rows);
      return { count: total(keys, 3) + (whole?.pending() ?? 0), bytes: total(keys, 4) };
    },
    isFull: () => !whole && rows.size >= MOST,
    isDurable: outbox.isDurable,
  };
};
