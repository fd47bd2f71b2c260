export { associationLift } from './association-lift.js';
export { associationRules, type AssociationRule } from './association-rules.js';
export { betaInterval } from './beta-interval.js';
export { bgNbdExpected, fitBgNbd, type BgNbd } from './bg-nbd.js';
export type { Crediting, NumberedCredit } from './channel-credits.js';
export { changePoint } from './change-point.js';
export { conditionalLogit, type ChoiceSet } from './conditional-logit.js';
export { confidenceSequence } from './confidence-sequence.js';
export { conformalIntervals } from './conformal-intervals.js';
export { pooledIntervals } from './pooled-intervals.js';
export { cuped, cupedFromSums, type CupedSums } from './cuped.js';
export { customerLifetimeValue } from './customer-lifetime-value.js';
export { purchaseSummary, type Customer, type Unit } from './customers.js';
export { eProcess2x2 } from './e-process.js';
export { betaPriorOf, empiricalBayesRate } from './empirical-bayes-rate.js';
export { StatisticsError, type StatisticsErrorCode } from './errors.js';
export { forecastEnsemble } from './forecast-ensemble.js';
export { forecastScores } from './forecast-scores.js';
export { funnelCounts, type FunnelEvent } from './funnel-counts.js';
export { fitGammaGamma, gammaGammaExpected, type GammaGamma } from './gamma-gamma.js';
export { groupedLogit } from './grouped-logit.js';
export { groupSequentialBounds, type Spending } from './group-sequential-bounds.js';
export { holtWinters } from './holt-winters.js';
export { isotonic } from './isotonic.js';
export { kMeans } from './k-means.js';
export { kaplanMeier, type SurvivalStep } from './kaplan-meier.js';
export { linearRegression } from './linear-regression.js';
export { minimumSample } from './minimum-sample.js';
export { mstlEts } from './mstl-ets.js';
export { benjaminiHochberg, holm } from './multiple-tests.js';
export { negativeBinomialBand } from './negative-binomial-band.js';
export { fitParetoNbd, type ParetoNbd } from './pareto-nbd.js';
export { orderChances, riskOf, type Risk } from './order-chances.js';
export { OLDEST_WEEKS, type HazardRow } from './order-hazard.js';
export { probit } from './numbers.js';
export {
  markovAttribution,
  markovCredits,
  outcomesOf,
  shapleyAttribution,
  shapleyCredits,
  type ChannelPath,
  type MarkovCredit,
  type PathOutcomes,
} from './path-attribution.js';
export { pipelineForecast, type PipelineLead } from './pipeline-forecast.js';
export { expectedLoss, probabilityToBeat } from './probability-to-beat.js';
export { randomFrom, type Random } from './random.js';
export { ratioInterval } from './ratio-interval.js';
export { retention } from './retention.js';
export { rfm } from './rfm.js';
export { ridgeLogistic } from './ridge-logistic.js';
export { ruleAttribution, ruleCredits, type AttributionRule, type Journey } from './rule-attribution.js';
export { sampleRatioMismatch } from './sample-ratio-mismatch.js';
export { shrunkElasticities } from './shrunk-elasticities.js';
export { stlTrend } from './stl-trend.js';
export { theta } from './theta.js';
export { mannKendall, theilSen } from './trends.js';
export { tukeyOutliers } from './tukey-outliers.js';
export { twoProportionTest } from './two-proportion-test.js';
export type { Arm, BetaPrior, Credit, Forecast, Interval, Keyed, Moments } from './types.js';
export { vanWestendorp } from './van-westendorp.js';
export { welchTest } from './welch-test.js';
export { wilsonInterval } from './wilson-interval.js';
