import type { Clock } from '../lib/clock.js';
import { whenIdle } from '../lib/idle.js';
import type { Random } from '../lib/random.js';
import { isText, type Body } from './body.js';
import type { Outbox } from './outbox.js';
import { bodyNow, canPack, gzip } from './pack.js';
import { createSender } from './sender.js';
import { bytesOf, countOf, together, type Row } from './row.js';

const PACK_BYTES = 8 * 1024;
const FRAGMENT_EVENTS = 250;
const FRAGMENT_BYTES = 96 * 1024;
const SYNC_TAG = 'lintel';

/**
 * What delivery can do without until a chunk brings it: nothing is lost before, it only travels uncompressed and by
 * this page alone, and what the collector finds too large waits.
 */
export interface Sending {
  createSender: typeof createSender;
  bodyNow(head: string, rows: readonly Row[]): Body;
  pack(parts: PackParts): Promise<void>;
  askWorker(): Promise<void>;
  beacon: typeof beacon;
}
export interface PackParts {
  clock: Clock;
  random: Random;
  outbox: Outbox;
  /** Whether the sender or a keepalive request carries rows right now. */
  busy(row: Row): boolean;
}

/** Much waits: rows of one kind become one gzip fragment, so that more fits into what a dying page may send. */
const pack: Sending['pack'] = async ({ clock, random, outbox, busy }) => {
  for (;;) {
    const texts = (): Row[] => outbox.mine().filter((row) => isText(row) && !busy(row));
    if (!canPack() || bytesOf(texts()) < PACK_BYTES) return;
    await new Promise<void>((resolve) => whenIdle(clock, resolve));
    const rows = texts();
    const kin = rows.filter(({ k }) => k[0] === rows[0]!.k[0]);
    const picked = together(kin, FRAGMENT_EVENTS, FRAGMENT_BYTES);
    if (picked.length < 2) return;
    const [rank, at, salt, , , id] = picked[0]!.k;
    const t = await gzip(picked.map((row) => row.t).join());
    // sent meanwhile: the fragment would only be sent once more
    const kept = new Set(outbox.mine());
    if (!picked.every((row) => kept.has(row))) return;
    const k = [rank, at, salt + random.number(), countOf(picked), bytesOf(picked), id] as const;
    await outbox.change(
      picked.map((row) => row.k),
      [{ ...picked[0]!, k, t }],
    );
  }
};

/** Background Sync: a service worker of the site may send what this page could not. */
const askWorker = async (): Promise<void> => {
  type Sync = ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } };
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers?.controller) return;
  await ((await workers.ready) as Sync).sync?.register(SYNC_TAG);
};

/** For browsers whose `fetch` does not outlive a page: halved until the browser takes it. */
const beacon = (
  send: (address: string, body: Blob) => boolean,
  bodyOf: (rows: readonly Row[]) => Body,
  url: string,
  rows: readonly Row[],
): void => {
  for (let picked = rows; ; picked = picked.slice(0, picked.length >> 1)) {
    const { body, query } = bodyOf(picked);
    if (send(url + query, new Blob([body], { type: 'text/plain' })) || !picked.length) return;
  }
};

export const sending: Sending = { createSender, bodyNow, pack, askWorker, beacon };
