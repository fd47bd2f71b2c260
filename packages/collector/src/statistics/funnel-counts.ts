import { StatisticsError } from './errors.js';

export interface FunnelEvent {
  unit: string;
  atMs: number;
  step: string;
}

/** Longest prefix of `steps` found in time order; other events may lie between; the window starts at the entry. */
const ordered = (events: readonly FunnelEvent[], steps: readonly string[], windowMs: number): number => {
  // entries[level] = the latest entry time with which that level can still be reached
  const entries: (number | null)[] = steps.map(() => null);
  let reached = 0;
  for (const { step, atMs } of events) {
    for (let level = steps.length - 1; level >= 0; level--) {
      if (steps[level] !== step) continue;
      const entry = level === 0 ? atMs : entries[level - 1];
      if (entry === null || entry === undefined || atMs - entry > windowMs) continue;
      entries[level] = entry;
      reached = Math.max(reached, level + 1);
    }
  }
  return reached;
};

/** As `ordered`, but an event that is no repeat and not the next step ends the chain (ClickHouse's `strict_order`). */
const strict = (events: readonly FunnelEvent[], steps: readonly string[], windowMs: number): number => {
  let reached = 0;
  let level = 0;
  let entry = 0;
  for (const { step, atMs } of events) {
    const index = steps.indexOf(step);
    if (index === 0) {
      entry = atMs;
      level = 1;
    } else if (level > 0) {
      if (index === level && atMs - entry <= windowMs) level++;
      else if (index !== level - 1) level = 0;
    }
    reached = Math.max(reached, level);
    if (reached === steps.length) break;
  }
  return reached;
};

/**
 * How many units reach each step: the plain-TypeScript oracle of the view `conversion_funnel`.
 * @param steps first to last, distinct   @param windowMs from the entry to the last step
 * @returns one count per step, never rising
 * @throws {StatisticsError} `BAD_SHAPE` without steps or with a repeated one
 */
export const funnelCounts = (
  events: readonly FunnelEvent[],
  steps: readonly string[],
  { windowMs, mode }: { windowMs: number; mode: 'ordered' | 'strict' | 'unordered' },
): number[] => {
  if (steps.length === 0 || new Set(steps).size !== steps.length) {
    throw new StatisticsError('BAD_SHAPE', 'steps must be distinct and at least one');
  }
  const units = new Map<string, FunnelEvent[]>();
  for (const event of events) {
    const own = units.get(event.unit);
    if (own) own.push(event);
    else units.set(event.unit, [event]);
  }
  const reached = [...units.values()].map((own) => {
    const sorted = [...own].sort((p, q) => p.atMs - q.atMs);
    if (mode === 'unordered')
      return steps.filter((step) => sorted.some((event) => event.step === step)).length;
    return (mode === 'strict' ? strict : ordered)(sorted, steps, windowMs);
  });
  return steps.map((_, level) => reached.filter((length) => length > level).length);
};
