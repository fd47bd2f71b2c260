import { assign, BUCKETS } from '@lintel/protocol/bucket';
import type { Recorder } from './recorder.js';
import { DAY_MS } from './season.js';

/**
 * The experiment of the generated shop: a larger picture on the landing page, which makes a few more people go on to
 * the configurator. Assigned as the SDK assigns, so that an analysis finds what was planted and nothing else.
 */
export const LANDING_EXPERIMENT = {
  name: 'landing-picture',
  version: 1,
  salt: 'landing-picture-1-demo',
  traffic: BUCKETS,
  arms: [
    { name: 'control', weight: BUCKETS / 2 },
    { name: 'large', weight: BUCKETS / 2 },
  ],
  /** Days before the end of the generated time at which it began. */
  days: 42,
} as const;

/** Share that leaves the landing page instead of going on, by arm. */
export const LEAVES: Readonly<Record<string, number>> = { control: 0.17, large: 0.12 };

/**
 * Logs the exposure of a consented visitor while the experiment runs.
 * @returns the arm; `control` for everybody else
 */
export const expose = (
  recorder: Recorder,
  o: { visitor: string; known: boolean; at: number; to: number },
): string => {
  const { name, version, salt, traffic, arms, days } = LANDING_EXPERIMENT;
  if (!o.known || o.at < o.to - days * DAY_MS) return 'control';
  const arm = assign(salt, o.visitor, traffic, arms);
  if (arm === null) return 'control';
  recorder.emit('exposure', { experiment: name, variant: arm, version, unit: 'visitor' });
  return arm;
};
