import type { Interval } from '../../statistics/index.js';
import type { Reading } from './sums.js';

/** Chance of a false alarm over the whole experiment, all looks and all challengers together. */
export const ALPHA = 0.05;

export const ENGINES = ['group-sequential', 'confidence-sequence', 'bayesian', 'e-process'] as const;
export type EngineName = (typeof ENGINES)[number];

export type Direction = 'better' | 'worse';

/** Evidence for one challenger at one look. */
export interface Evidence {
  /** In the engine's own statistic: z, ln E, or expected loss. */
  statistic: number;
  /** What it is measured against at this look. */
  bound: number;
  /** Relative change against the control, as wide as this look has to be. */
  effect: Interval | null;
  decided: Direction | null;
}

export interface Look {
  day: number;
  /** One entry per challenger, in the order of the plan. */
  challengers: readonly Evidence[];
}

/** What a plan tells its engine. */
export interface EnginePlan {
  /** Visitors of all arms together at the planned end; null when nobody knew the metric. */
  plannedN: number | null;
  /** Mature visitors that every arm must have; null likewise. */
  perArm: number | null;
  /** Days after the start of the planned looks, the last at the end. */
  lookDays: readonly number[];
  /** First and last day on which somebody may be mature. */
  firstDay: number;
  lastDay: number;
  /** Relative loss that is not worth waiting for. */
  maxLoss: number;
}

/**
 * A rule for reading an experiment out. It sees cumulative sums at the days it asked for and nothing between them.
 * `daysOf` says on which days it looks, `read` what it saw there; `over` is true when it will never say more.
 */
export interface Engine {
  name: EngineName;
  /** Name of `statistic` for the reader. */
  statistic: string;
  method: string;
  daysOf(plan: EnginePlan): number[];
  read(readings: readonly Reading[], plan: EnginePlan): { looks: Look[]; over: boolean };
}

export const everyDay = ({ firstDay, lastDay }: EnginePlan): number[] =>
  Array.from({ length: Math.max(0, lastDay - firstDay + 1) }, (_, i) => firstDay + i);

/**
 * Holm's step-down over challengers: the strongest is held against α/m, and each that falls raises the share of the rest.
 * @param fallen those of earlier looks, and how: what was decided stays, whatever later days look like
 * @param reject how challenger `index` falls at a level, or null
 * @returns the level that the others are held against, and all that have fallen
 * Source: Holm (1979); with bounds per level Maurer & Bretz (2013), doi:10.1080/19466315.2013.807748
 */
export const stepDown = (
  count: number,
  fallen: ReadonlyMap<number, Direction>,
  reject: (index: number, level: number) => Direction | null,
): { level: number; fallen: ReadonlyMap<number, Direction> } => {
  const all = new Map(fallen);
  for (;;) {
    const level = ALPHA / Math.max(1, count - all.size);
    const next = Array.from({ length: count }, (_, index) => index).flatMap((index) => {
      const direction = all.has(index) ? null : reject(index, level);
      return direction === null ? [] : [{ index, direction }];
    });
    if (next.length === 0) return { level, fallen: all };
    for (const { index, direction } of next) all.set(index, direction);
  }
};

/** Null where there is none. */
export const directionOf = (difference: number): Direction | null =>
  difference > 0 ? 'better' : difference < 0 ? 'worse' : null;
