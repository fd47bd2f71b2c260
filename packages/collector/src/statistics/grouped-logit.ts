import {
  checkCounts,
  checkEnough,
  checkNumbers,
  checkPositive,
  checkSameLength,
  StatisticsError,
} from './errors.js';
import { invertInPlace } from './inverse.js';

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
  const penalties = [10, ...priorSds].map((sd) => 1 / sd ** 2);
  const width = penalties.length;
  const values = new Float64Array(x.length * width);
  x.forEach((row, i) => {
    values[i * width] = 1;
    values.set(row, i * width + 1);
  });
  const share = (cells.reduce((sum, { k }) => sum + k, 0) + 0.5) / (trials + 1);
  const beta = new Float64Array(width);
  beta[0] = Math.log(share / (1 - share));
  const along = (row: number, weights: Float64Array): number => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += values[row * width + j]! * weights[j]!;
    return sum;
  };
  const chanceOf = (row: number): number => 1 / (1 + Math.exp(-along(row, beta)));

  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = beta.map((b, j) => -penalties[j]! * b);
    const information = new Float64Array(width * width);
    for (let j = 0; j < width; j++) information[j * width + j] = penalties[j]!;
    for (let row = 0; row < cells.length; row++) {
      const { n, k } = cells[row]!;
      const p = chanceOf(row);
      const away = k - n * p;
      const weight = n * p * (1 - p);
      const from = row * width;
      for (let j = 0; j < width; j++) {
        const value = values[from + j]!;
        // most columns are indicators
        if (value === 0) continue;
        gradient[j]! += away * value;
        for (let i = 0; i <= j; i++) information[j * width + i]! += weight * value * values[from + i]!;
      }
    }
    for (let j = 0; j < width; j++)
      for (let i = 0; i < j; i++) information[i * width + j] = information[j * width + i]!;
    const covariance = invertInPlace(information, width);
    const move = beta.map((_, j) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += covariance[j * width + i]! * gradient[i]!;
      return sum;
    });
    let longest = 0;
    for (let row = 0; row < cells.length; row++) longest = Math.max(longest, Math.abs(along(row, move)));
    if (longest < 1e-9) {
      const pearson = cells.reduce((sum, { n, k }, row) => {
        const p = chanceOf(row);
        return n > 0 ? sum + (k - n * p) ** 2 / Math.max(n * p * (1 - p), 1e-12) : sum;
      }, 0);
      const free = cells.filter(({ n }) => n > 0).length - width;
      return {
        coefficients: [...beta],
        covariance: penalties.map((_, j) => [...covariance.subarray(j * width, (j + 1) * width)]),
        dispersion: free > 0 ? Math.max(1, pearson / free) : 1,
      };
    }
    const damped = Math.min(1, LONGEST_STEP / longest);
    for (let j = 0; j < width; j++) beta[j]! += damped * move[j]!;
  }
  throw new StatisticsError('NOT_CONVERGED', 'the chances did not settle');
};
