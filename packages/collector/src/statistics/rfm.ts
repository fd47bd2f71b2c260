import { checkEnough, checkNumbers, checkWhole } from './errors.js';
import { ascending, quantileOf } from './numbers.js';

/**
 * Scores 1 … bins for how recently, how often and for how much each customer bought; `bins` is best.
 * @returns the cuts between scores (type-7 quantiles; a value equal to a cut belongs below it) and the scores
 * @throws {StatisticsError} `TOO_FEW` without a customer; `BAD_SHAPE`, `BAD_RANGE`
 * Source: Hughes (1994), Strategic Database Marketing
 */
export const rfm = (
  customers: readonly { id: string; recencyDays: number; frequency: number; monetary: number }[],
  bins = 5,
): {
  cuts: { R: number[]; F: number[]; M: number[] };
  scores: { id: string; r: number; f: number; m: number }[];
} => {
  checkWhole(bins, 2, 'bins');
  checkEnough(customers.length, 1, 'customers');
  const cutsOf = (values: number[], name: string): number[] => {
    checkNumbers(values, name);
    const sorted = ascending(values);
    return Array.from({ length: bins - 1 }, (_, i) => quantileOf(sorted, (i + 1) / bins));
  };
  const cuts = {
    R: cutsOf(
      customers.map((customer) => customer.recencyDays),
      'recencyDays',
    ),
    F: cutsOf(
      customers.map((customer) => customer.frequency),
      'frequency',
    ),
    M: cutsOf(
      customers.map((customer) => customer.monetary),
      'monetary',
    ),
  };
  const below = (value: number, edges: readonly number[]): number =>
    edges.filter((edge) => edge < value).length;
  return {
    cuts,
    scores: customers.map(({ id, recencyDays, frequency, monetary }) => ({
      id,
      r: bins - below(recencyDays, cuts.R),
      f: 1 + below(frequency, cuts.F),
      m: 1 + below(monetary, cuts.M),
    })),
  };
};
