import { betaInterval } from '../statistics/index.js';
import { insufficient, type Estimate } from './estimate.js';
import { estimate } from './intervals.js';

/** What is usual weighs as many visitors. */
const STRENGTH = 10;
const SIZES = { fewest: 30, enough: 200 };

/**
 * Share of an option among `total` visitors: posterior of a Dirichlet prior around the `usual` share, 0 < usual ≤ 1. That
 * nobody chose otherwise does not make it certain that nobody will: of none, or of all, the interval reaches at least as
 * far as Jeffreys' does, whatever the prior says.
 */
export const shareEstimate = (
  chosen: number,
  total: number,
  usual: number,
  method = 'dirichlet',
): Estimate => {
  if (total < SIZES.fewest) return insufficient(total, method);
  // nothing else was ever chosen: all of it, and no beta has a parameter of 0
  const { value, lo, hi } =
    usual >= 1
      ? { value: 1, lo: 1, hi: 1 }
      : betaInterval(chosen, total, { a: STRENGTH * usual, b: STRENGTH * (1 - usual) });
  if (chosen > 0 && chosen < total) return estimate({ value, lo, hi }, total, method, SIZES);
  const plain = betaInterval(chosen, total);
  const interval = {
    value,
    lo: chosen === 0 ? 0 : Math.min(lo, plain.lo),
    hi: chosen === 0 ? Math.max(hi, plain.hi) : 1,
  };
  return estimate(interval, total, method, SIZES);
};
