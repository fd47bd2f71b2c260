import { LIMITS } from '@lintel/protocol/limits';
import type { EventType } from '@lintel/protocol/types';
import type { Emit } from './capture/context.js';
import { fit } from './fit.js';
import { tokens } from './lib/tokens.js';
import type { State } from './state.js';
import type { Draft, Reason } from './types.js';
import { IS_TAG } from './version.js';

/** The gate of what has a number already. */
export const free = (): boolean => true;

/** Counts what is given up before it has a number. */
export const countLoss = ({ totals }: State, reason: Reason, n = 1): void => {
  totals[reason] = (totals[reason] ?? 0) + n;
};

/**
 * Gives numbers. Everything that may refuse an event does so before it has one: a stream has no gap without a reason,
 * and the collector never has to refuse what was numbered.
 * @param append takes an event that has a number   @param isFull whether nothing more fits
 */
export const createNumbering = (
  state: State,
  path: (raw: string) => string,
  append: (type: EventType, at: number, json: string) => void,
  isFull: () => boolean,
): Emit => {
  const { seams, options, tally } = state;
  const { clock } = seams;
  const called = tokens(clock, 100, 100);

  return (type, fields, at = clock.now(), pass = called) => {
    const startedMs = clock.tick();
    let reason: Reason | undefined = 'invalid';
    try {
      const rate = state.late.rate?.(type) ?? 1;
      const draft: Draft = { at, type, path: state.view.path || path(location.pathname), ...fields };
      // of a request that was sampled already, both shares count
      if (rate < 1) draft['rate'] = rate * ((draft['rate'] as number | undefined) ?? 1);
      if (!state.live) reason = 'consent_off';
      else if (!rate) reason = 'sampled';
      else if (!pass() || isFull() || tally.generated > LIMITS.seqMax) reason = 'capped';
      else {
        const kept = IS_TAG || !options.before ? draft : options.before(draft);
        if (kept) append(type, at, fit({ seq: tally.generated, ...kept }));
        reason = kept ? undefined : 'before';
      }
    } catch (error) {
      if (options.debug) console.warn('[lintel] not sent:', type, error);
    }
    tally.ownMs += clock.tick() - startedMs;
    if (reason) {
      countLoss(state, reason);
      return -1;
    }
    return tally.generated++;
  };
};
