import { Matrix, solve } from 'ml-matrix';
import { checkEnough, checkNumbers, checkSameLength, StatisticsError } from './errors.js';

/** Fewer than these and a score has nothing to learn from. */
const FEWEST_SUCCESSES = 50;
const MOST_STEPS = 100;

const sigmoid = (eta: number): number => 1 / (1 + Math.exp(-eta));
/** ln(1 + e^η) without overflow. */
const softplus = (eta: number): number => Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta)));

/**
 * Chance of a success from several features, coefficients pulled towards 0: maximises
 * Σ ln P(y) − λ/2 · Σ coefficient²; the intercept is free.
 * @param x one row per case, features on comparable scales   @param lambda ≥ 0
 * @throws {StatisticsError} `TOO_FEW` below 50 successes; `NOT_CONVERGED` (separable cases with λ = 0); `BAD_SHAPE`, `BAD_RANGE`
 * Source: le Cessie & van Houwelingen (1992), doi:10.2307/2347628; Newton steps, halved until they improve
 */
export const ridgeLogistic = (
  x: readonly (readonly number[])[],
  y: readonly (0 | 1)[],
  { lambda }: { lambda: number },
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
  checkEnough(successes, FEWEST_SUCCESSES, 'successes');
  const penalty = (j: number): number => (j === 0 ? 0 : lambda);
  const etaOf = (beta: readonly number[], row: readonly number[]): number =>
    row.reduce((sum, value, j) => sum + value * beta[j + 1]!, beta[0]!);
  const lossOf = (beta: readonly number[]): number =>
    x.reduce((sum, row, i) => {
      const eta = etaOf(beta, row);
      return sum + softplus(eta) - y[i]! * eta;
    }, 0) + beta.reduce((sum, b, j) => sum + (penalty(j) / 2) * b * b, 0);

  const share = (successes + 0.5) / (y.length + 1);
  let beta = [Math.log(share / (1 - share)), ...new Array<number>(width).fill(0)];
  let loss = lossOf(beta);
  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = beta.map((b, j) => penalty(j) * b);
    const hessian = beta.map((_, j) => beta.map((__, k) => (j === k ? penalty(j) : 0)));
    for (const [i, row] of x.entries()) {
      const p = sigmoid(etaOf(beta, row));
      const weight = p * (1 - p);
      for (let j = 0; j <= width; j++) {
        const xj = j === 0 ? 1 : row[j - 1]!;
        gradient[j]! += (p - y[i]!) * xj;
        for (let k = 0; k <= j; k++) hessian[j]![k]! += weight * xj * (k === 0 ? 1 : row[k - 1]!);
      }
    }
    for (let j = 0; j <= width; j++) {
      for (let k = 0; k < j; k++) hessian[k]![j] = hessian[j]![k]!;
      hessian[j]![j]! += 1e-12;
    }
    const direction = solve(new Matrix(hessian), Matrix.columnVector(gradient)).to1DArray();
    const decrement = direction.reduce((sum, d, j) => sum + d * gradient[j]!, 0);
    if (!(decrement >= 0)) break;
    if (decrement < 1e-12) return { intercept: beta[0]!, coefficients: beta.slice(1) };
    let length = 1;
    let next = beta;
    let nextLoss = Infinity;
    for (; length > 1e-8; length /= 2) {
      next = beta.map((b, j) => b - length * direction[j]!);
      nextLoss = lossOf(next);
      if (nextLoss <= loss) break;
    }
    if (!(nextLoss <= loss)) return { intercept: beta[0]!, coefficients: beta.slice(1) };
    beta = next;
    loss = nextLoss;
    if (beta.some((b) => Math.abs(b) > 1e4)) break;
  }
  throw new StatisticsError('NOT_CONVERGED', 'the cases can be separated: raise lambda');
};
