import { checkEnough, checkNumbers, checkPositive, StatisticsError } from './errors.js';
import { probit, sumOf } from './numbers.js';
import type { Interval, Keyed } from './types.js';

type Slopes = Keyed<{ slope: number; variance: number }>;

const weightedMean = (groups: Readonly<Slopes>, tau2: number): { mean: number; variance: number } => {
  const weights = groups.map((group) => 1 / (group.variance + tau2));
  const total = sumOf(weights);
  return {
    mean: groups.reduce((sum, group, i) => sum + weights[i]! * group.slope, 0) / total,
    variance: 1 / total,
  };
};

/** Spread between groups at which their weighted squares equal the degrees of freedom; 0 when they spread less. */
const pauleMandel = (groups: Readonly<Slopes>): number => {
  const excess = (tau2: number): number => {
    const { mean } = weightedMean(groups, tau2);
    return (
      groups.reduce((sum, group) => sum + (group.slope - mean) ** 2 / (group.variance + tau2), 0) -
      (groups.length - 1)
    );
  };
  if (groups.length < 2 || excess(0) <= 0) return 0;
  let low = 0;
  let high = 1;
  while (excess(high) > 0) high *= 2;
  // the excess falls with τ²: bisection cannot miss
  for (let step = 0; step < 200 && high - low > 1e-14 * high; step++) {
    const middle = (low + high) / 2;
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/**
 * Price slopes of many options, each pulled towards their common mean by as much as it is noisy; the common mean is
 * itself pulled towards what is known of prices.
 * @param groups own slope and its sampling variance   @param priorMean, priorSd of the common mean
 * @returns common mean, variance between options, and per option the shrunk slope with its 95 % interval
 * @throws {StatisticsError} `TOO_FEW` without a group; `BAD_SHAPE`; `BAD_RANGE` for a variance ≤ 0
 * Source: Paule & Mandel (1982), doi:10.6028/jres.087.022; Efron & Morris (1975)
 */
export const shrunkElasticities = (
  groups: Readonly<Slopes>,
  { priorMean = -1.5, priorSd = 1 }: { priorMean?: number; priorSd?: number } = {},
): { mu: number; tau2: number; groups: Keyed<Interval> } => {
  checkEnough(groups.length, 1, 'groups');
  checkNumbers(
    groups.flatMap((group) => [group.slope, group.variance]),
    'groups',
  );
  checkNumbers([priorMean], 'priorMean');
  checkPositive(priorSd, 'priorSd');
  if (groups.some((group) => group.variance <= 0))
    throw new StatisticsError('BAD_RANGE', 'variances must be positive');
  const tau2 = pauleMandel(groups);
  const { mean, variance } = weightedMean(groups, tau2);
  const precision = 1 / variance + 1 / priorSd ** 2;
  const mu = (mean / variance + priorMean / priorSd ** 2) / precision;
  const z = probit(0.975);
  return {
    mu,
    tau2,
    groups: groups.map(({ key, slope, variance: v }) => {
      const pull = v / (tau2 + v);
      const value = (1 - pull) * slope + pull * mu;
      const half = z * Math.sqrt(tau2 * pull + pull ** 2 / precision);
      return { key, value, lo: value - half, hi: value + half };
    }),
  };
};
