import { conversionFunnel } from './conversion-funnel.js';
import { dataQuality } from './data-quality.js';
import { overview } from './overview.js';
import { performance } from './performance.js';
import { popularConfigs } from './popular-configs.js';
import type { Question } from './question.js';
import { realTime } from './real-time.js';

export { EstimateSchema, type Estimate } from './estimate.js';
export { scopeParameters } from './question.js';
export type { Question, ReadView, Scope, Sources, ViewParameter, Warning } from './question.js';

/** Every question that is built, by name: the routes below `/api/admin/analytics/`. */
export const QUESTIONS: readonly Question[] = [
  overview,
  conversionFunnel,
  popularConfigs,
  realTime,
  performance,
  dataQuality,
] as unknown as readonly Question[];
