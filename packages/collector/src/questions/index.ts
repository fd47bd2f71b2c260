import { attribution } from './attribution.js';
import { cohorts } from './cohorts.js';
import { conversionFunnel } from './conversion-funnel.js';
import { customerSegments } from './customer-segments.js';
import { dataQuality } from './data-quality.js';
import { experiments } from './experiments.js';
import { heatmap } from './heatmap.js';
import { lifetimeValue } from './lifetime-value.js';
import { marketTrends } from './market-trends.js';
import { overview } from './overview.js';
import { performance } from './performance.js';
import { popularConfigs } from './popular-configs.js';
import { priceOptimization } from './price-optimization.js';
import type { Question } from './question.js';
import { realTime } from './real-time.js';
import { revenueForecast } from './revenue-forecast.js';
import { userJourney } from './user-journey.js';

export { needsOf } from './needs.js';
export type { QualityTotals } from './quality-checks.js';
export { gateAnswer } from './quality-gate.js';
export { EstimateSchema, type Estimate } from './estimate.js';
export { scopeParameters } from './question.js';
export { segmentUnknown } from './filters.js';
export { isStep, Outcome } from './steps.js';
export type { Question, ReadView, Scope, Sources, ViewParameter, Warning } from './question.js';

/** Every question that is built, by name: the routes below `/api/admin/analytics/`. */
export const QUESTIONS: readonly Question[] = [
  overview,
  conversionFunnel,
  popularConfigs,
  realTime,
  performance,
  dataQuality,
  userJourney,
  marketTrends,
  cohorts,
  heatmap,
  attribution,
  experiments,
  revenueForecast,
  customerSegments,
  priceOptimization,
  lifetimeValue,
] as unknown as readonly Question[];
