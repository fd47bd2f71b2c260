import { rateEstimate, type Estimate } from './estimate.js';
import { empiricalPrior } from './prior.js';

/** Line of the view `abandoned`. */
export interface AbandonedRow {
  stage: string;
  /** Visitors with a price who did not ask, and their last prices, in major units. */
  n: number;
  value: number;
  /** First sessions that ended here without an inquiry, and those whose visitors asked later. */
  stopped: number;
  returned: number;
}

const times = (estimate: Estimate, value: number): Estimate =>
  estimate.value === null
    ? estimate
    : { ...estimate, value: estimate.value * value, lo: estimate.lo! * value, hi: estimate.hi! * value };

/** Euro that lie where people stopped, and how many of them may be won back by mending that step. */
export const abandonedOf = (rows: readonly AbandonedRow[]) => {
  const known = rows.filter(({ stopped }) => stopped > 0);
  const prior = empiricalPrior(
    known.map(({ stage, stopped, returned }) => ({ key: stage, successes: returned, trials: stopped })),
  );
  return rows
    .filter(({ n }) => n > 0)
    .map(({ stage, n, value, stopped, returned }) => {
      const pRecover = rateEstimate(returned, stopped, prior);
      return { stage, n, value, pRecover, expected: times(pRecover, value) };
    })
    .sort((p, q) => (q.expected.value ?? -1) - (p.expected.value ?? -1) || q.value - p.value);
};
