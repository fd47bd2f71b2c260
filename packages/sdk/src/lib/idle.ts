import type { Clock } from './clock.js';

const LATEST_MS = 500;

/** Runs `work` when the main thread rests, soon at the latest. Safari has no idle callback: the next task then. */
export const whenIdle = (clock: Clock, work: () => void): void => {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: LATEST_MS });
  else clock.after(0, work);
};
