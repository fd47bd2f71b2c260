/** Terms after which the series of a bad guess is cut; good fits need some hundred. */
const MOST_TERMS = 20_000;

/**
 * ln ₂F₁(a, b; c; z) for positive a, b, c and 0 ≤ z < 1: all terms are positive, so the sum loses no digits.
 * Source: Abramowitz & Stegun 15.1.1; 15.3.3 (Euler) where it converges faster
 */
export const lnHypergeometric = (a: number, b: number, c: number, z: number): number => {
  if (z <= 0) return 0;
  if (c - a > 0 && c - b > 0 && c - a - b < 0) {
    return (c - a - b) * Math.log1p(-z) + Math.log(series(c - a, c - b, c, z));
  }
  return Math.log(series(a, b, c, z));
};

const series = (a: number, b: number, c: number, z: number): number => {
  let term = 1;
  let sum = 1;
  for (let n = 0; n < MOST_TERMS; n++) {
    const ratio = (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    term *= ratio;
    sum += term;
    // the rest is below a geometric series once the terms fall
    if (ratio < 1 && term < sum * 1e-15 * (1 - ratio)) break;
  }
  return sum;
};
