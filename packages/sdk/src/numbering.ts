import { LIMITS } from '@lintel/protocol/limits';
import type { EventType } from '@lintel/protocol/types';
import { rankOf, type Numbered } from './delivery/index.js';
import { fit } from './fit.js';
import type { Clock } from './lib/clock.js';
import { tokens } from './lib/tokens.js';
import type { Draft, Dropped, Options, Reason } from './types.js';

export interface NumberingParts {
  clock: Clock;
  options: Pick<Options, 'before' | 'debug'>;
  /** Share of a type's events that this stream sends; 0 for none. */
  rate(type: EventType): number;
  path(): string;
  append(event: Numbered): void;
  /** Whether nothing more fits. */
  full(): boolean;
}

export interface Numbering {
  /** → seq, or -1 with the reason counted. `free` events were numbered by the stub and pass every gate. */
  emit(type: EventType, fields: object, options?: { at?: number; free?: boolean }): number;
  /** The same for a call of the site: another cap; `fields` may throw for what cannot be sent. */
  call(type: EventType, fields: () => object): number;
  count(reason: Reason, n?: number): void;
  /** A new stream: numbers start at 0, `totals` are the losses it tells. */
  restart(totals: Dropped): void;
  /** No stream is open. */
  close(): void;
  /** Events of this stream so far. */
  next(): number;
  /** Main-thread time of all calls. */
  ownMs(): number;
}

/**
 * Gives numbers. Everything that may refuse an event does so before it has one: a stream has no gap without a reason,
 * and the collector never has to refuse what was numbered.
 */
export const createNumbering = ({ clock, options, rate, path, append, full }: NumberingParts): Numbering => {
  const automatic = tokens(clock, 30, 60);
  const called = tokens(clock, 100, 100);
  let seq = 0;
  let totals: Dropped | null = null;
  let before = 0;
  let ownMs = 0;

  const count = (reason: Reason, n = 1): void => {
    if (totals) totals[reason] = (totals[reason] ?? 0) + n;
    else before += n;
  };
  /** Writes the event, or says why not. */
  const write = (
    type: EventType,
    fields: () => object,
    pass: () => boolean,
    at: number,
    free?: boolean,
  ): Reason | undefined => {
    if (!totals) return 'consent_off';
    const rank = rankOf(type);
    const share = rank ? rate(type) : 1;
    if (!share) return 'sampled';
    if (!free && (!pass() || full() || seq > LIMITS.seqMax)) return 'capped';
    let draft: Draft | null = { at, type, path: path(), ...fields(), ...(share < 1 && { rate: share }) };
    if (options.before && !free) draft = options.before(draft);
    if (!draft) return 'before';
    append({
      at,
      rank,
      json: fit({ seq, ...draft }),
      // a page view at load waits for the idle moment in which the log opens
      urgent: (!rank && type !== 'page_view') || type === 'error',
      now: type === 'inquiry',
    });
    return undefined;
  };
  const number = (
    type: EventType,
    fields: () => object,
    pass: () => boolean,
    at = clock.now(),
    free?: boolean,
  ): number => {
    const startedMs = clock.tick();
    let reason: Reason | undefined = 'invalid';
    try {
      reason = write(type, fields, pass, at, free);
    } catch (error) {
      if (options.debug) console.warn('[lintel] not sent:', type, error);
    }
    ownMs += clock.tick() - startedMs;
    if (!reason) return seq++;
    count(reason);
    return -1;
  };

  return {
    emit: (type, fields, { at, free } = {}) => number(type, () => fields, automatic, at, free),
    call: (type, fields) => number(type, fields, called),
    count,
    restart(next) {
      if (before) next.consent_off = before;
      before = seq = 0;
      totals = next;
    },
    close: () => void (totals = null),
    next: () => seq,
    ownMs: () => ownMs,
  };
};
