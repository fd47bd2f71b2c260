import type { EnginePlan } from './engine.js';
import { boundsAt, fractionsOf } from './group-sequential.js';
import { adjustedArms, zOf, type Reading } from './sums.js';

/** Chance to blame a challenger that harms nothing, over all looks of one guardrail. */
const ALPHA_ONE_SIDED = 0.05;
/** Events of which more is worse. */
const HARMS = ['error', 'rage_click', 'dead_click', 'long_frame'];

export interface Guardrail {
  metric: string;
  /** Per challenger: z towards harm at the last look, its bound, and whether it ever crossed. */
  challengers: { z: number; bound: number; worse: boolean }[];
}

/** Has a challenger made this worse? One-sided, at the planned looks; spent evenly, because harm is wanted early. */
export const guardrailOf = (metric: string, readings: readonly Reading[], plan: EnginePlan): Guardrail => {
  const harm = HARMS.includes(metric.split(':')[0]!) ? 1 : -1;
  const used = fractionsOf(readings, plan);
  const count = (readings[0]?.arms.length ?? 1) - 1;
  // one side of a two-sided bound at twice the level
  const bounds = boundsAt(
    used.map(({ fraction }) => fraction),
    2 * ALPHA_ONE_SIDED,
    'pocock',
  );
  const challengers = Array.from({ length: count }, (_, i) => {
    const z = used.map(({ index }) => {
      const adjusted = adjustedArms(readings[index]!.arms)?.arms;
      return adjusted ? harm * zOf(adjusted[0]!, adjusted[i + 1]!) : 0;
    });
    return {
      z: z.at(-1) ?? 0,
      bound: bounds.at(-1) ?? Infinity,
      worse: z.some((value, look) => value >= bounds[look]!),
    };
  });
  return { metric, challengers };
};
