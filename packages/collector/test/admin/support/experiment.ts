import { draft, start, type Experiment } from '../../../src/experiments/experiment.js';

/** A running experiment of two equal arms, `a` the control. @param started epoch ms */
export const anExperiment = (name: string, started: number): Experiment =>
  start(
    draft({
      definition: {
        name,
        hypothesis: 'a larger picture sells',
        arms: [
          { name: 'a', weight: 5000 },
          { name: 'b', weight: 5000 },
        ],
        traffic: 10_000,
        metric: 'option_select',
        guardrails: [],
        effect: 0.1,
        horizonDays: 7,
        looks: 5,
        engine: 'group-sequential',
        maxLoss: 0.01,
      },
      site: 1,
      version: 1,
      plan: {
        perArm: 1000,
        days: 20,
        baseRate: 0.4,
        visitorsPerDay: 100,
        verdict: 'ok',
        advice: '',
        proxy: null,
      },
      now: started,
    }),
    started,
    true,
  );
