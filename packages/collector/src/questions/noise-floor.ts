/**
 * Best possible WAPE of a sum of orders when every parameter is known: counts Poisson, values lognormal with sd 0.28.
 * Between the points straight in logs. Source: simulation behind chapter 4 § 1 of the design.
 */
const FLOOR: readonly (readonly [orders: number, wape: number])[] = [
  [1, 0.81],
  [2, 0.58],
  [3, 0.48],
  [5, 0.37],
  [10, 0.26],
  [20, 0.19],
  [50, 0.12],
  [100, 0.08],
];

/** @param orders expected in the period, > 0   @returns share; at most 1, beyond 100 orders falling with 1/√n */
export const noiseFloor = (orders: number): number | null => {
  if (!(orders > 0)) return null;
  const upper = FLOOR.findIndex(([n]) => n >= orders);
  if (upper < 0) return 0.08 * Math.sqrt(100 / orders);
  if (upper === 0) return Math.min(1, 0.81 / Math.sqrt(orders));
  const [n0, w0] = FLOOR[upper - 1]!;
  const [n1, w1] = FLOOR[upper]!;
  const share = Math.log(orders / n0) / Math.log(n1 / n0);
  return w0 * (w1 / w0) ** share;
};
