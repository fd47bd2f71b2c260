import { StatisticsError } from './errors.js';

interface Vertex {
  at: number[];
  f: number;
}

const blend = (from: readonly number[], to: readonly number[], share: number): number[] =>
  from.map((x, i) => x + share * (to[i]! - x));

/**
 * Minimum of a smooth function of a few variables without derivatives.
 * @param start first vertex   @param step size of the first simplex
 * @throws {StatisticsError} `NOT_CONVERGED` after 2,000 evaluations per variable
 * Source: Nelder & Mead (1965), doi:10.1093/comjnl/7.4.308; coefficients 1, 2, ½, ½
 */
export const nelderMead = (
  f: (x: number[]) => number,
  start: readonly number[],
  { step = 0.5, tolerance = 1e-10 }: { step?: number; tolerance?: number } = {},
): { at: number[]; value: number } => {
  const n = start.length;
  let left = 2000 * n;
  const vertex = (at: number[]): Vertex => {
    left--;
    const value = f(at);
    return { at, f: Number.isNaN(value) ? Infinity : value };
  };
  let simplex = [
    vertex([...start]),
    ...start.map((_, i) => vertex(start.map((x, j) => (i === j ? x + step : x)))),
  ];
  for (;;) {
    simplex = simplex.sort((p, q) => p.f - q.f);
    const best = simplex[0]!;
    const worst = simplex[n]!;
    const spread = Math.max(
      ...simplex.map((p) => Math.max(...p.at.map((x, i) => Math.abs(x - best.at[i]!)))),
    );
    if (worst.f - best.f <= tolerance * (Math.abs(best.f) + tolerance) && spread < 1e-6) {
      return { at: best.at, value: best.f };
    }
    if (left <= 0) throw new StatisticsError('NOT_CONVERGED', 'no minimum within the evaluation limit');
    const centre = start.map((_, i) => simplex.slice(0, n).reduce((sum, p) => sum + p.at[i]!, 0) / n);
    const reflected = vertex(blend(worst.at, centre, 2));
    if (reflected.f < best.f) {
      const expanded = vertex(blend(worst.at, centre, 3));
      simplex[n] = expanded.f < reflected.f ? expanded : reflected;
    } else if (reflected.f < simplex[n - 1]!.f) {
      simplex[n] = reflected;
    } else {
      const outside = reflected.f < worst.f;
      const contracted = vertex(blend(outside ? reflected.at : worst.at, centre, 0.5));
      if (contracted.f < Math.min(reflected.f, worst.f)) simplex[n] = contracted;
      else simplex = simplex.map((p) => (p === best ? p : vertex(blend(p.at, best.at, 0.5))));
    }
  }
};
