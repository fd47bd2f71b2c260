import { whenIdle } from '../lib/idle.js';
import type { Seams } from '../lib/seams.js';
import { tokens } from '../lib/tokens.js';
import { leaseLock, noLock, webLock, type Update } from './lock.js';
import { createOutbox } from './outbox.js';
import { deleteDatabase, LOG_NAME, openLog } from './outbox-indexeddb.js';
import { canPack, gzip } from './pack.js';
import { bytesOf, countOf, ROW_FORMAT, rowName, type Row, type StreamRecord } from './row.js';
import { createSender, together, type Tally } from './sender.js';
import { createUnload } from './unload.js';

export type { StreamRecord } from './row.js';
export type { Tally } from './sender.js';
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
/** A row must fit into what a dying page may send. */
const LANE_BYTES = 8 * 1024;
/** Rows of lane one a second; more go to lane two. */
const URGENT_PER_SECOND = 20;
const SOON_MS = 2000;
const SOON_MEMORY_MS = 1000;
const BATCH_EVENTS = 50;
const BATCH_BYTES = 24 * 1024;
const PACK_BYTES = 8 * 1024;
const FRAGMENT_EVENTS = 250;
const FRAGMENT_BYTES = 96 * 1024;
const OPEN_MS = 500;

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
  update: Update;
  fault(reason: unknown): void;
  /** The log was deleted by somebody else: consent is gone. */
  deleted(): void;
  /** An attempt failed while a log exists: a service worker may take over. */
  failed(): void;
}

export interface Delivery {
  append(event: Numbered): void;
  /** Sends at once. */
  flush(): Promise<boolean>;
  /** Holds everything back, or lets it go. */
  hold(on: boolean): void;
  /** Opens the log, at idle or now. */
  open(now?: boolean): void;
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
  durable(): boolean;
  tally: Tally;
}

export const createDelivery = (parts: DeliveryParts): Delivery => {
  const { seams, key, stream, session } = parts;
  const { clock, random, transport, storage, locks } = seams;
  const tally: Tally = { acked: 0, retries: 0, lastStatus: 0, lastAckAt: null, roundTripMs: 0, sentBytes: 0 };
  const flying = new Set<string>();
  const busy = new Set<string>();
  const urgentLeft = tokens(clock, URGENT_PER_SECOND, URGENT_PER_SECOND);
  let pending: Numbered[] = [];
  let pendingBytes = 0;
  let serial = 0;
  let lane: (() => void) | null = null;
  let wanted: 'no' | 'idle' | 'open' = 'no';
  let mayCreate = false;
  let held = false;
  let awake = true;
  let repairs = 0;
  let first = true;
  let packing = false;
  let opening: Promise<unknown> = Promise.resolve();

  const outbox = createOutbox((reason) => {
    parts.fault(reason);
    // reopen once, make it anew once, then memory for the rest of the page
    if (repairs++ < 1) openNow();
    else if (repairs === 2 && storage) deleteDatabase(storage, LOG_NAME).then(openNow, parts.fault);
  });
  const openNow = (): void => {
    if (!storage || !awake) return;
    wanted = 'open';
    opening = openLog(storage, mayCreate, (deleted) => {
      outbox.detach();
      if (deleted) parts.deleted();
      else openNow();
    }).then(
      (log) => {
        if (wanted === 'open' && awake) outbox.attach(log);
        else log.close();
      },
      (reason: unknown) => {
        if (mayCreate) parts.fault(reason);
        else if (wanted === 'open') parts.deleted();
      },
    );
  };

  const lockName = `lintel:${key}`;
  const shared = locks ? webLock(locks, lockName) : leaseLock(parts.update, 'lease', random.uuid(), clock);
  const sender = createSender({
    clock,
    random,
    transport,
    outbox,
    lock: () => (outbox.durable() ? shared : noLock),
    tally,
    flying,
    busy,
    prepare() {
      commit();
      return Promise.all([parts.ready(), opening]);
    },
    visitor: parts.visitor,
    tried(ok) {
      if (ok) unload.disarm();
      if (outbox.size().count) unload.arm();
      if (!ok && outbox.durable()) parts.failed();
      pack();
    },
  });
  const unload = createUnload({
    clock,
    transport,
    outbox,
    records: outbox.own,
    flying,
    acked(count) {
      tally.acked += count;
      tally.lastAckAt = clock.now();
    },
    landed() {
      if (awake && outbox.size().count) sender.wake(0);
    },
  });

  /** Unique among all pages, and in the order of this one. */
  const salt = (): number => ++serial + random.number();
  const rowsOf = (events: readonly Numbered[]): Row[] =>
    [0, 1, 2].flatMap((rank): Row[] => {
      const own = events.filter((event) => event.rank === rank);
      if (!own.length) return [];
      const t = own.map(({ json }) => json).join();
      return [
        { k: [rank, own[0]!.at, salt(), own.length, t.length, stream().id], i: session(), t, v: ROW_FORMAT },
      ];
    });
  const commit = (): void => {
    lane?.();
    lane = null;
    if (!pending.length) return;
    const rows = rowsOf(pending);
    pending = [];
    pendingBytes = 0;
    outbox.add(rows, stream());
    pack();
  };

  const texts = (): Row[] =>
    outbox
      .mine()
      .filter((row) => typeof row.t === 'string' && !flying.has(rowName(row)) && !busy.has(rowName(row)));
  /** Much waits: rows of one kind become one gzip fragment, so that more fits into what a dying page may send. */
  const pack = (): void => {
    if (packing || outbox.size().bytes < PACK_BYTES || !canPack() || bytesOf(texts()) < PACK_BYTES) return;
    packing = true;
    whenIdle(clock, () => {
      const rows = texts();
      const kin = rows.filter(({ k }) => k[0] === rows[0]!.k[0]);
      const picked = kin.length ? together(kin, FRAGMENT_EVENTS, FRAGMENT_BYTES) : [];
      if (!picked.length) {
        packing = false;
        return;
      }
      const [rank, at, , , , id] = picked[0]!.k;
      gzip(picked.map(({ t }) => t).join())
        .then((t) =>
          outbox.replace(picked, [
            { ...picked[0]!, k: [rank, at, salt(), countOf(picked), bytesOf(picked), id], t },
          ]),
        )
        .catch(parts.fault)
        .finally(() => {
          packing = false;
          if (picked.length > 1) pack();
        });
    });
  };

  const drain = async (): Promise<boolean> => !held && sender.drain();
  const soon = (ms: number): void => {
    if (held || !awake) return;
    if (first) {
      first = false;
      // a visitor who leaves at once is told about at once
      clock.after(0, () => void drain());
      return;
    }
    sender.wake(ms);
  };

  return {
    append(event) {
      pending.push(event);
      pendingBytes += event.json.length;
      if (event.urgent && urgentLeft()) {
        if (wanted === 'idle') openNow();
        // with what waited on lane two: a log without gaps leaves none when the page dies in this task
        commit();
      } else if (pending.length >= LANE_EVENTS || pendingBytes >= LANE_BYTES) commit();
      else lane ??= clock.after(LANE_MS, commit);
      const { count, bytes } = outbox.size();
      const full = event.now || count >= BATCH_EVENTS || bytes >= BATCH_BYTES;
      soon(full ? 0 : outbox.durable() ? SOON_MS : SOON_MEMORY_MS);
      unload.arm();
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
      if (now) openNow();
      else whenIdle(clock, () => wanted === 'idle' && openNow(), OPEN_MS);
    },
    hide() {
      commit();
      unload.now();
    },
    sleep() {
      awake = false;
      sender.stop();
      outbox.detach()?.close();
    },
    wake() {
      awake = first = true;
      sender.start();
      mayCreate = false;
      if (wanted === 'open') openNow();
    },
    hurry: sender.hurry,
    pause: sender.pause,
    note: outbox.note,
    seal(record) {
      commit();
      outbox.note(record);
    },
    async erase(remove) {
      sender.stop();
      sender.start();
      unload.disarm();
      const own = outbox.empty() + pending.length;
      const log = outbox.detach();
      pending = [];
      wanted = 'no';
      const keys = (remove && (await log?.keys().catch(() => undefined))) || [];
      log?.close();
      if (remove && storage) await deleteDatabase(storage, LOG_NAME);
      return keys.length ? keys.reduce((sum, key) => sum + key[3], 0) : own;
    },
    waiting: () => {
      const { count, bytes } = outbox.size();
      return { count: count + pending.length, bytes };
    },
    durable: outbox.durable,
    tally,
  };
};
