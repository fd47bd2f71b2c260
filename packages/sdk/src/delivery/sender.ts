import type { Clock } from '../lib/clock.js';
import type { Random } from '../lib/random.js';
import type { Transport } from '../lib/seams.js';
import { judge, retryAfterMs, type Verdict } from './answer.js';
import { backoffMs } from './backoff.js';
import { endedWith, headOf } from './head.js';
import { keepLimits } from './limits.js';
import type { Lock } from './lock.js';
import type { Outbox } from './outbox.js';
import { eventsOf, packBody } from './pack.js';
import { countOf, isIdentified, ROW_FORMAT, rowName, type Row, type StreamRecord } from './row.js';

const ROWS_AT_ONCE = 200;
const EVENTS = 500;
const INFLATED = 200 * 1024;
const TIMEOUT_MS = 15_000;
/** Rows that wait longer go without the lock. */
const IMPATIENT_MS = 30_000;

export interface Tally {
  acked: number;
  retries: number;
  lastStatus: number;
  lastAckAt: number | null;
  roundTripMs: number;
  sentBytes: number;
}

export interface SenderParts {
  clock: Clock;
  random: Random;
  transport: Transport;
  outbox: Outbox;
  lock: () => Lock;
  /** Awaited before each drain: ids are known, what this page wrote is in the outbox. */
  prepare(): Promise<unknown>;
  /** Of this browser; null while unknown. */
  visitor(): string | null;
  tally: Tally;
  /** Rows that a keepalive request carries right now. */
  flying: ReadonlySet<string>;
  /** Rows that the sender carries right now, for others to leave alone. */
  busy: Set<string>;
  /** Told after each attempt. */
  tried(ok: boolean): void;
}

export interface Sender {
  /** Sends soon: `ms` from now at the latest, unless the collector asked for rest. */
  wake(ms: number): void;
  /** Hurries a retry within two random seconds. */
  hurry(): void;
  /** Drains; resolves when everything is sent or an attempt failed. */
  drain(): Promise<boolean>;
  /** The collector wants quiet for so long. */
  pause(ms: number): void;
  /** Ends the request in flight and every timer; held locks would cost the back/forward cache. */
  stop(): void;
  start(): void;
}

/** What every request has in common: no preflight, no cookie. */
export const requestInit = (body: BodyInit, more: RequestInit): RequestInit => ({
  method: 'POST',
  body,
  mode: 'cors',
  credentials: 'omit',
  headers: { 'Content-Type': 'text/plain' },
  ...more,
});

/** Reads an answer to its end: unread ones keep Chromium's quota for keepalive occupied. */
export const verdictOf = async (response: Response, sent: number, now: number): Promise<Verdict> => {
  const text = await response.text();
  let body;
  try {
    body = JSON.parse(text) as object | undefined;
  } catch {
    // a portal's page, a proxy's error: judged as no answer
  }
  return judge(
    response.status,
    body ?? undefined,
    sent,
    retryAfterMs(response.headers.get('Retry-After'), now),
  );
};

/** The first rows that may share a body: one stream, one session. */
export const together = (rows: readonly Row[], events = EVENTS, bytes = INFLATED): Row[] => {
  const [first] = rows;
  const picked: Row[] = [];
  let count = 0;
  let size = 0;
  for (const row of rows) {
    if (row.k[5] !== first!.k[5] || row.i !== first!.i) continue;
    count += row.k[3];
    size += row.k[4];
    if (picked.length && (count > events || size > bytes)) break;
    picked.push(row);
  }
  return picked;
};

export const createSender = (parts: SenderParts): Sender => {
  const { clock, random, transport, outbox, tally } = parts;
  let cancel: (() => void) | null = null;
  let dueAt = Infinity;
  /** Backoff, which good news may shorten; and what the collector asked for, which nothing shortens. */
  let restUntil = 0;
  let askedUntil = 0;
  let failures = 0;
  let most = EVENTS;
  let refused = '';
  let working: Promise<boolean> | null = null;
  let abort = (): void => {};
  let letGo = (): void => {};
  let stopped = false;
  /** Grows with each stop: what was in flight then has no say any more. */
  let epoch = 0;

  const free = (): number => Math.max(restUntil, askedUntil);
  const wake = (ms: number): void => {
    const at = Math.max(clock.tick() + ms, free());
    if (stopped || at >= dueAt) return;
    cancel?.();
    dueAt = at;
    cancel = clock.after(at - clock.tick(), () => {
      dueAt = Infinity;
      void drain();
    });
  };
  const halt = (): void => {
    cancel?.();
    dueAt = Infinity;
  };

  const post = async (url: string, head: string, rows: readonly Row[]): Promise<Verdict> => {
    const { body, query, bytes } = await packBody(head, rows);
    const startedMs = clock.tick();
    const controller = new AbortController();
    abort = () => controller.abort();
    const late = clock.after(TIMEOUT_MS, abort);
    try {
      tally.sentBytes += bytes;
      const response = await transport.fetch(url + query, requestInit(body, { signal: controller.signal }));
      tally.lastStatus = response.status;
      const verdict = await verdictOf(response, countOf(rows), clock.now());
      tally.roundTripMs = clock.tick() - startedMs;
      return verdict;
    } catch {
      tally.lastStatus = 0;
      return { kind: 'retry', waitMs: 0 };
    } finally {
      late();
    }
  };

  /** Rows with several events become rows of one; a single one that is refused again is given up. */
  const split = async (rows: readonly Row[], to: 'half' | 'single'): Promise<void> => {
    const count = countOf(rows);
    most = to === 'half' ? count >> 1 || 1 : 1;
    if (count === 1) {
      const name = rowName(rows[0]!);
      if (to === 'half') await outbox.remove([rows[0]!.k], 'too_large');
      else if (refused === name) await outbox.remove([rows[0]!.k], 'refused');
      refused = name;
      return;
    }
    const whole = rows.filter((row) => row.k[3] > most);
    for (const row of whole) {
      const [rank, at, salt, n, , stream] = row.k;
      const events = await eventsOf(row);
      const single = events.map((t, place): Row => ({
        ...row,
        k: [rank, at, salt + (place + 1) / n, 1, t.length, stream],
        t,
      }));
      await outbox.replace([row], single);
    }
  };

  /** One request. → whether to go on. */
  const step = async (all: readonly Row[], found: ReadonlyMap<string, StreamRecord>): Promise<boolean> => {
    const records = new Map(
      [...found].filter(([, record]) => {
        // also of a page that died before it knew: the visitor is the browser's
        if (!isIdentified(record)) record.visitor = parts.visitor();
        return isIdentified(record);
      }),
    );
    const rows = all.filter(
      (row) => row.v <= ROW_FORMAT && records.has(row.k[5]) && !parts.flying.has(rowName(row)),
    );
    const picked = rows.length ? together(rows, failures ? Math.min(most, 20) : most) : [];
    const record = picked.length
      ? records.get(picked[0]!.k[5])!
      : // nothing waits, but a stream that ended or lost something may still have to be told
        [...records.values()].find(({ count, news }) => count !== undefined || news);
    if (!record) return false;
    const ended = endedWith(record, records.values());
    const born = epoch;
    for (const row of picked) parts.busy.add(rowName(row));
    const verdict = await post(record.url, headOf(record, picked[0]?.i ?? '', clock.now(), ended), picked);
    for (const row of picked) parts.busy.delete(rowName(row));
    if (born !== epoch) return false;
    if (verdict.kind === 'settled') {
      failures = 0;
      tally.acked += countOf(picked);
      tally.lastAckAt = clock.now();
      most = Math.min(EVENTS, most * 2);
      if (picked.length) await outbox.remove(picked.map(({ k }) => k));
      const waiting = new Set((await outbox.keys()).map((key) => key[5]));
      const over = ended.filter(({ id }) => !waiting.has(id)).map(({ id }) => id);
      if (over.length) await outbox.forget(over);
      if (record.news) await outbox.told(record);
      parts.tried(true);
      return true;
    }
    if (verdict.kind === 'split' && picked.length) {
      await split(picked, verdict.to);
      return true;
    }
    failures++;
    tally.retries++;
    const now = clock.tick();
    if (verdict.kind === 'stop') askedUntil = Infinity;
    else if (verdict.kind === 'retry') {
      askedUntil = now + verdict.waitMs;
      restUntil = now + backoffMs(failures, verdict.waitMs, random.number());
    }
    halt();
    await keepLimits(outbox, clock.now());
    parts.tried(false);
    return false;
  };

  const run = async (): Promise<void> => {
    const born = epoch;
    while (born === epoch && clock.tick() >= free()) {
      if (!(await step(await outbox.read(ROWS_AT_ONCE), await outbox.records()))) break;
    }
    // learns what other tabs have sent of ours
    if (outbox.size().count) await outbox.keys();
  };

  const drain = async (): Promise<boolean> => {
    if (working) return working;
    if (stopped || clock.tick() < free()) {
      wake(0);
      return false;
    }
    const before = failures;
    working = (async () => {
      await parts.prepare();
      // a page that sleeps lets go of the lock at once, whatever it waits for: a held lock costs the cache its page
      const gone = new Promise<void>((resolve) => (letGo = resolve));
      const got = await parts
        .lock()(() => Promise.race([run(), gone]))
        .catch(() => true);
      if (!got) {
        const [oldest] = outbox.mine().sort((p, q) => p.k[1] - q.k[1]);
        if (oldest && oldest.k[1] < clock.now() - IMPATIENT_MS) await run();
        else if (oldest) wake(1000 + random.number() * 1000);
      }
      return failures <= before;
    })();
    const ok = await working;
    working = null;
    if (!ok) wake(0);
    return ok;
  };

  return {
    wake,
    drain,
    hurry() {
      if (!failures) return;
      restUntil = 0;
      wake(random.number() * 2000);
    },
    pause(ms) {
      askedUntil = clock.tick() + ms;
      halt();
    },
    stop() {
      stopped = true;
      epoch++;
      halt();
      abort();
      letGo();
    },
    start() {
      stopped = false;
      // a refused page may be welcome again, and an outage may be over
      restUntil = askedUntil = failures = 0;
    },
  };
};
