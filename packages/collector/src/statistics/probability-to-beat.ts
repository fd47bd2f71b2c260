import betaln from '@stdlib/math-base-special-betaln';
import cdf from '@stdlib/stats-base-dists-beta-cdf';
import logpdf from '@stdlib/stats-base-dists-beta-logpdf';
import quantile from '@stdlib/stats-base-dists-beta-quantile';
import { checkCounts, checkPositive } from './errors.js';
import type { Arm, BetaPrior } from './types.js';

interface Beta {
  alpha: number;
  beta: number;
}

const posterior = (arm: Arm, prior: BetaPrior): Beta => {
  checkCounts(arm.successes, arm.trials);
  checkPositive(prior.a, 'prior.a');
  checkPositive(prior.b, 'prior.b');
  return { alpha: arm.successes + prior.a, beta: arm.trials - arm.successes + prior.b };
};

/** Exact for integer α of the challenger. Source: Evan Miller, "Formulas for Bayesian A/B testing". */
const sum = (a: Beta, b: Beta): number => {
  let total = 0;
  for (let i = 0; i < b.alpha; i++) {
    total += Math.exp(
      betaln(a.alpha + i, b.beta + a.beta) -
        Math.log(b.beta + i) -
        betaln(1 + i, b.beta) -
        betaln(a.alpha, a.beta),
    );
  }
  return total;
};

/** ∫ pdf_B · cdf_A by Simpson's rule on the logit scale, where both tails of a beta are smooth. */
const quadrature = (a: Beta, b: Beta): number => {
  const logit = (p: number): number => Math.log(p / (1 - p));
  const from = logit(Math.max(quantile(1e-13, b.alpha, b.beta), 1e-300));
  const to = logit(Math.min(quantile(1 - 1e-13, b.alpha, b.beta), 1 - 1e-15));
  const steps = 2000;
  const h = (to - from) / steps;
  let total = 0;
  for (let i = 0; i <= steps; i++) {
    const x = 1 / (1 + Math.exp(-(from + i * h)));
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    total += weight * Math.exp(logpdf(x, b.alpha, b.beta)) * x * (1 - x) * cdf(x, a.alpha, a.beta);
  }
  return Math.min(1, Math.max(0, (total * h) / 3));
};

/** The sum needs one term per success of the challenger; beyond this the quadrature is quicker and as good. */
const MOST_TERMS = 2000;

const beats = (a: Beta, b: Beta): number =>
  Number.isInteger(b.alpha) && b.alpha <= MOST_TERMS ? sum(a, b) : quadrature(a, b);

/**
 * P(rate of b > rate of a) under independent beta posteriors.
 * @param prior default uniform, Beta(1, 1)
 * @throws {StatisticsError} `BAD_COUNTS`, `BAD_RANGE`
 */
export const probabilityToBeat = (a: Arm, b: Arm, prior: BetaPrior = { a: 1, b: 1 }): number =>
  beats(posterior(a, prior), posterior(b, prior));

/**
 * Rate points given up on average by choosing a, and by choosing b: E max(0, other − chosen).
 * @throws {StatisticsError} `BAD_COUNTS`, `BAD_RANGE`
 * Source: Stucchio (2015), "Bayesian A/B testing at VWO"
 */
export const expectedLoss = (
  a: Arm,
  b: Arm,
  prior: BetaPrior = { a: 1, b: 1 },
): { ifA: number; ifB: number } => {
  const A = posterior(a, prior);
  const B = posterior(b, prior);
  const mean = (x: Beta): number => x.alpha / (x.alpha + x.beta);
  const plus = (x: Beta): Beta => ({ alpha: x.alpha + 1, beta: x.beta });
  const ifA = mean(B) * beats(A, plus(B)) - mean(A) * beats(plus(A), B);
  return { ifA, ifB: ifA - (mean(B) - mean(A)) };
};
