import { rateEstimate, type Estimate } from './estimate.js';
import { empiricalPrior } from './prior.js';

/** Line of the view `abandoned_value`. */
export interface AbandonedRow {
  stage: string;
  n: number;
  value: number;
}
/** Line of the view `recovery`. */
export interface RecoveryRow {
  stage: string;
  n: number;
  k: number;
}

const times = (estimate: Estimate, value: number): Estimate =>
  estimate.value === null
    ? estimate
    : { ...estimate, value: estimate.value * value, lo: estimate.lo! * value, hi: estimate.hi! * value };

/** Euro that lie where people stopped, and how many of them may be won back by mending that step. */
export const abandonedOf = (left: readonly AbandonedRow[], back: readonly RecoveryRow[]) => {
  const prior = empiricalPrior(back.map(({ stage, n, k }) => ({ key: stage, successes: k, trials: n })));
  return left
    .map(({ stage, n, value }) => {
      const known = back.find((row) => row.stage === stage);
      const pRecover = rateEstimate(known?.k ?? 0, known?.n ?? 0, prior);
      return { stage, n, value, pRecover, expected: times(pRecover, value) };
    })
    .sort((p, q) => (q.expected.value ?? -1) - (p.expected.value ?? -1) || q.value - p.value);
};
