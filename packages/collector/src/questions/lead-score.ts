import { isotonic, ridgeLogistic } from '../statistics/index.js';
import { rateEstimate, type Estimate } from './estimate.js';

/** Below this many a score has nothing to learn from. */
export const FEWEST_CONVERSIONS = 50;
const FOLDS = 5;
/** What is left of them without a fold. */
const LEARNT_FROM = FEWEST_CONVERSIONS - FEWEST_CONVERSIONS / FOLDS;
const LAMBDA = 1;
/** Of more visitors the first stand for all. */
export const MOST_SCORED = 5000;
const BINS = 10;

export interface LeadScore {
  brier: number;
  brierOfMean: number;
  reliability: { p: number; observed: Estimate }[];
}

/** The value of the last threshold that is not above the score. */
const valueAt = (
  { thresholds, values }: { thresholds: readonly number[]; values: readonly number[] },
  score: number,
): number => {
  let low = 0;
  let high = thresholds.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (thresholds[middle]! <= score) low = middle;
    else high = middle;
  }
  return values[low]!;
};

/**
 * How well behaviour foretells an inquiry: ridge regression, calibrated, judged on fifths that were left out.
 * @param points standardised features   @returns null below 50 conversions among those that are scored
 */
export const scoreVisitors = (
  points: readonly (readonly number[])[],
  outcomes: readonly (0 | 1)[],
): LeadScore | null => {
  const n = Math.min(points.length, MOST_SCORED);
  const cases = Array.from({ length: n }, (_, i) => i);
  const wins = (some: readonly number[]): number => some.reduce((sum, i) => sum + outcomes[i]!, 0);
  if (wins(cases) < FEWEST_CONVERSIONS) return null;
  // those who asked are dealt out on their own: each fifth has its share of them
  const dealt = [0, 0];
  const foldOf = cases.map((i) => dealt[outcomes[i]!]!++ % FOLDS);
  const folds = Array.from({ length: FOLDS }, (_, fold) => ({
    learn: cases.filter((i) => foldOf[i] !== fold),
    judge: cases.filter((i) => foldOf[i] === fold),
  }));
  const predicted = new Float64Array(n);
  let fit: ReturnType<typeof ridgeLogistic> | undefined;
  for (const { learn, judge } of folds) {
    const learned = learn.map((i) => outcomes[i]!);
    // folds share most of their cases: each begins where the one before ended
    fit = ridgeLogistic(
      learn.map((i) => points[i]!),
      learned,
      { lambda: LAMBDA, fewest: LEARNT_FROM, ...(fit && { start: fit }) },
    );
    const { intercept, coefficients } = fit;
    const scoreOf = (i: number): number => {
      const point = points[i]!;
      let score = intercept;
      for (let j = 0; j < coefficients.length; j++) score += point[j]! * coefficients[j]!;
      return score;
    };
    const calibration = isotonic(learn.map(scoreOf), learned);
    for (const i of judge) predicted[i] = valueAt(calibration, scoreOf(i));
  }
  const share = wins(cases) / n;
  const error = (of: (i: number) => number): number =>
    cases.reduce((sum, i) => sum + (of(i) - outcomes[i]!) ** 2, 0) / n;
  const order = [...cases].sort((p, q) => predicted[p]! - predicted[q]!);
  const reliability = Array.from({ length: BINS }, (_, bin) =>
    order.slice(Math.floor((bin * n) / BINS), Math.floor(((bin + 1) * n) / BINS)),
  )
    .filter((own) => own.length > 0)
    .map((own) => ({
      p: own.reduce((sum, i) => sum + predicted[i]!, 0) / own.length,
      observed: rateEstimate(wins(own), own.length, undefined, 'jeffreys, consented visitors'),
    }));
  return { brier: error((i) => predicted[i]!), brierOfMean: error(() => share), reliability };
};
