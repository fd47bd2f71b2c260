import { assign } from '@lintel/protocol/bucket';
import type { RunningExperiment as Experiment } from '@lintel/protocol/types';

/** What the visitor sees, and why. */
export interface Choice {
  variant: string;
  /** Absent when the variant was the site's own decision. */
  experiment?: Experiment | undefined;
  /** Nobody was enrolled: no exposure. */
  enrolled: boolean;
}

/**
 * The arm of a unit. Without a unit nobody is enrolled, because a sticky arm needs an id.
 * @param given variant that the site's server already chose with the same function
 */
export const choose = (
  experiment: Experiment | undefined,
  unit: string | null,
  given: string | undefined,
): Choice => {
  if (given !== undefined) return { variant: given, experiment, enrolled: true };
  const arm =
    experiment && unit !== null ? assign(experiment.salt, unit, experiment.traffic, experiment.arms) : null;
  return { variant: arm ?? 'control', experiment, enrolled: arm !== null };
};
