export { betaInterval } from './beta-interval.js';
export { empiricalBayesRate } from './empirical-bayes-rate.js';
export { StatisticsError, type StatisticsErrorCode } from './errors.js';
export { funnelCounts, type FunnelEvent } from './funnel-counts.js';
export { kaplanMeier, type SurvivalStep } from './kaplan-meier.js';
export { negativeBinomialBand } from './negative-binomial-band.js';
export { expectedLoss, probabilityToBeat } from './probability-to-beat.js';
export type { Arm, BetaPrior, Interval, Keyed } from './types.js';
export { wilsonInterval } from './wilson-interval.js';
