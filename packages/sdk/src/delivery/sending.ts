import type { EventType } from '@lintel/protocol/types';
import { whenIdle } from '../lib/idle.js';
import type { State } from '../state.js';
import { createLane, type Lane, type Write } from './lane.js';
import type { Outbox } from './outbox.js';
import { canPack, gzip } from './pack.js';
import type { Post } from './post.js';
import { rankOf } from './ranks.js';
import { keysIn, rowName, total, type Row } from './row.js';
import { bytesOf, countOf, together } from './rows.js';
import { createSender, type Sender } from './sender.js';
import { change, isText, mine } from './shared.js';
import { createUnload } from './unload.js';

const PACK_BYTES = 8 * 1024;
const FRAGMENT_EVENTS = 250;
const FRAGMENT_BYTES = 96 * 1024;
const SYNC_TAG = 'lintel';
/** A batch is sent so long after its first event, or when it holds so much. */
const SOON_MS = 2000;
const SOON_MEMORY_MS = 1000;
const BATCH_EVENTS = 50;
const BATCH_BYTES = 24 * 1024;

/** The whole of sending. */
export interface Whole extends Sender, Omit<Lane, 'add'> {
  /** @returns milliseconds after which it should be sent */
  append(type: EventType, at: number, json: string): number;
  /** The page hides: everything goes to requests that outlive it, as far as their budgets go. */
  now(): void;
  /** What waits is given up: no request may carry it any more. */
  drop(): void;
}

/**
 * What delivery can do without until a chunk brings it: nothing is lost before, it only travels uncompressed and by
 * this page alone, and what the collector finds too large waits.
 * @param flying names of rows in flight   @param post what the core sends with   @param write what it writes with
 */
export type Sending = (
  state: State,
  outbox: Outbox,
  flying: ReadonlySet<string>,
  post: Post,
  write: Write,
  prepare: () => Promise<unknown>,
) => Whole;

/** Background Sync: a service worker of the site may send what this page could not. */
const askWorker = async (): Promise<void> => {
  type Sync = ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } };
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers?.controller) return;
  await ((await workers.ready) as Sync).sync?.register(SYNC_TAG);
};

export const sending: Sending = (state, outbox, flying, post, write, prepare) => {
  const { seams, options, tally, fault } = state;
  const { clock, random } = seams;
  const { rows } = outbox;
  /** Since the last attempt. */
  let events = 0;
  let bytes = 0;
  let packing = false;

  const unload = createUnload(state, outbox, flying, post);
  const sender = createSender(
    seams,
    outbox,
    options.key,
    tally,
    flying,
    prepare,
    () => state.visitor,
    (ok) => {
      events = bytes = 0;
      if (ok) unload.disarm();
      if (rows.size) unload.arm();
      if (!ok && outbox.isDurable()) askWorker().catch(fault);
      pack();
    },
  );

  /** Much waits: rows of one kind become one gzip fragment, so that more fits into what a dying page may send. */
  const packAll = async (): Promise<void> => {
    for (;;) {
      const texts = (): Row[] =>
        mine(outbox).filter((row) => isText(row) && !sender.busy() && !flying.has(rowName(row)));
      if (!canPack() || bytesOf(texts()) < PACK_BYTES) return;
      await new Promise<void>((resolve) => whenIdle(clock, resolve));
      const waiting = texts();
      const kin = waiting.filter(({ k }) => k[0] === waiting[0]!.k[0]);
      const picked = together(kin, FRAGMENT_EVENTS, FRAGMENT_BYTES);
      if (picked.length < 2) return;
      const [rank, at, salt, , , id] = picked[0]!.k;
      const t = await gzip(picked.map((row) => row.t).join());
      // sent meanwhile: the fragment would only be sent once more
      if (!picked.every((row) => rows.has(rowName(row)))) return;
      const k = [rank, at, salt + random.number(), countOf(picked), bytesOf(picked), id] as const;
      await change(
        outbox,
        picked.map((row) => row.k),
        [{ ...picked[0]!, k, t }],
      );
    }
  };
  const pack = (): void => {
    if (packing || total(keysIn(rows), 4) < PACK_BYTES) return;
    packing = true;
    packAll()
      .catch(fault)
      .finally(() => (packing = false));
  };
  const lane = createLane(clock, (...row) => {
    write(...row);
    pack();
  });

  return {
    ...sender,
    ...lane,
    append(type, at, json) {
      const rank = rankOf(type);
      // a page view at load waits for the idle moment in which the log opens
      lane.add(rank, at, json, type === 'error' || (!rank && type !== 'page_view'));
      events++;
      bytes += json.length;
      unload.arm();
      if (type === 'inquiry' || events >= BATCH_EVENTS || bytes >= BATCH_BYTES) return 0;
      return outbox.isDurable() ? SOON_MS : SOON_MEMORY_MS;
    },
    now: unload.now,
    drop() {
      sender.stop();
      sender.start();
      unload.disarm();
    },
  };
};
