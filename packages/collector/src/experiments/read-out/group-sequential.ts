import { groupSequentialBounds, type Spending } from '../../statistics/index.js';
import { directionOf, stepDown, type Direction, type Engine, type EnginePlan, type Look } from './engine.js';
import { adjustedArms, relativeChange, zOf, type Reading } from './sums.js';

/** Enough for six digits; 6,001 would take half a second a read-out. */
const POINTS = 201;

/**
 * Share of the planned information at each look, from the visitors that really came. The last look takes what is left,
 * whatever it is; a look that brought nobody is none.
 * @returns index of the reading and its fraction, rising
 */
export const fractionsOf = (
  readings: readonly Reading[],
  { plannedN, lookDays }: EnginePlan,
): { index: number; fraction: number }[] => {
  const last = lookDays.at(-1);
  const found: { index: number; fraction: number }[] = [];
  readings.forEach(({ day, arms }, index) => {
    const n = arms.reduce((sum, arm) => sum + arm.n, 0);
    // without a plan the share of the looks stands for the share of the visitors
    const share = plannedN === null ? (lookDays.indexOf(day) + 1) / lookDays.length : n / plannedN;
    const fraction = day === last ? 1 : Math.min(1, share);
    if (fraction > (found.at(-1)?.fraction ?? 0) + 1e-9) found.push({ index, fraction });
  });
  return found;
};

/** Bounds of |z| at the looks so far. */
export const boundsAt = (fractions: readonly number[], alpha: number, spending: Spending): number[] =>
  fractions.length === 0 ? [] : groupSequentialBounds({ fractions, alpha, spending, points: POINTS }).z;

/** The default: a few planned looks, almost nothing spent on the early ones. */
export const groupSequential: Engine = {
  name: 'group-sequential',
  statistic: 'z',
  method: 'group-sequential, O’Brien–Fleming',
  daysOf: ({ lookDays }) => [...lookDays],
  read: (readings, plan) => {
    const used = fractionsOf(readings, plan);
    const fractions = used.map(({ fraction }) => fraction);
    const byLevel = new Map<number, number[]>();
    const boundsOf = (level: number): number[] => {
      const bounds = byLevel.get(level) ?? boundsAt(fractions, level, 'obrien-fleming');
      byLevel.set(level, bounds);
      return bounds;
    };
    let fallen: ReadonlyMap<number, Direction> = new Map();
    const looks = used.map(({ index }, look): Look => {
      const { day, arms } = readings[index]!;
      const adjusted = adjustedArms(arms);
      const count = arms.length - 1;
      const z = arms.slice(1).map((_, i) => (adjusted ? zOf(adjusted.arms[0]!, adjusted.arms[i + 1]!) : 0));
      const step = stepDown(count, fallen, (i, level) =>
        Math.abs(z[i]!) >= boundsOf(level)[look]! ? directionOf(z[i]!) : null,
      );
      fallen = step.fallen;
      const bound = boundsOf(step.level)[look]!;
      return {
        day,
        challengers: z.map((value, i) => ({
          statistic: value,
          bound,
          effect: adjusted ? relativeChange(adjusted.arms[0]!, adjusted.arms[i + 1]!, bound) : null,
          decided: fallen.get(i) ?? null,
        })),
      };
    });
    return { looks, over: used.at(-1)?.fraction === 1 };
  },
};
