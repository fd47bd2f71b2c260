import { Matrix, solve } from 'ml-matrix';
import { checkEnough, checkNumbers, checkSameLength, StatisticsError } from './errors.js';

/** Fewer than these and a score has nothing to learn from. */
const FEWEST_SUCCESSES = 50;
const MOST_STEPS = 100;
/**
 * Newton's steps double the digits: when one promises less than this share of the loss it is the last. A share, because
 * where cases can be separated the loss itself goes to 0.
 */
const SETTLED = 1e-11;

/** Of long columns: four sums, or each addition waits for the one before. */
const dot = (p: Float64Array, q: Float64Array): number => {
  let [a, b, c, d] = [0, 0, 0, 0];
  const fours = p.length & ~3;
  for (let i = 0; i < fours; i += 4) {
    a += p[i]! * q[i]!;
    b += p[i + 1]! * q[i + 1]!;
    c += p[i + 2]! * q[i + 2]!;
    d += p[i + 3]! * q[i + 3]!;
  }
  for (let i = fours; i < p.length; i++) a += p[i]! * q[i]!;
  return a + b + c + d;
};

/**
 * Chance of a success from several features, coefficients pulled towards 0: maximises
 * Σ ln P(y) − λ/2 · Σ coefficient²; the intercept is free.
 * @param x one row per case, features on comparable scales   @param lambda ≥ 0
 * @param start coefficients of much the same cases: the maximum is one, but from there it is near
 * @param fewest successes; a part that is fitted to judge the rest may have fewer than the 50 of the whole
 * @throws {StatisticsError} `TOO_FEW` below `fewest` successes, 50 unless given; `NOT_CONVERGED` (separable cases with λ = 0); `BAD_SHAPE`, `BAD_RANGE`
 * Source: le Cessie & van Houwelingen (1992), doi:10.2307/2347628; Newton steps, halved until they improve
 */
export const ridgeLogistic = (
  x: readonly (readonly number[])[],
  y: readonly (0 | 1)[],
  {
    lambda,
    start,
    fewest = FEWEST_SUCCESSES,
  }: {
    lambda: number;
    start?: { intercept: number; coefficients: readonly number[] };
    fewest?: number;
  },
): { intercept: number; coefficients: number[] } => {
  checkSameLength(x, y, 'x and y');
  checkNumbers(y, 'y');
  if (!(lambda >= 0 && Number.isFinite(lambda)))
    throw new StatisticsError('BAD_RANGE', `lambda must be ≥ 0, got ${lambda}`);
  const width = x[0]?.length ?? 0;
  for (const row of x) {
    if (row.length !== width) throw new StatisticsError('BAD_SHAPE', 'rows of x must have the same length');
    checkNumbers(row, 'x');
  }
  if (y.some((value) => value !== 0 && value !== 1))
    throw new StatisticsError('BAD_SHAPE', 'y must hold 0 and 1');
  const successes = y.reduce<number>((sum, value) => sum + value, 0);
  checkEnough(successes, fewest, 'successes');
  const n = y.length;
  const size = width + 1;
  const outcomes = new Float64Array(y);
  // by column: sums along one stay in a register
  const columns = Array.from({ length: size }, () => new Float64Array(n).fill(1));
  for (let j = 1; j < size; j++) for (let i = 0; i < n; i++) columns[j]![i] = x[i]![j - 1]!;
  const penalty = (j: number): number => (j === 0 ? 0 : lambda);

  /** Loss with its slopes: one exponential a case serves all three. */
  const at = (beta: Float64Array): { loss: number; gradient: Float64Array; hessian: Matrix } => {
    const eta = new Float64Array(n);
    for (let j = 0; j < size; j++) {
      const column = columns[j]!;
      const b = beta[j]!;
      for (let i = 0; i < n; i++) eta[i]! += b * column[i]!;
    }
    const away = new Float64Array(n);
    const weights = new Float64Array(n);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const small = Math.exp(-Math.abs(eta[i]!));
      // ln(1 + e^η) without overflow
      loss += Math.max(eta[i]!, 0) + Math.log1p(small) - outcomes[i]! * eta[i]!;
      away[i] = (eta[i]! > 0 ? 1 : small) / (1 + small) - outcomes[i]!;
      weights[i] = small / (1 + small) ** 2;
    }
    const gradient = new Float64Array(size);
    const hessian = new Matrix(size, size);
    const weighted = new Float64Array(n);
    columns.forEach((column, j) => {
      loss += (penalty(j) / 2) * beta[j]! ** 2;
      gradient[j] = penalty(j) * beta[j]! + dot(away, column);
      for (let i = 0; i < n; i++) weighted[i] = weights[i]! * column[i]!;
      for (let k = 0; k <= j; k++) {
        const sum = dot(weighted, columns[k]!) + (j === k ? penalty(j) + 1e-12 : 0);
        hessian.set(j, k, sum).set(k, j, sum);
      }
    });
    return { loss, gradient, hessian };
  };
  const answer = (beta: Float64Array): { intercept: number; coefficients: number[] } => ({
    intercept: beta[0]!,
    coefficients: [...beta.subarray(1)],
  });

  const share = (successes + 0.5) / (n + 1);
  let beta = new Float64Array(size);
  beta.set(start ? [start.intercept, ...start.coefficients] : [Math.log(share / (1 - share))]);
  let here = at(beta);
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = solve(here.hessian, Matrix.columnVector(here.gradient)).to1DArray();
    const decrement = direction.reduce((sum, d, j) => sum + d * here.gradient[j]!, 0);
    if (!(decrement >= 0)) break;
    if (decrement < SETTLED * here.loss) return answer(beta.map((b, j) => b - direction[j]!));
    let next = beta;
    let there = here;
    for (let length = 1; length > 1e-8; length /= 2) {
      next = beta.map((b, j) => b - length * direction[j]!);
      there = at(next);
      if (there.loss <= here.loss) break;
    }
    if (!(there.loss <= here.loss)) return answer(beta);
    beta = next;
    here = there;
    if (beta.some((b) => Math.abs(b) > 1e4)) break;
  }
  throw new StatisticsError('NOT_CONVERGED', 'the cases can be separated: raise lambda');
};
