const FIRST_MS = 250;
const LONGEST_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;

/** Pause before the `attempt`-th restart in a row (0-based): 0.25, 0.5, 1, 2 … 30 s. */
export const backoffMs = (attempt: number): number =>
  Math.min(FIRST_MS * 2 ** Math.min(attempt, 20), LONGEST_MS);

/** An engine that answered for a whole minute has earned a quick restart again. */
export const nextAttempt = (attempt: number, healthyMs: number): number =>
  healthyMs >= HEALTHY_AFTER_MS ? 0 : attempt;
