const CAP_MS = 60_000;
const BASE_MS = 1000;

/**
 * Full jitter: random(0, min(60 s, 1 s · 2ⁿ)), never below what the collector asked for.
 * @param failures in a row, from 1   @param chance 0…1
 */
export const backoffMs = (failures: number, askedMs: number, chance: number): number =>
  Math.max(askedMs, chance * Math.min(CAP_MS, BASE_MS * 2 ** failures));
