import { inverse, Matrix } from 'ml-matrix';
import {
  checkCounts,
  checkEnough,
  checkNumbers,
  checkPositive,
  checkSameLength,
  StatisticsError,
} from './errors.js';

const MOST_STEPS = 60;
/** A step may move a logit by so much at most: far from the maximum Newton's own step can leave the numbers. */
const LONGEST_STEP = 4;

/**
 * Logistic regression on counts: maximises Σ ln Binomial(k | n, p) − Σ (coefficient/sd)²/2, logit p = intercept + x·coefficients.
 * @param x one row per cell   @param cells trials and successes   @param priorSds of each coefficient; the intercept has 10
 * @returns coefficients with their covariance (inverse of the observed information), intercept first; `dispersion`
 * Pearson's χ² by its degrees of freedom, at least 1
 * @throws {StatisticsError} `TOO_FEW` without a trial, `BAD_COUNTS`, `BAD_SHAPE`, `BAD_RANGE`; `NOT_CONVERGED`
 * Source: Gelman, Jakulin, Pittau & Su (2008), doi:10.1214/08-AOAS191 (weak priors instead of separation)
 */
export const groupedLogit = (
  x: readonly (readonly number[])[],
  cells: readonly { n: number; k: number }[],
  priorSds: readonly number[],
): { coefficients: number[]; covariance: number[][]; dispersion: number } => {
  checkSameLength(x, cells, 'x and cells');
  for (const { n, k } of cells) checkCounts(k, n);
  for (const row of x) {
    checkSameLength(row, priorSds, 'rows of x and priorSds');
    checkNumbers(row, 'x');
  }
  for (const sd of priorSds) checkPositive(sd, 'priorSds');
  const trials = cells.reduce((sum, { n }) => sum + n, 0);
  checkEnough(trials, 1, 'trials');
  const rows = x.map((row) => [1, ...row]);
  const penalties = [10, ...priorSds].map((sd) => 1 / sd ** 2);
  const width = penalties.length;
  const share = (cells.reduce((sum, { k }) => sum + k, 0) + 0.5) / (trials + 1);
  const beta = [Math.log(share / (1 - share)), ...new Array<number>(width - 1).fill(0)];
  const chanceOf = (row: readonly number[]): number =>
    1 / (1 + Math.exp(-row.reduce((sum, value, j) => sum + value * beta[j]!, 0)));

  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = beta.map((b, j) => -penalties[j]! * b);
    const information = beta.map((_, j) => beta.map((__, i) => (i === j ? penalties[j]! : 0)));
    rows.forEach((row, cell) => {
      const { n, k } = cells[cell]!;
      const p = chanceOf(row);
      const weight = n * p * (1 - p);
      for (let j = 0; j < width; j++) {
        gradient[j]! += (k - n * p) * row[j]!;
        for (let i = 0; i <= j; i++) information[j]![i]! += weight * row[j]! * row[i]!;
      }
    });
    for (let j = 0; j < width; j++) for (let i = 0; i < j; i++) information[i]![j] = information[j]![i]!;
    const covariance = inverse(new Matrix(information));
    const move = covariance.mmul(Matrix.columnVector(gradient)).to1DArray();
    const longest = Math.max(
      ...rows.map((row) => Math.abs(row.reduce((sum, value, j) => sum + value * move[j]!, 0))),
    );
    if (longest < 1e-9) {
      const pearson = rows.reduce((sum, row, cell) => {
        const { n, k } = cells[cell]!;
        const p = chanceOf(row);
        return n > 0 ? sum + (k - n * p) ** 2 / Math.max(n * p * (1 - p), 1e-12) : sum;
      }, 0);
      const free = cells.filter(({ n }) => n > 0).length - width;
      return {
        coefficients: beta,
        covariance: covariance.to2DArray(),
        dispersion: free > 0 ? Math.max(1, pearson / free) : 1,
      };
    }
    const damped = Math.min(1, LONGEST_STEP / longest);
    move.forEach((value, j) => (beta[j]! += damped * value));
  }
  throw new StatisticsError('NOT_CONVERGED', 'the chances did not settle');
};
