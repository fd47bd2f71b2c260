import { LIMITS } from '@lintel/protocol/limits';
import type { EventType } from '@lintel/protocol/types';
import type { Delivery } from './delivery/index.js';
import { fit } from './fit.js';
import { tokens } from './lib/tokens.js';
import type { State } from './state.js';
import type { Draft, Dropped, Reason } from './types.js';
import { IS_TAG } from './version.js';

export interface NumberingParts {
  /** Share of a type's events that this stream sends; 0 for none. */
  rate(type: EventType): number;
  path(): string;
  append: Delivery['append'];
  /** Whether nothing more fits. */
  full(): boolean;
}

export interface Numbering {
  /** → seq, or -1 with the reason counted. `free` events were numbered by the stub and pass every gate. */
  emit(type: EventType, fields: object, options?: { at?: number; free?: boolean }): number;
  /** The same for a call of the site: another cap. */
  call(type: EventType, fields: object): number;
  count(reason: Reason, n?: number): void;
  /** A new stream: numbers start at 0, `totals` are the losses it tells. */
  restart(totals: Dropped): void;
  /** No stream is open. */
  close(): void;
}

/**
 * Gives numbers. Everything that may refuse an event does so before it has one: a stream has no gap without a reason,
 * and the collector never has to refuse what was numbered.
 */
export const createNumbering = (
  { seams: { clock }, options, tally }: State,
  { rate, path, append, full }: NumberingParts,
): Numbering => {
  const automatic = tokens(clock, 30, 60);
  const called = tokens(clock, 100, 100);
  let totals: Dropped | null = null;
  let before = 0;

  const count = (reason: Reason, n = 1): void => {
    if (totals) totals[reason] = (totals[reason] ?? 0) + n;
    else before += n;
  };
  /** Writes the event; → why not. */
  const write = (draft: Draft, pass: () => boolean, free?: boolean): Reason | undefined => {
    const seq = tally.generated;
    if (!totals) return 'consent_off';
    const share = rate(draft.type);
    if (share < 1) draft['rate'] = share;
    if (!share) return 'sampled';
    if (!free && (!pass() || full() || seq > LIMITS.seqMax)) return 'capped';
    const kept = !IS_TAG && options.before && !free ? options.before(draft) : draft;
    if (!kept) return 'before';
    append(draft.type, draft.at, fit({ seq, ...kept }));
    return undefined;
  };
  const number = (
    type: EventType,
    fields: object,
    pass: () => boolean,
    at = clock.now(),
    free?: boolean,
  ): number => {
    const startedMs = clock.tick();
    let reason: Reason | undefined = 'invalid';
    try {
      reason = write({ at, type, path: path(), ...fields }, pass, free);
    } catch (error) {
      if (options.debug) console.warn('[lintel] not sent:', type, error);
    }
    tally.ownMs += clock.tick() - startedMs;
    if (!reason) return tally.generated++;
    count(reason);
    return -1;
  };

  return {
    emit: (type, fields, { at, free } = {}) => number(type, fields, automatic, at, free),
    call: (type, fields) => number(type, fields, called),
    count,
    restart(next) {
      if (before) next.consent_off = before;
      before = tally.generated = 0;
      totals = next;
    },
    close: () => void (totals = null),
  };
};
