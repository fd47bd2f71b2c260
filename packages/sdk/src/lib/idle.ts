import type { Clock } from './clock.js';

/** Runs `work` when the main thread rests, `ms` from now at the latest. Safari has no idle callback: the next task then. */
export const whenIdle = (clock: Clock, work: () => void, ms = 500): void => {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: ms });
  else clock.after(0, work);
};
