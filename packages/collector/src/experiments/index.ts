export type { Definition, Experiment, Status } from './experiment.js';
export { LONGEST_DAYS, planExperiment, type Baseline, type Plan } from './plan.js';
export { openExperiments, type Experiments } from './store.js';
