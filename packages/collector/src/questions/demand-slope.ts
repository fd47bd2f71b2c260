/** How many saw a price, and how many went on. */
export interface PricePoint {
  price: number;
  n: number;
  k: number;
}

/**
 * Elasticity of the share that goes on, from a weighted regression of its logit on ln(price): slope × (1 − mean share).
 * @param points at different prices; shares of 0 and 1 are kept finite by half a visitor
 * @returns slope and its variance, widened by what the line does not explain; null below three prices
 * Source: Berkson (1953), minimum logit χ², doi:10.1080/01621459.1953.10483501
 */
export const demandSlope = (
  points: readonly PricePoint[],
): { slope: number; variance: number; share: number; n: number } | null => {
  const used = points.filter(({ price, n }) => price > 0 && n > 0);
  if (new Set(used.map(({ price }) => price)).size < 3) return null;
  const rows = used.map(({ price, n, k }) => {
    const p = (k + 0.5) / (n + 1);
    return { x: Math.log(price), y: Math.log(p / (1 - p)), weight: (n + 1) * p * (1 - p) };
  });
  const total = rows.reduce((sum, { weight }) => sum + weight, 0);
  const mx = rows.reduce((sum, { x, weight }) => sum + weight * x, 0) / total;
  const my = rows.reduce((sum, { y, weight }) => sum + weight * y, 0) / total;
  const xx = rows.reduce((sum, { x, weight }) => sum + weight * (x - mx) ** 2, 0);
  const xy = rows.reduce((sum, { x, y, weight }) => sum + weight * (x - mx) * (y - my), 0);
  if (!(xx > 0)) return null;
  const slope = xy / xx;
  const chi2 = rows.reduce((sum, { x, y, weight }) => sum + weight * (y - my - slope * (x - mx)) ** 2, 0);
  const n = used.reduce((sum, point) => sum + point.n, 0);
  const share = used.reduce((sum, point) => sum + point.k, 0) / n;
  const overdispersion = rows.length > 2 ? Math.max(1, chi2 / (rows.length - 2)) : 1;
  return {
    slope: slope * (1 - share),
    variance: ((1 - share) ** 2 * overdispersion) / xx,
    share,
    n,
  };
};
