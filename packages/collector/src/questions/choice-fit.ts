import { conditionalLogit, type ChoiceSet } from '../statistics/index.js';
import type { Estimate } from './estimate.js';
import type { Group, Offer } from './option-offers.js';
import { optionKey } from './option-surcharges.js';

/** Visitors of a group below which nothing is said, and from which it is not called weak any more. */
export const VISITORS = { fewest: 30, enough: 200 };
export const METHOD = 'conditional logit';
/** Weak: nobody prefers an option e¹⁵-fold. */
const WORTH_SD = 5;
const SENSITIVITY_SD = 10;

export const qualityOf = (n: number): Estimate['quality'] => (n < VISITORS.enough ? 'low_n' : 'ok');

export const dot = (p: readonly number[], q: readonly number[]): number => {
  let sum = 0;
  for (let j = 0; j < p.length; j++) sum += p[j]! * q[j]!;
  return sum;
};
/** Variance of a weighted sum of coefficients. */
export const quadratic = (covariance: readonly (readonly number[])[], weights: readonly number[]): number => {
  let sum = 0;
  for (let j = 0; j < weights.length; j++)
    if (weights[j] !== 0) sum += weights[j]! * dot(covariance[j]!, weights);
  return sum;
};

export interface Fitted {
  /** Column of an option; the reference of its group has none. */
  at: Map<string, number>;
  beta: number[];
  covariance: number[][];
  /** Major units in which the last coefficient counts. */
  scale: number;
}

/** One conditional logit over all offers: a part-worth for every option but the references, one sensitivity to price. */
export const fit = (groups: readonly Group[], offers: readonly Offer[]): Fitted => {
  const columns = groups.flatMap(({ name, options, reference }) =>
    options.filter((option) => option !== reference).map((option) => optionKey(name, option)),
  );
  const at = new Map(columns.map((key, j) => [key, j]));
  const surcharges = offers.flatMap(({ options }) => options.map(({ surcharge }) => Math.abs(surcharge)));
  const scale = surcharges.reduce((sum, value) => sum + value, 0) / Math.max(1, surcharges.length) || 1;
  const sets = offers.map(({ group, options }): ChoiceSet => ({
    x: options.map(({ option, surcharge }) => {
      const row = new Array<number>(columns.length + 1).fill(0);
      const column = at.get(optionKey(group, option));
      if (column !== undefined) row[column] = 1;
      row[columns.length] = -surcharge / scale;
      return row;
    }),
    counts: options.map(({ n }) => n),
  }));
  const { coefficients, covariance, dispersion } = conditionalLogit(sets, [
    ...columns.map(() => WORTH_SD),
    SENSITIVITY_SD,
  ]);
  // tastes of one visitor go together, and not every house is the same: what the model leaves over widens everything
  return {
    at,
    beta: coefficients,
    covariance: covariance.map((row) => row.map((value) => value * dispersion)),
    scale,
  };
};
