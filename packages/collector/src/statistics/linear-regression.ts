import { Matrix, QrDecomposition, inverse } from 'ml-matrix';
import { checkEnough, checkNumbers, checkSameLength, StatisticsError } from './errors.js';
import { meanOf } from './numbers.js';

/**
 * Ordinary least squares.
 * @param x one row per observation, one column per predictor; the intercept is added
 * @returns `coefficients` and `standardErrors`, intercept first; `r2` in 0…1
 * @throws {StatisticsError} `SINGULAR` when a column is a combination of others; `TOO_FEW` without a residual degree
 *         of freedom; `BAD_SHAPE`
 * Source: Golub & Van Loan (2013), § 5.3: by QR, because normal equations square the condition number
 */
export const linearRegression = (
  x: readonly (readonly number[])[],
  y: readonly number[],
): { coefficients: number[]; standardErrors: number[]; r2: number } => {
  checkSameLength(x, y, 'x and y');
  checkNumbers(y, 'y');
  const width = x[0]?.length ?? 0;
  for (const row of x) {
    if (row.length !== width) throw new StatisticsError('BAD_SHAPE', 'rows of x must have the same length');
    checkNumbers(row, 'x');
  }
  checkEnough(y.length, width + 2, 'observations');
  // columns of unit length, so that the rank is judged whatever the units of the predictors
  const columns = Array.from({ length: width + 1 }, (_, j) => x.map((row) => (j === 0 ? 1 : row[j - 1]!)));
  const lengths = columns.map((column) => Math.hypot(...column) || 1);
  const design = new Matrix(x.map((_, i) => columns.map((column, j) => column[i]! / lengths[j]!)));
  const qr = new QrDecomposition(design);
  const r = qr.upperTriangularMatrix;
  for (let j = 0; j <= width; j++) {
    if (Math.abs(r.get(j, j)) < 1e-10)
      throw new StatisticsError('SINGULAR', `column ${j} of x follows from others`);
  }
  const scaled = qr.solve(Matrix.columnVector([...y])).to1DArray();
  const coefficients = scaled.map((value, j) => value / lengths[j]!);
  const mean = meanOf(y);
  let residual = 0;
  let total = 0;
  for (const [i, value] of y.entries()) {
    const fitted = coefficients.reduce((sum, c, j) => sum + c * columns[j]![i]!, 0);
    residual += (value - fitted) ** 2;
    total += (value - mean) ** 2;
  }
  const variance = residual / (y.length - width - 1);
  const rows = inverse(r).to2DArray();
  return {
    coefficients,
    standardErrors: rows.map((row, j) => Math.sqrt(variance) * (Math.hypot(...row) / lengths[j]!)),
    r2: total > 0 ? Math.max(0, 1 - residual / total) : 1,
  };
};
