import { Matrix, solve } from 'ml-matrix';
import { checkEnough, checkNumbers, checkSameLength, StatisticsError } from './errors.js';

const MOST_STEPS = 100;
/** Newton's steps double the digits: below this promised gain of the log-likelihood one more is the last. */
const SETTLED = 1e-10;
/** A coefficient this uncertain, in logits between the alternatives, has no maximum: its choices can be separated. */
const MOST_UNCERTAIN = 1000;

/** Alternatives that were offered together, and how often each was taken. */
export interface ChoiceSet {
  /** One row of attributes for each alternative. */
  x: readonly (readonly number[])[];
  counts: readonly number[];
}

const check = (sets: readonly ChoiceSet[], priorSds: readonly number[]): void => {
  checkEnough(sets.length, 1, 'choice sets');
  for (const { x, counts } of sets) {
    checkSameLength(x, counts, 'x and counts');
    checkEnough(x.length, 1, 'alternatives');
    checkNumbers(counts, 'counts');
    if (counts.some((count) => count < 0))
      throw new StatisticsError('BAD_COUNTS', 'counts must not be negative');
    for (const row of x) {
      checkSameLength(row, priorSds, 'rows of x and priorSds');
      checkNumbers(row, 'x');
    }
  }
  const bad = priorSds.find((sd) => !(sd > 0));
  if (bad !== undefined)
    throw new StatisticsError('BAD_RANGE', `priorSds must be positive or Infinity, got ${bad}`);
};

const totalOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Chances of the alternatives of a set. */
const chancesOf = (x: ChoiceSet['x'], beta: readonly number[]): { chances: number[]; logSum: number } => {
  const utilities = x.map((row) => row.reduce((sum, value, j) => sum + value * beta[j]!, 0));
  const highest = utilities.reduce((most, utility) => Math.max(most, utility));
  const weights = utilities.map((utility) => Math.exp(utility - highest));
  const sum = totalOf(weights);
  return { chances: weights.map((weight) => weight / sum), logSum: highest + Math.log(sum) };
};

/**
 * Conditional logit: of a set of alternatives, one is taken with P ∝ exp(x·coefficients). Maximises
 * Σ count · ln P − Σ (coefficient/sd)²/2 by Newton's steps, halved until they improve; it is concave, so there is one
 * maximum.
 * @param sets alternatives with their attributes, and how often each was taken
 * @param priorSds of each coefficient; Infinity = no prior
 * @returns coefficients, their covariance (inverse of the observed information), the log-likelihood without the prior,
 * and `dispersion`: Pearson's χ² over all sets by its degrees of freedom, at least 1 (says something only where the sets
 * have counts, not single choices)
 * @throws {StatisticsError} `TOO_FEW` without a set or a choice; `BAD_SHAPE`; `BAD_COUNTS`; `BAD_RANGE`; `SINGULAR` when
 * an attribute without a prior never tells two alternatives apart; `NOT_CONVERGED` (separable choices without a prior)
 * Source: McFadden (1974), Conditional logit analysis of qualitative choice behavior, in Zarembka (ed.), Frontiers in
 * Econometrics, 105–142
 */
export const conditionalLogit = (
  sets: readonly ChoiceSet[],
  priorSds: readonly number[],
): { coefficients: number[]; covariance: number[][]; logLikelihood: number; dispersion: number } => {
  check(sets, priorSds);
  const used = sets
    .map(({ x, counts }) => ({ x, counts, total: totalOf(counts) }))
    .filter(({ total }) => total > 0);
  checkEnough(used.length, 1, 'choice sets with a choice');
  const width = priorSds.length;
  const penalties = priorSds.map((sd) => 1 / sd ** 2);
  const likelihoodOf = (beta: readonly number[]): number =>
    used.reduce((sum, { x, counts, total }) => {
      const { logSum } = chancesOf(x, beta);
      return x.reduce(
        (own, row, i) => own + counts[i]! * row.reduce((utility, value, j) => utility + value * beta[j]!, 0),
        sum - total * logSum,
      );
    }, 0);
  const goalOf = (beta: readonly number[]): number =>
    likelihoodOf(beta) - beta.reduce((sum, b, j) => sum + (penalties[j]! * b * b) / 2, 0);

  const slopesAt = (beta: readonly number[]): { gradient: number[]; information: Matrix } => {
    const gradient = beta.map((b, j) => -penalties[j]! * b);
    const information = Matrix.diag([...penalties]);
    for (const { x, counts, total } of used) {
      const { chances } = chancesOf(x, beta);
      const mean = beta.map((_, j) => x.reduce((sum, row, i) => sum + chances[i]! * row[j]!, 0));
      x.forEach((row, i) => {
        const away = row.map((value, j) => value - mean[j]!);
        const weight = total * chances[i]!;
        for (let j = 0; j < width; j++) {
          if (away[j] === 0) continue;
          gradient[j]! += counts[i]! * away[j]!;
          for (let k = 0; k < width; k++)
            information.set(j, k, information.get(j, k) + weight * away[j]! * away[k]!);
        }
      });
    }
    return { gradient, information };
  };
  const solved = (information: Matrix, right: Matrix): Matrix => {
    try {
      return solve(information, right);
    } catch {
      throw new StatisticsError('SINGULAR', 'an attribute never tells two alternatives apart');
    }
  };

  let beta = new Array<number>(width).fill(0);
  let goal = goalOf(beta);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, information } = slopesAt(beta);
    const move = solved(information, Matrix.columnVector(gradient)).to1DArray();
    const gain = move.reduce((sum, value, j) => sum + value * gradient[j]!, 0);
    if (!Number.isFinite(gain))
      throw new StatisticsError('SINGULAR', 'an attribute never tells two alternatives apart');
    if (gain < SETTLED) {
      beta = beta.map((b, j) => b + move[j]!);
      const inner = solved(slopesAt(beta).information, Matrix.eye(width));
      const covariance = inner.add(inner.transpose()).div(2).to2DArray();
      const furthest = beta.map((_, j) =>
        used.reduce(
          (most, { x }) => x.reduce((own, row) => Math.max(own, Math.abs(row[j]! - x[0]![j]!)), most),
          0,
        ),
      );
      if (covariance.some((row, j) => Math.sqrt(row[j]!) * furthest[j]! > MOST_UNCERTAIN)) break;
      const pearson = used.reduce((sum, { x, counts, total }) => {
        const { chances } = chancesOf(x, beta);
        return counts.reduce(
          (own, count, i) => own + (count - total * chances[i]!) ** 2 / Math.max(total * chances[i]!, 1e-12),
          sum,
        );
      }, 0);
      const free = used.reduce((sum, { x }) => sum + x.length - 1, 0) - width;
      return {
        coefficients: beta,
        covariance,
        logLikelihood: likelihoodOf(beta),
        dispersion: free > 0 ? Math.max(1, pearson / free) : 1,
      };
    }
    let length = 1;
    let next = beta;
    let nextGoal = -Infinity;
    for (; length > 1e-10; length /= 2) {
      next = beta.map((b, j) => b + length * move[j]!);
      nextGoal = goalOf(next);
      if (nextGoal >= goal) break;
    }
    beta = next;
    goal = nextGoal;
    if (beta.some((b) => Math.abs(b) > 1e6)) break;
  }
  throw new StatisticsError('NOT_CONVERGED', 'the choices can be separated: give the coefficients a prior');
};
