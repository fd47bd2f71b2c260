import type { Clock } from './clock.js';

/**
 * Lets `perSecond` through, in bursts of `burst`.
 * @returns whether one more may pass
 */
export const tokens = (clock: Clock, perSecond: number, burst: number): (() => boolean) => {
  let left = burst;
  let at = clock.tick();
  return () => {
    const now = clock.tick();
    left = Math.min(burst, left + ((now - at) / 1000) * perSecond);
    at = now;
    return left >= 1 && left-- > 0;
  };
};
