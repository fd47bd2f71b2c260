import type { Seams } from '../lib/seams.js';
import { judge, retryAfterMs, type Verdict } from './answer.js';
import { backoffMs } from './backoff.js';
import { endedWith } from './ended.js';
import { ROW_FORMAT } from './format.js';
import { headOf } from './head.js';
import { keepLimits } from './limits.js';
import { lockOf } from './lock.js';
import type { Outbox } from './outbox.js';
import { packBody } from './pack.js';
import { answerOf, requestInit } from './request.js';
import { rowName, type Row } from './row.js';
import { countOf, together } from './rows.js';
import { change, keysOf, mine, readRows, recordsOf } from './shared.js';
import { split } from './split.js';
import type { Tally } from './tally.js';

const ROWS_AT_ONCE = 200;
const EVENTS = 500;
/** Most events of a request that only looks whether the collector is back. */
const PROBE_EVENTS = 20;
const TIMEOUT_MS = 15_000;
/** Rows that wait longer go without the lock. */
const IMPATIENT_MS = 30_000;

export interface Sender {
  /** Sends soon: `ms` from now at the latest, unless the collector asked for rest. */
  wake(ms: number): void;
  /** Hurries a retry within two random seconds. */
  hurry(): void;
  /** Drains; resolves when everything is sent or an attempt failed. */
  drain(): Promise<boolean>;
  /** Whether a drain is on its way. */
  busy(): boolean;
  /** The collector wants quiet for so long. */
  pause(ms: number): void;
  /** Ends the request in flight and every timer; held locks would cost the back/forward cache. */
  stop(): void;
  start(): void;
}

/**
 * @param key of the site   @param flying names of rows that a keepalive request carries right now
 * @param prepare awaited before each drain: ids are known, what this page wrote is in the outbox
 * @param visitor of this browser; null while unknown   @param tried told after each attempt
 */
export const createSender = (
  { clock, random, transport, locks }: Seams,
  outbox: Outbox,
  key: string,
  tally: Tally,
  flying: ReadonlySet<string>,
  prepare: () => Promise<unknown>,
  visitor: () => string | null,
  tried: (ok: boolean) => void,
): Sender => {
  const lock = lockOf(outbox, locks, `lintel:${key}`, random.uuid(), clock);
  let cancel = (): void => {};
  let abort = cancel;
  let letGo = cancel;
  let dueAt = Infinity;
  /** Backoff, which good news may shorten; and what the collector asked for, which nothing shortens. */
  let restUntil = 0;
  let askedUntil = 0;
  let failures = 0;
  let most = EVENTS;
  let refused = '';
  let working: Promise<boolean> | null = null;
  let stopped = false;
  /** Grows with each stop: what was in flight then has no say any more. */
  let epoch = 0;

  const free = (): number => Math.max(restUntil, askedUntil);
  const halt = (): void => {
    cancel();
    dueAt = Infinity;
  };
  const wake = (ms: number): void => {
    const at = Math.max(clock.tick() + ms, free());
    if (stopped || at >= dueAt) return;
    cancel();
    dueAt = at;
    cancel = clock.after(at - clock.tick(), () => {
      dueAt = Infinity;
      void drain();
    });
  };

  const post = async (url: string, head: string, rows: readonly Row[]): Promise<Verdict> => {
    const body = await packBody(head, rows);
    const startedMs = clock.tick();
    const controller = new AbortController();
    abort = () => controller.abort();
    const late = clock.after(TIMEOUT_MS, abort);
    tally.sentBytes += body.bytes;
    tally.lastStatus = 0;
    try {
      const response = await transport.fetch(
        url + body.query,
        requestInit(body, { signal: controller.signal }),
      );
      tally.lastStatus = response.status;
      const verdict = judge(
        response.status,
        await answerOf(response),
        countOf(rows),
        retryAfterMs(response.headers.get('Retry-After'), clock.now()),
      );
      tally.roundTripMs = clock.tick() - startedMs;
      return verdict;
    } catch {
      return { kind: 'retry', waitMs: 0 };
    } finally {
      late();
    }
  };

  /** One request. → whether to go on. */
  const step = async (): Promise<boolean> => {
    const all = await readRows(outbox, ROWS_AT_ONCE);
    const records = new Map(
      [...(await recordsOf(outbox))].filter(
        // with consent nothing goes before the visitor is known: it would count as somebody else's; also of a page
        // that died before it knew: the visitor is the browser's
        ([, record]) => record.level === 'none' || (record.visitor ??= visitor()),
      ),
    );
    const rows = all.filter(
      (row) => row.v <= ROW_FORMAT && records.has(row.k[5]) && !flying.has(rowName(row)),
    );
    const picked = together(rows, failures ? Math.min(most, PROBE_EVENTS) : most);
    const everyone = [...records.values()];
    const record = picked[0]
      ? records.get(picked[0].k[5])
      : // nothing waits, but a stream that ended or lost something may still have to be told
        everyone.find(({ count, news }) => count !== undefined || news);
    if (!record) return false;
    const ended = endedWith(record, everyone);
    const born = epoch;
    const verdict = await post(record.url, headOf(record, picked[0]?.i, clock.now(), ended), picked);
    if (born !== epoch) return false;
    if (verdict.kind === 'settled') {
      failures = 0;
      tally.acked += countOf(picked);
      tally.lastAckAt = clock.now();
      most = Math.min(EVENTS, most * 2);
      if (picked[0])
        await change(
          outbox,
          picked.map(({ k }) => k),
        );
      if (ended[0]) {
        const waiting = new Set((await keysOf(outbox)).map((key) => key[5]));
        const over = ended.map(({ id }) => id).filter((id) => !waiting.has(id));
        if (over[0]) await change(outbox, [], [], over, () => null);
      }
      if (record.news)
        await change(outbox, [], [], [record.id], (now) => ({
          ...now,
          // of what was lost while the request was on its way, nobody told yet
          news: JSON.stringify(now.lost) !== JSON.stringify(record.lost),
        }));
      tried(true);
      // what was read is all there was, mostly: each look into the log costs the page
      return (
        outbox.rows.size > 0 ||
        all.length > picked.length ||
        all.length === ROWS_AT_ONCE ||
        everyone.some(({ count, news }) => count !== undefined || news)
      );
    }
    if (verdict.kind === 'split' && picked[0]) {
      [most, refused] = await split(outbox, picked, verdict.to, refused);
      return true;
    }
    failures++;
    tally.retries++;
    const waitMs = verdict.kind === 'retry' ? verdict.waitMs : 0;
    askedUntil = verdict.kind === 'stop' ? Infinity : clock.tick() + waitMs;
    restUntil = clock.tick() + backoffMs(failures, waitMs, random.number());
    halt();
    await keepLimits(outbox, clock.now());
    tried(false);
    return false;
  };

  const run = async (): Promise<void> => {
    const born = epoch;
    while (born === epoch && clock.tick() >= free() && (await step()));
    // learns what other tabs have sent of ours
    if (outbox.rows.size) await keysOf(outbox);
  };

  const attempt = async (): Promise<boolean> => {
    const before = failures;
    await prepare();
    // a page that sleeps lets go of the lock at once, whatever it waits for: a held lock costs the cache its page
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const got = await lock(() => Promise.race([run(), gone])).catch(() => true);
    if (!got) {
      const oldest = Math.min(...mine(outbox).map(({ k }) => k[1]));
      if (oldest < clock.now() - IMPATIENT_MS) await run();
      else if (oldest < Infinity) wake(1000 + random.number() * 1000);
    }
    return failures <= before;
  };
  const drain = async (): Promise<boolean> => {
    if (working) return working;
    if (stopped || clock.tick() < free()) {
      wake(0);
      return false;
    }
    const ok = await (working = attempt());
    working = null;
    if (!ok) wake(0);
    return ok;
  };

  return {
    wake,
    drain,
    busy: () => !!working,
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
