import { checkNumbers, StatisticsError } from './errors.js';

export interface FunnelEvent {
  unit: string;
  atMs: number;
  step: string;
}

/**
 * Length of the chain, as ClickHouse's `windowFunnel` finds it: `entries[level]` is the latest entry with which that
 * level was reached; `strict` (`strict_order`) ends at the first event that is neither a repeat nor the next step.
 */
const chain = (
  events: readonly FunnelEvent[],
  steps: readonly string[],
  windowMs: number,
  strict: boolean,
): number => {
  const entries: (number | null)[] = steps.map(() => null);
  const reached = (): number => entries.findLastIndex((entry) => entry !== null) + 1;
  for (const { step, atMs } of events) {
    const index = steps.indexOf(step);
    const entered = entries[0] !== null;
    if (index < 0) {
      if (strict && entered) return reached();
    } else if (index === 0) {
      entries[0] = atMs;
    } else {
      const entry = entries[index - 1] ?? null;
      if (entry === null) {
        if (strict && entered) return reached();
      } else if (atMs <= entry + windowMs) {
        entries[index] = entry;
        if (index === steps.length - 1) return steps.length;
      }
    }
  }
  return reached();
};

/**
 * How many units reach each step: the plain-TypeScript oracle of the view `conversion_funnel`.
 * @param steps first to last, distinct   @param windowMs from the entry to the last step; `unordered` has none
 * @returns one count per step, never rising
 * @throws {StatisticsError} `BAD_SHAPE` without steps, with a repeated one or a time that is no number; `BAD_RANGE`
 */
export const funnelCounts = (
  events: readonly FunnelEvent[],
  steps: readonly string[],
  { windowMs, mode }: { windowMs: number; mode: 'ordered' | 'strict' | 'unordered' },
): number[] => {
  if (steps.length === 0 || new Set(steps).size !== steps.length) {
    throw new StatisticsError('BAD_SHAPE', 'steps must be distinct and at least one');
  }
  if (!(windowMs >= 0)) throw new StatisticsError('BAD_RANGE', `windowMs must be ≥ 0, got ${windowMs}`);
  checkNumbers(
    events.map((event) => event.atMs),
    'events.atMs',
  );
  const units = new Map<string, FunnelEvent[]>();
  for (const event of events) {
    const own = units.get(event.unit);
    if (own) own.push(event);
    else units.set(event.unit, [event]);
  }
  const reached = [...units.values()].map((own) => {
    if (mode === 'unordered') return steps.filter((step) => own.some((event) => event.step === step)).length;
    // at the same instant the earlier step counts as earlier, as in ClickHouse
    const sorted = [...own].sort((p, q) => p.atMs - q.atMs || steps.indexOf(p.step) - steps.indexOf(q.step));
    return chain(sorted, steps, windowMs, mode === 'strict');
  });
  return steps.map((_, level) => reached.filter((length) => length > level).length);
};
