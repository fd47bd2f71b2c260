import type { Load } from './load.js';
import { until } from './until.js';

/** Lets visitors be answered `events` more times, so that what comes next falls into the middle of the load. */
export const more = (load: Load, events: number): Promise<boolean> => {
  const goal = load.events() + events;
  return until('the load goes on', () => load.events() >= goal, 90_000);
};
