import type { EventType } from '@lintel/protocol/types';
import { whenIdle } from '../lib/idle.js';
import type { State } from '../state.js';
import { createOutbox } from './outbox.js';
import { deleteLog, openLog, ROWS, type Update } from './outbox-indexeddb.js';
import { createPost } from './post.js';
import { keysIn, ROW_FORMAT, total, type RowKey, type StreamRecord } from './row.js';
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
  enrich(sending: Sending): void;
  /** Sends at once. */
  flush(): Promise<boolean>;
  /** Holds everything back, or lets it go. */
  hold(on: boolean): void;
  /** Opens the log, at idle or now. */
  open(now?: boolean): void;
  /** Reads, decides and writes a value next to the log; nothing is asked where nothing may be stored. */
  update: Update;
  /** The page hides: everything goes to requests that outlive it. */
  hide(): void;
  /** Ends requests, closes the log: the page sleeps. */
  sleep(): void;
  /** Back from sleep: the log is found again, never made. */
  wake(): void;
  hurry(): void;
  pause(ms: number): void;
  /** What was written belongs to the stream up to here; its record goes to the log. */
  seal(record: StreamRecord): void;
  note(record: StreamRecord): void;
  /**
   * Gives up what waits, at once.
   * @param remove deletes the log too; another tab does it otherwise
   * @returns how many events that were, when it is done
   */
  erase(remove: boolean): Promise<number>;
  waiting(): { count: number; bytes: number };
  /** No more fits; the sender, once it is here, makes room instead. */
  full(): boolean;
  durable(): boolean;
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
  let held = false;
  let awake = true;
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
    else if (repairs < 3) deleteLog(storage!).then(reopen, fault);
  });
  const { rows, records } = outbox;
  const openNow = async (): Promise<void> => {
    if (!wanted || !storage || !awake) return;
    begun = true;
    try {
      const log = await openLog(storage, mayCreate, (gone) => {
        outbox.detach();
        if (gone) deleted();
        else reopen();
      });
      if (wanted && awake) outbox.attach(log);
      else log.close();
    } catch (reason) {
      if (mayCreate) fault(reason);
      else if (wanted) deleted();
    }
  };
  const reopen = (): void => void (opening = openNow());

  /** A row of this moment's stream and session. */
  const write = (rank: number, at: number, events: readonly string[]): void => {
    const t = events.join();
    // the serial number makes a key unique in this page and keeps its order, chance makes it unique among pages
    const k: RowKey = [rank, at, ++serial + random.number(), events.length, t.length, state.stream!.id];
    outbox.add({ k, i: state.session?.id ?? '', t, v: ROW_FORMAT }, state.stream!);
  };
  const commit = (): void => whole?.commit();
  /** What this page wrote is in the outbox, and the ids are known. */
  const prepare = (): Promise<unknown> => {
    commit();
    openSoon();
    return Promise.all([state.identified, opening]);
  };
  const parts = { state, outbox, flying };
  const post = createPost({ ...parts, landed: (ok) => rows.size && soon(ok ? 0 : RETRY_MS) });

  /** Until the rest is here: plain requests that outlive the page, of what this page wrote. */
  const drain = async (): Promise<boolean> => {
    if (held) return false;
    if (whole) return whole.drain();
    await prepare();
    if (awake) post.now();
    return true;
  };
  const soon = (ms: number): void => {
    if (held || !awake) return;
    // a visitor who leaves at once is told about at once
    if (first) ms = 0;
    first = false;
    if (whole) whole.wake(ms);
    else
      timer ??= clock.after(ms, () => {
        timer = undefined;
        void drain();
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
      if (whole) return;
      whole = sending({ ...parts, post, write, prepare });
      timer?.();
      // also what other pages left
      if (!first) soon(0);
    },
    flush: drain,
    hold(on) {
      held = on;
      if (!on) soon(0);
    },
    open(now) {
      mayCreate = true;
      if (wanted) return;
      wanted = true;
      opening = new Promise((resolve) => {
        openSoon = () => {
          openSoon = () => {};
          resolve(openNow());
        };
      });
      if (now) openSoon();
      else whenIdle(clock, () => openSoon());
    },
    async update(name, change) {
      await opening;
      return outbox.update(name, change);
    },
    hide() {
      commit();
      (whole ?? post).now();
    },
    sleep() {
      awake = false;
      timer?.();
      timer = undefined;
      whole?.stop();
      outbox.detach()?.close();
    },
    wake() {
      awake = first = true;
      whole?.start();
      if (!begun) return;
      mayCreate = false;
      reopen();
    },
    hurry: () => whole?.hurry(),
    pause: (ms) => whole?.pause(ms),
    note: outbox.note,
    seal(record) {
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
      const stored = remove && (await log?.read(ROWS, (store) => store.getAllKeys()).catch(() => undefined));
      if (stored && stored[0]) keys = stored as never;
      log?.close();
      if (remove && storage) await deleteLog(storage);
      return total(keys, 3);
    },
    waiting() {
      const keys = keysIn(rows);
      return { count: total(keys, 3) + (whole?.pending() ?? 0), bytes: total(keys, 4) };
    },
    full: () => !whole && rows.size >= MOST,
    durable: outbox.durable,
  };
};
