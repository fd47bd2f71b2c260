import { DEFAULT_SETTINGS, type RunningExperiment, type Settings } from '@lintel/protocol';
import type { Clock } from './clock.js';
import { openJsonFile } from './json-file.js';
import type { Experiment } from './experiments/index.js';

/** What browsers get to know of an experiment. */
const forBrowsers = ({ name, version, salt, traffic, arms }: Experiment): RunningExperiment => ({
  name,
  version,
  salt,
  traffic,
  arms: arms.map((arm) => ({ name: arm.name, weight: arm.weight })),
});

/**
 * What `GET /v1/settings` answers for a site, read from the file that `openExperiments` writes. Outside that room, because
 * the bundler puts all of a room into an ingest process that touches its door: plans, read-outs and statistics, 30 MB.
 */
export const openExperimentSettings = (file: string, clock: Clock): ((site: number) => Settings) => {
  const kept = openJsonFile<Experiment[]>(file, [], clock);
  // one object as long as nothing changes: answers are cached by it
  const told = new Map<number, { of: readonly Experiment[]; settings: Settings }>();
  return (site) => {
    const all = kept.read();
    const known = told.get(site);
    if (known?.of === all) return known.settings;
    const running = all.filter((one) => one.site === site && one.status === 'running');
    const settings = { ...DEFAULT_SETTINGS, experiments: running.map(forBrowsers) };
    told.set(site, { of: all, settings });
    return settings;
  };
};
