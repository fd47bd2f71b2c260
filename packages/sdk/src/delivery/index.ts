import { whenIdle } from '../lib/idle.js';
import type { Seams } from '../lib/seams.js';
import { tokens } from '../lib/tokens.js';
import { createOutbox } from './outbox.js';
import { deleteLog, openLog, type Update } from './outbox-indexeddb.js';
import { createPost } from './post.js';
import { ROW_FORMAT, rowName, total, type Row, type StreamRecord } from './row.js';
import type { Sender } from './sender.js';
import type { Sending } from './sending.js';
import { newTally, type Tally } from './tally.js';

export type { Update } from './outbox-indexeddb.js';
export type { StreamRecord } from './row.js';
export type { Sending } from './sending.js';
export { rankOf } from './ranks.js';

/** A numbered event; of its content delivery knows nothing. */
export interface Numbered {
  at: number;
  rank: number;
  json: string;
  /** Must not be lost even if the page dies in this task. */
  urgent: boolean;
  /** Sent at once. */
  now: boolean;
}

/** Lane two: a row each so often, or each so many events. */
const LANE_MS = 100;
const LANE_EVENTS = 50;
/** A row must fit into what a dying page may send; so much waiting is worth packing. */
const ROW_BYTES = 8 * 1024;
/** Rows of lane one a second; more go to lane two. */
const URGENT_PER_SECOND = 20;
const SOON_MS = 2000;
const SOON_MEMORY_MS = 1000;
const BATCH_EVENTS = 50;
const BATCH_BYTES = 24 * 1024;
const OPEN_MS = 500;
/** Until the sender is here, which knows better. */
const MOST = 1000;
const RETRY_MS = 10_000;

export interface DeliveryParts {
  seams: Seams;
  key: string;
  /** The stream that events belong to now. */
  stream(): StreamRecord;
  session(): string;
  /** Of this browser; null while unknown. */
  visitor(): string | null;
  /** Resolves when the stream's ids are known; nothing is sent before. */
  ready(): Promise<unknown>;
  fault(reason: unknown): void;
  /** The log was deleted by somebody else: consent is gone. */
  deleted(): void;
}

export interface Delivery {
  append(event: Numbered): void;
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
  tally: Tally;
}

export const createDelivery = (parts: DeliveryParts): Delivery => {
  const { seams, key, stream, session, fault } = parts;
  const { clock, random, transport, storage, locks } = seams;
  const tally = newTally();
  const flying = new Set<string>();
  const urgentLeft = tokens(clock, URGENT_PER_SECOND, URGENT_PER_SECOND);
  let pending: Numbered[] = [];
  let pendingBytes = 0;
  let serial = 0;
  let lane: (() => void) | undefined;
  let wanted: 'no' | 'idle' | 'open' = 'no';
  let mayCreate = false;
  let held = false;
  let awake = true;
  let repairs = 0;
  let first = true;
  let packing = false;
  let opening: Promise<unknown> | undefined;
  let openSoon = (): void => {};
  let sending: Sending | undefined;
  let sender: Sender | undefined;
  let timer: (() => void) | undefined;

  const outbox = createOutbox((reason) => {
    fault(reason);
    // reopen once, make it anew once, then memory for the rest of the page
    if (++repairs < 2) reopen();
    else if (repairs < 3) deleteLog(storage!).then(reopen, fault);
  });
  const openNow = async (): Promise<void> => {
    if (!storage || !awake) return;
    wanted = 'open';
    try {
      const log = await openLog(storage, mayCreate, (deleted) => {
        outbox.detach();
        if (deleted) parts.deleted();
        else reopen();
      });
      if (wanted === 'open' && awake) outbox.attach(log);
      else log.close();
    } catch (reason) {
      if (mayCreate) fault(reason);
      else if (wanted === 'open') parts.deleted();
    }
  };
  const reopen = (): void => void (opening = openNow());

  /** What this page wrote is in the outbox, and the ids are known. */
  const prepare = (): Promise<unknown> => {
    commit();
    openSoon();
    return Promise.all([parts.ready(), opening]);
  };
  const post = createPost({
    clock,
    transport,
    outbox,
    flying,
    sending: () => sending,
    acked(count) {
      tally.acked += count;
      tally.lastAckAt = clock.now();
    },
    landed(ok) {
      if (outbox.size().count) soon(ok ? 0 : RETRY_MS);
    },
  });

  const pack = (): void => {
    if (packing || outbox.size().bytes < ROW_BYTES || !sending) return;
    packing = true;
    sending
      .pack({ clock, random, outbox, busy: (row) => sender!.busy() || flying.has(rowName(row)) })
      .catch(fault)
      .finally(() => (packing = false));
  };
  /** A row for each rank. */
  const write = (events: readonly Numbered[]): void => {
    const rows: Row[] = [];
    for (const rank of [0, 1, 2]) {
      const own = events.filter((event) => event.rank === rank);
      const t = own.map(({ json }) => json).join();
      // the serial number makes a key unique in this page and keeps its order, chance makes it unique among pages
      const salt = ++serial + random.number();
      if (own[0])
        rows.push({
          k: [rank, own[0].at, salt, own.length, t.length, stream().id],
          i: session(),
          t,
          v: ROW_FORMAT,
        });
    }
    outbox.add(rows, stream());
  };
  const commit = (): void => {
    lane?.();
    lane = undefined;
    if (!pending[0]) return;
    write(pending);
    pending = [];
    pendingBytes = 0;
    pack();
  };

  /** Until the sender is here: plain requests that outlive the page, of what this page wrote. */
  const drain = async (): Promise<boolean> => {
    if (held) return false;
    if (sender) return sender.drain();
    await prepare();
    if (awake) post.now();
    return true;
  };
  const soon = (ms: number): void => {
    if (held || !awake) return;
    // a visitor who leaves at once is told about at once
    if (first) clock.after(0, drain);
    else if (sender) sender.wake(ms);
    else
      timer ??= clock.after(ms, () => {
        timer = undefined;
        void drain();
      });
    first = false;
  };

  return {
    append(event) {
      pending.push(event);
      pendingBytes += event.json.length;
      if (event.urgent && urgentLeft()) {
        openSoon();
        // with what waited on lane two: a log without gaps leaves none when the page dies in this task
        commit();
      } else if (pending.length >= LANE_EVENTS || pendingBytes >= ROW_BYTES) commit();
      else lane ??= clock.after(LANE_MS, commit);
      const { count, bytes } = outbox.size();
      const full = event.now || count >= BATCH_EVENTS || bytes >= BATCH_BYTES;
      soon(full ? 0 : outbox.durable() ? SOON_MS : SOON_MEMORY_MS);
      post.arm();
    },
    enrich(more) {
      if (sending) return;
      sending = more;
      sender = more.createSender({
        clock,
        random,
        transport,
        outbox,
        locks,
        key,
        tally,
        flying,
        prepare,
        visitor: parts.visitor,
        tried(ok) {
          if (ok) post.disarm();
          if (outbox.size().count) post.arm();
          if (!ok && outbox.durable()) more.askWorker().catch(fault);
          pack();
        },
      });
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
      if (wanted !== 'no') return;
      wanted = 'idle';
      opening = new Promise((resolve) => {
        openSoon = () => {
          openSoon = () => {};
          resolve(wanted === 'idle' ? openNow() : undefined);
        };
      });
      if (now) openSoon();
      else whenIdle(clock, () => openSoon(), OPEN_MS);
    },
    async update(name, change) {
      await opening;
      return outbox.update(name, change);
    },
    hide() {
      commit();
      post.now();
    },
    sleep() {
      awake = false;
      sender?.stop();
      outbox.detach()?.close();
    },
    wake() {
      awake = first = true;
      sender?.start();
      mayCreate = false;
      if (wanted === 'open') reopen();
    },
    hurry: () => sender?.hurry(),
    pause: (ms) => sender?.pause(ms),
    note: outbox.note,
    seal(record) {
      commit();
      outbox.note(record);
    },
    async erase(remove) {
      sender?.stop();
      sender?.start();
      post.disarm();
      wanted = 'no';
      openSoon();
      const own = outbox.empty() + pending.length;
      const log = outbox.detach();
      pending = [];
      const keys = remove && (await log?.keys().catch(() => undefined));
      log?.close();
      if (remove && storage) await deleteLog(storage);
      return keys && keys[0] ? total(keys, 3) : own;
    },
    waiting: () => {
      const { count, bytes } = outbox.size();
      return { count: count + pending.length, bytes };
    },
    full: () => !sender && outbox.size().count >= MOST,
    durable: outbox.durable,
    tally,
  };
};
