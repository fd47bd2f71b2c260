import { Type, type Static } from '@sinclair/typebox';
import { EVENT_TYPES } from './events.js';
import * as f from './fields.js';
import { CONSENT_LEVELS } from './batch.js';
import { BUCKETS } from './bucket.js';

/** A running experiment as a browser needs it: enough for `assign`, nothing about its goals. */
export const RunningExperimentSchema = Type.Object({
  name: f.text('name given to experiment()', 64),
  version: f.uint32('a changed experiment is a new version with a new salt'),
  salt: f.text('of this version', 64),
  traffic: f.integer('share of units that take part, basis points', BUCKETS),
  arms: Type.Array(
    Type.Object({
      name: f.text('arm; the first is the control', 64),
      weight: f.integer('basis points', BUCKETS),
    }),
    { minItems: 2, maxItems: 10, description: 'weights sum to 10,000' },
  ),
});
export type RunningExperiment = Static<typeof RunningExperimentSchema>;

/** Answer of `GET /v1/settings?key=`: what a site's pages follow. The same for everybody, so it identifies nobody. */
export const SettingsSchema = Type.Object({
  experiments: Type.Array(RunningExperimentSchema, { maxItems: 50 }),
  sampling: Type.Record(Type.String(), f.float('share that is sent', 0, 1), {
    description: `by event type (${EVENT_TYPES.length} known); absent = all; drawn once a stream`,
  }),
  off: Type.Array(f.text('capture module', 32), { maxItems: 32, description: 'modules that stay silent' }),
  pause: f.uint32('seconds in which nothing is sent; 0 = send'),
  level: f.nullable(f.oneOf(['off', ...CONSENT_LEVELS], 'highest level; may lower, never raise')),
});
export type Settings = Static<typeof SettingsSchema>;

/** What holds while nobody said anything else. */
export const DEFAULT_SETTINGS: Settings = { experiments: [], sampling: {}, off: [], pause: 0, level: null };
