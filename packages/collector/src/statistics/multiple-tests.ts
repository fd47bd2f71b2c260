import { StatisticsError } from './errors.js';

/** @throws {StatisticsError} `BAD_SHAPE` for NaN, `BAD_RANGE` outside 0…1 */
const ranked = (p: readonly number[]): number[] => {
  for (const value of p) {
    if (Number.isNaN(value)) throw new StatisticsError('BAD_SHAPE', 'p must be numbers');
    if (!(value >= 0 && value <= 1))
      throw new StatisticsError('BAD_RANGE', `p must lie in 0…1, got ${value}`);
  }
  return p.map((_, i) => i).sort((i, j) => p[i]! - p[j]!);
};

/**
 * Adjusted p values that keep the chance of even one false alarm at α: for the variants of one experiment.
 * @returns in input order   @throws {StatisticsError} `BAD_SHAPE`, `BAD_RANGE`
 * Source: Holm (1979), jstor:4615733; R `p.adjust(method = "holm")`
 */
export const holm = (p: readonly number[]): number[] => {
  const adjusted = [...p];
  let highest = 0;
  ranked(p).forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, (p.length - rank) * p[index]!));
    adjusted[index] = highest;
  });
  return adjusted;
};

/**
 * Adjusted p values that keep the expected share of false alarms among all alarms at α: for the elements of a page.
 * @returns in input order   @throws {StatisticsError} `BAD_SHAPE`, `BAD_RANGE`
 * Source: Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; R `p.adjust(method = "BH")`
 */
export const benjaminiHochberg = (p: readonly number[]): number[] => {
  const adjusted = [...p];
  let lowest = 1;
  const order = ranked(p);
  for (let rank = p.length; rank >= 1; rank--) {
    const index = order[rank - 1]!;
    lowest = Math.min(lowest, (p.length / rank) * p[index]!);
    adjusted[index] = lowest;
  }
  return adjusted;
};
