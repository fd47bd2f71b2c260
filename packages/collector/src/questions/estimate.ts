import { Type, type Static } from '@sinclair/typebox';
import { betaInterval, type BetaPrior, type Interval } from '../statistics/index.js';

const nullableNumber = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

/** A number that was inferred, never without its interval (95 % unless said) and its quality. */
export const EstimateSchema = Type.Object({
  value: nullableNumber('null when the data cannot carry an answer'),
  lo: nullableNumber('lower bound'),
  hi: nullableNumber('upper bound'),
  n: Type.Number({ description: 'what it was inferred from' }),
  method: Type.String(),
  quality: Type.Union([Type.Literal('ok'), Type.Literal('low_n'), Type.Literal('insufficient')]),
});
export type Estimate = Static<typeof EstimateSchema>;

export const insufficient = (n: number, method: string): Estimate => ({
  value: null,
  lo: null,
  hi: null,
  n,
  method,
  quality: 'insufficient',
});

/** Fewest trials of a rate. */
export const FEWEST_TRIALS = 20;

/** What a rate is called. @param of what was counted, unless visitors: words that `needs.ts` knows */
export const rateMethod = (prior: BetaPrior | undefined, of?: string): string =>
  `${prior ? 'eb-beta' : 'jeffreys'}${of === undefined ? '' : `, ${of}`}`;

/** Few trials, few on either side, or an interval wider than the value. */
export const rateQuality = (
  { value, lo, hi }: Interval,
  { n, hits, misses }: { n: number; hits: number; misses: number },
): 'ok' | 'low_n' => (n < 100 || Math.min(hits, misses) < 5 || hi - lo > value ? 'low_n' : 'ok');

/**
 * A rate k of n with its posterior interval: `insufficient` below 20 trials, `low_n` below 100, with fewer than five
 * on either side, or when the interval is wider than the value.
 * @param prior default Jeffreys   @param method what the answer calls it
 */
export const rateEstimate = (
  k: number,
  n: number,
  prior?: BetaPrior,
  method = rateMethod(prior),
): Estimate => {
  if (n < FEWEST_TRIALS) return insufficient(n, method);
  const { value, lo, hi } = betaInterval(k, n, prior);
  const quality = rateQuality({ value, lo, hi }, { n, hits: k, misses: n - k });
  return { value, lo, hi, n, method, quality };
};

/**
 * An interval that a view computed; null when it had too little data.
 * @param effective what decides about the quality, when `n` measurements were sampled unlike each other
 */
export const viewEstimate = (
  row: { value: number | null; lo: number | null; hi: number | null },
  n: number,
  method: string,
  enough: number,
  effective = n,
): Estimate =>
  row.value === null || row.lo === null || row.hi === null
    ? insufficient(n, method)
    : { value: row.value, lo: row.lo, hi: row.hi, n, method, quality: effective < enough ? 'low_n' : 'ok' };
