import { parseDate } from '../lib/clock.js';
import { isSettled, type Answer } from './request.js';

/** What an answer means for the events that were sent. */
export type Verdict =
  | { kind: 'settled' }
  /** Too much at once: send half, or one by one. */
  | { kind: 'split'; to: 'half' | 'single' }
  /** Not welcome: nothing more until the next page. */
  | { kind: 'stop' }
  /** No answer of our collector, or "later". */
  | { kind: 'retry'; waitMs: number };

const HOUR_MS = 3_600_000;

/**
 * `Retry-After`: seconds or a date.
 * @returns milliseconds, 0…1 h; 0 for nonsense
 */
export const retryAfterMs = (header: string | null, nowMs: number): number => {
  const wait = header ? (+header >= 0 ? +header * 1000 : parseDate(header) - nowMs) : 0;
  return wait > 0 ? Math.min(wait, HOUR_MS) : 0;
};

/**
 * Judges an answer. A refusal is believed only as our own JSON with a `reason`: a captive portal's 200 or a proxy's
 * 403 is no answer, and what was sent is kept.
 * @param body parsed JSON, undefined when there was none   @param sent number of events in the request
 */
export const judge = (
  status: number,
  body: Answer | null | undefined,
  sent: number,
  waitMs: number,
): Verdict => {
  if (isSettled(status, body ?? null, sent)) return { kind: 'settled' };
  if (status !== 202 && typeof body?.reason === 'string') {
    if (status === 413) return { kind: 'split', to: 'half' };
    if (status === 400 || status === 415) return { kind: 'split', to: 'single' };
    if (status === 403) return { kind: 'stop' };
  }
  return { kind: 'retry', waitMs: status === 429 || status === 503 ? waitMs : 0 };
};
