import { checkLevel, checkPositive, StatisticsError } from './errors.js';
import { shareOf, summaryOf } from './numbers.js';
import type { Arm, Interval, Moments } from './types.js';

type Arms = { kind: 'mean'; a: Moments; b: Moments } | { kind: 'proportion'; a: Arm; b: Arm };

const summaries = (arms: Arms): { n: number; mean: number; variance: number }[] =>
  arms.kind === 'mean'
    ? [summaryOf(arms.a), summaryOf(arms.b)]
    : [arms.a, arms.b].map((arm) => {
        const mean = shareOf(arm);
        return { n: arm.trials, mean, variance: mean * (1 - mean) };
      });

/**
 * Interval of an effect that holds at every look, however often one looks.
 * @param a control   @param b challenger   @param scale `relative` (b − a) / a, `absolute` b − a
 * @param plannedN visitors in both arms for which the interval is tuned to be narrowest
 * @returns estimate, bounds and standard error
 * @throws {StatisticsError} `BAD_COUNTS`, `TOO_FEW`, `BAD_SHAPE`; `BAD_RANGE`, also for a relative effect on a mean of 0
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2023), arXiv:2103.06476
 */
export const confidenceSequence = ({
  scale,
  plannedN,
  alpha = 0.05,
  ...arms
}: Arms & { scale: 'relative' | 'absolute'; plannedN: number; alpha?: number }): Interval & {
  se: number;
} => {
  checkLevel(alpha, 'alpha');
  checkPositive(plannedN, 'plannedN');
  const [a, b] = summaries(arms) as [
    { n: number; mean: number; variance: number },
    { n: number; mean: number; variance: number },
  ];
  if (scale === 'relative' && a.mean === 0)
    throw new StatisticsError('BAD_RANGE', 'a relative effect needs a control mean other than 0');
  const n = a.n + b.n;
  const value = scale === 'relative' ? (b.mean - a.mean) / a.mean : b.mean - a.mean;
  const variance =
    scale === 'relative'
      ? b.variance / (a.mean ** 2 * b.n) + (a.variance * b.mean ** 2) / (a.mean ** 4 * a.n)
      : a.variance / a.n + b.variance / b.n;
  const rho2 = (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / plannedN;
  const grown = n * rho2 + 1;
  const half =
    Math.sqrt(n * variance) * Math.sqrt(((2 * grown) / (n * n * rho2)) * Math.log(Math.sqrt(grown) / alpha));
  return { value, lo: value - half, hi: value + half, se: Math.sqrt(variance) };
};
