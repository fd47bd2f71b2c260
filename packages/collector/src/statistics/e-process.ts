import { checkCounts, checkLevel, checkPositive, StatisticsError } from './errors.js';
import type { Arm } from './types.js';

/** Log likelihood of an arm's block at rate q. */
const logLikelihood = (q: number, { successes, trials }: Arm): number =>
  successes * Math.log(q) + (trials - successes) * Math.log1p(-q);

/**
 * Evidence against equal rates that may be watched after every block: under equal rates E exceeds 1/α ever with
 * probability ≤ α, however rare the event.
 * @param blocks visitors since the last look, both arms in each   @param prior pseudo-successes of the running rates
 * @returns `logE` after each block; `p` = 1 / max E; `stoppedAt` index of the block at which E ≥ 1/α, or null
 * @throws {StatisticsError} `BAD_COUNTS` for a block without both arms; `BAD_RANGE`
 * Source: Turner, Ly & Grünwald (2024), arXiv:2106.02693
 */
export const eProcess2x2 = (
  blocks: readonly { a: Arm; b: Arm }[],
  { alpha = 0.05, prior = 0.18 }: { alpha?: number; prior?: number } = {},
): { logE: number[]; p: number; stoppedAt: number | null } => {
  checkLevel(alpha, 'alpha');
  checkPositive(prior, 'prior');
  const seen = { a: { successes: 0, trials: 0 }, b: { successes: 0, trials: 0 } };
  const rate = ({ successes, trials }: Arm): number => (successes + prior) / (trials + 2 * prior);
  const logE: number[] = [];
  let log = 0;
  let most = 0;
  let stoppedAt: number | null = null;
  for (const [index, { a, b }] of blocks.entries()) {
    for (const arm of [a, b]) {
      checkCounts(arm.successes, arm.trials);
      if (arm.trials === 0) throw new StatisticsError('BAD_COUNTS', 'every block needs both arms');
    }
    // rates from earlier blocks only: that is what makes E a martingale
    const qa = rate(seen.a);
    const qb = rate(seen.b);
    const q0 = (a.trials * qa + b.trials * qb) / (a.trials + b.trials);
    log += logLikelihood(qa, a) + logLikelihood(qb, b) - logLikelihood(q0, a) - logLikelihood(q0, b);
    logE.push(log);
    most = Math.max(most, log);
    if (stoppedAt === null && log >= -Math.log(alpha)) stoppedAt = index;
    for (const [own, arm] of [
      [seen.a, a],
      [seen.b, b],
    ] as const) {
      own.successes += arm.successes;
      own.trials += arm.trials;
    }
  }
  return { logE, p: Math.exp(-most), stoppedAt };
};
