import { METHOD, qualityOf, VISITORS } from './choice-fit.js';
import { insufficient } from './estimate.js';
import { quantilesOf } from './intervals.js';
import type { Group } from './option-offers.js';

/** The option that is kept most often where all are offered at their mean surcharges. */
export const bestDefaultOf = (
  group: Group,
  offered: readonly { option: string; weights: readonly number[] }[],
  beta: readonly number[],
  draws: readonly (readonly number[])[],
) => {
  // an option's utility knows two coefficients: its own, and the price's
  const terms = offered.map(({ weights }) =>
    weights.flatMap((weight, j) => (weight === 0 ? [] : [{ j, weight }])),
  );
  const sharesAt = (coefficients: readonly number[]): number[] => {
    const weights = terms.map((own) => {
      let utility = 0;
      for (const { j, weight } of own) utility += coefficients[j]! * weight;
      return Math.exp(utility);
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  };
  const shares = sharesAt(beta);
  const best = shares.indexOf(Math.max(...shares));
  const { option } = offered[best]!;
  if (group.n < VISITORS.fewest)
    return { group: group.name, option, share: insufficient(group.n, METHOD), pBest: null };
  const drawn = draws.map(sharesAt);
  const [lo, hi] = quantilesOf(
    drawn.map((own) => own[best]!),
    [0.025, 0.975],
  ) as [number, number];
  const value = shares[best]!;
  return {
    group: group.name,
    option,
    share: {
      value,
      lo: Math.min(lo, value),
      hi: Math.max(hi, value),
      n: group.n,
      method: METHOD,
      quality: qualityOf(group.n),
    },
    pBest: drawn.filter((own) => own[best] === Math.max(...own)).length / drawn.length,
  };
};
