const FIRST_MS = 250;
const LONGEST_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;
/** Waiting takes at most a tenth of the time that an engine runs which ends again and again. */
const EARNED = 10;

/** Pause before the `attempt`-th restart in a row (0-based): 0.25, 0.5, 1, 2 … 30 s. */
export const backoffMs = (attempt: number): number =>
  Math.min(FIRST_MS * 2 ** Math.min(attempt, 20), LONGEST_MS);

/**
 * An engine that answered for a whole minute, or ten times as long as it was waited for, has earned a quick restart
 * again: one that is killed now and then does not end up being waited for 30 s, one that comes up only to die does.
 * @param attempt of the next restart, if nothing was earned   @param healthyMs from its first answer to its end
 */
export const nextAttempt = (attempt: number, healthyMs: number): number =>
  attempt === 0 || healthyMs >= Math.min(HEALTHY_AFTER_MS, EARNED * backoffMs(attempt - 1)) ? 0 : attempt;
