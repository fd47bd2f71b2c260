import { isotonic, ridgeLogistic } from '../statistics/index.js';
import { rateEstimate, type Estimate } from './estimate.js';

/** Below this many a score has nothing to learn from. */
export const FEWEST_CONVERSIONS = 50;
const FOLDS = 5;
const LAMBDA = 1;
const MOST_CASES = 5000;
const BINS = 10;

export interface LeadScore {
  brier: number;
  brierOfMean: number;
  reliability: { p: number; observed: Estimate }[];
}

const valueAt = (
  { thresholds, values }: { thresholds: number[]; values: number[] },
  score: number,
): number => {
  const index = thresholds.findLastIndex((threshold) => threshold <= score);
  return values[Math.max(0, index)]!;
};

/**
 * How well behaviour foretells an inquiry: ridge regression, calibrated, judged on fifths that were left out.
 * @param points standardised features   @returns null below 50 conversions in what the folds learn from
 */
export const scoreVisitors = (
  points: readonly number[][],
  outcomes: readonly (0 | 1)[],
): LeadScore | null => {
  const n = Math.min(points.length, MOST_CASES);
  const cases = Array.from({ length: n }, (_, i) => i);
  const wins = (some: readonly number[]): number => some.reduce((sum, i) => sum + outcomes[i]!, 0);
  const folds = Array.from({ length: FOLDS }, (_, fold) => ({
    learn: cases.filter((i) => i % FOLDS !== fold),
    judge: cases.filter((i) => i % FOLDS === fold),
  }));
  if (folds.some(({ learn }) => wins(learn) < FEWEST_CONVERSIONS)) return null;
  const predicted = new Float64Array(n);
  for (const { learn, judge } of folds) {
    const fit = ridgeLogistic(
      learn.map((i) => points[i]!),
      learn.map((i) => outcomes[i]!),
      { lambda: LAMBDA },
    );
    const scoreOf = (i: number): number =>
      points[i]!.reduce((sum, value, j) => sum + value * fit.coefficients[j]!, fit.intercept);
    const calibration = isotonic(
      learn.map(scoreOf),
      learn.map((i) => outcomes[i]!),
    );
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
      observed: rateEstimate(wins(own), own.length),
    }));
  return { brier: error((i) => predicted[i]!), brierOfMean: error(() => share), reliability };
};
