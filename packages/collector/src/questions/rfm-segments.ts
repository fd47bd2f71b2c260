import { rfm } from '../statistics/index.js';
import { rateEstimate, rateMethod } from './estimate.js';
import { empiricalPrior } from './prior.js';

/** Below this many who came back a shop sells once, and frequency says nothing. */
export const FEWEST_REPEATERS = 30;

/** Line of the view `customer_history`. */
export interface CustomerRow {
  customer: string;
  repeats: number;
  t_x_days: number;
  age_days: number;
  mean_value: number;
  first_value: number;
}

export const repeatersOf = (rows: readonly CustomerRow[]): number =>
  rows.filter(({ repeats }) => repeats > 0).length;

/** Scores 1…5, 5 is best. */
const nameOf = (r: number, f: number): string => {
  if (f >= 4) return r >= 4 ? 'champions' : r <= 2 ? 'at risk' : 'loyal';
  if (f === 3) return r <= 2 ? 'at risk' : 'loyal';
  return r >= 4 ? 'new' : r <= 2 ? 'lost' : 'fading';
};

/** Customers of a shop to which people come back, by how lately, how often and for how much they bought. */
export const rfmSegments = (rows: readonly CustomerRow[]) => {
  const customers = rows.map((row) => ({
    id: row.customer,
    recencyDays: row.age_days - row.t_x_days,
    frequency: row.repeats + 1,
    monetary: row.first_value + row.repeats * row.mean_value,
  }));
  const { cuts, scores } = rfm(customers);
  const names = scores.map(({ r, f }) => nameOf(r, f));
  const groups = [...new Set(names)].map((key) => {
    const own = customers.filter((_, i) => names[i] === key);
    return { key, own, successes: own.filter(({ frequency }) => frequency > 1).length, trials: own.length };
  });
  const prior = empiricalPrior(groups);
  const segments = groups
    .map(({ key, own, successes, trials }) => {
      const mean = (of: (one: (typeof own)[number]) => number): number =>
        own.reduce((sum, one) => sum + of(one), 0) / own.length;
      return {
        name: key,
        size: trials,
        profile: {
          recency_days: mean(({ recencyDays }) => recencyDays),
          frequency: mean(({ frequency }) => frequency),
          monetary: mean(({ monetary }) => monetary),
        },
        rate: rateEstimate(successes, trials, prior, rateMethod(prior, 'customers')),
      };
    })
    .sort((p, q) => q.size - p.size || (p.name < q.name ? -1 : 1));
  return { segments, cuts };
};
