import betaln from '@stdlib/math-base-special-betaln';
import { betaInterval } from './beta-interval.js';
import { checkCounts, checkLevel, StatisticsError } from './errors.js';
import { nelderMead } from './nelder-mead.js';
import type { Arm, BetaPrior, Interval, Keyed } from './types.js';

const CENTRE = Math.log(50);
const WIDTH = 1.5;

interface PriorOptions {
  /** upper bound of a + b */
  maxStrength?: number;
}

/** Counts that occur, and the place of each group's among them: most of many small groups look alike. */
const distinctCounts = (groups: readonly Arm[]): { counts: Arm[]; places: number[] } => {
  const known = new Map<string, number>();
  const counts: Arm[] = [];
  const places = groups.map(({ successes, trials }) => {
    const key = `${successes}/${trials}`;
    const place = known.get(key) ?? counts.push({ successes, trials }) - 1;
    known.set(key, place);
    return place;
  });
  return { counts, places };
};

/**
 * What rates of many small groups have in common: a beta-binomial model whose strength s = a + b carries a lognormal
 * prior around 50.
 * @throws {StatisticsError} `TOO_FEW` with fewer than two groups or no trial; `BAD_COUNTS`, `BAD_RANGE`
 * Source: Efron & Morris (1975); Gelman et al., Bayesian Data Analysis, ch. 5
 */
export const betaPriorOf = (
  groups: readonly Arm[],
  { maxStrength = Infinity }: PriorOptions = {},
): BetaPrior => {
  for (const { successes, trials } of groups) checkCounts(successes, trials);
  if (!(maxStrength > 0))
    throw new StatisticsError('BAD_RANGE', `maxStrength must be positive, got ${maxStrength}`);
  const successes = groups.reduce((sum, group) => sum + group.successes, 0);
  const trials = groups.reduce((sum, group) => sum + group.trials, 0);
  if (groups.length < 2 || trials === 0)
    throw new StatisticsError('TOO_FEW', 'shrinkage needs two groups with trials');
  const prior = (logit: number, logStrength: number): BetaPrior => {
    const m = 1 / (1 + Math.exp(-logit));
    const s = Math.min(Math.exp(logStrength), maxStrength);
    return { a: m * s, b: (1 - m) * s };
  };
  const { counts, places } = distinctCounts(groups);
  const loss = ([logit, logStrength]: number[]): number => {
    const { a, b } = prior(logit!, logStrength!);
    const base = betaln(a, b);
    const terms = counts.map(
      (group) => betaln(a + group.successes, b + group.trials - group.successes) - base,
    );
    let sum = 0;
    for (const place of places) sum += terms[place]!;
    const z = (logStrength! - CENTRE) / WIDTH;
    return z * z * 0.5 - sum;
  };
  const m = Math.min(Math.max(successes, 0.5) / trials, 1 - 0.5 / (trials + 1));
  const { at } = nelderMead(loss, [Math.log(m / (1 - m)), CENTRE]);
  return prior(at[0]!, at[1]!);
};

/**
 * Rates of many small groups, each shrunk towards what the groups have in common (`betaPriorOf`).
 * @returns the fitted prior and, per group, posterior mean and equal-tailed interval
 * @throws {StatisticsError} as `betaPriorOf`
 */
export const empiricalBayesRate = (
  groups: Keyed<Arm>,
  { level = 0.95, ...options }: PriorOptions & { level?: number } = {},
): BetaPrior & { groups: Keyed<Interval & Arm> } => {
  checkLevel(level);
  const { a, b } = betaPriorOf(groups, options);
  return {
    a,
    b,
    groups: groups.map((group) => ({
      ...group,
      ...betaInterval(group.successes, group.trials, { a, b, level }),
    })),
  };
};
