export {
  checkDefinition,
  enginePlanOf,
  smallestShare,
  type Definition,
  type Experiment,
  type Status,
} from './experiment.js';
export { LONGEST_DAYS, planExperiment, type Baseline, type Plan } from './plan.js';
export * from './read-out/index.js';
export { openExperiments, type Experiments } from './store.js';
