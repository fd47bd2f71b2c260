import { betaPriorOf, StatisticsError, type Arm, type BetaPrior, type Keyed } from '../statistics/index.js';

/**
 * What all groups say about one of them. Nothing when there are fewer than two, or when none of them (or all of them)
 * ever succeeded: the likeliest prior would then be the certainty that it will stay so.
 */
export const empiricalPrior = (
  groups: Keyed<Arm>,
  options: { maxStrength?: number } = {},
): BetaPrior | undefined => {
  const successes = groups.reduce((sum, group) => sum + group.successes, 0);
  const trials = groups.reduce((sum, group) => sum + group.trials, 0);
  if (successes === 0 || successes === trials) return undefined;
  try {
    return betaPriorOf(groups, options);
  } catch (error) {
    if (error instanceof StatisticsError && error.code === 'TOO_FEW') return undefined;
    throw error;
  }
};
