import gammaln from '@stdlib/math-base-special-gammaln';
import { collapsed, perFrequency, type Customer, type Unit } from './customers.js';
import { checkNumbers, StatisticsError } from './errors.js';
import { lnHypergeometric } from './hypergeometric.js';
import { nelderMead } from './nelder-mead.js';

export interface BgNbd {
  r: number;
  alpha: number;
  a: number;
  b: number;
  logLikelihood: number;
  unit: Unit;
}

/** Parameters beyond this mean that the data know no finite optimum. */
const FARTHEST = Math.log(1e7);

/**
 * Repeat buying when customers may leave after any purchase: BG/NBD by maximum likelihood.
 * @throws {StatisticsError} `TOO_FEW`, `UNIT_MISMATCH`, `BAD_SHAPE`, `BAD_RANGE`; `NOT_CONVERGED`, also when a
 *         parameter runs off
 * Source: Fader, Hardie & Lee (2005), doi:10.1287/mksc.1040.0098; Hardie note 004 for the stable likelihood
 */
export const fitBgNbd = (customers: readonly Customer[]): BgNbd => {
  const { rows, unit } = collapsed(customers);
  const frequencies = perFrequency(rows);
  const lossOf = (logs: number[]): number => {
    if (logs.some((log) => Math.abs(log) > FARTHEST)) return Infinity;
    const [r, alpha, a, b] = logs.map(Math.exp) as [number, number, number, number];
    const base = r * Math.log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b);
    const byX = new Map(
      frequencies.map((x) => [x, base + gammaln(r + x) + gammaln(b + x) - gammaln(a + b + x)]),
    );
    let loss = 0;
    for (const { x, tx, T, n } of rows) {
      const alive = -(r + x) * Math.log(alpha + T);
      let log = byX.get(x)! + alive;
      if (x > 0)
        log += Math.log1p(Math.exp(Math.log(a / (b + x - 1)) - (r + x) * Math.log(alpha + tx) - alive));
      loss -= n * log;
    }
    return loss;
  };
  const age = customers.reduce((sum, { T }) => sum + T, 0) / customers.length;
  const rough = nelderMead(lossOf, [0, Math.log(Math.max(age / 4, 1e-3)), 0, 0]);
  // a second simplex at the first one's end: the first may have collapsed on a slope
  const { at, value } = nelderMead(lossOf, rough.at, { step: 0.1 });
  if (at.some((log) => Math.abs(log) > FARTHEST - 0.1))
    throw new StatisticsError(
      'NOT_CONVERGED',
      'a parameter runs off: the data do not tell leaving from waiting',
    );
  const [r, alpha, a, b] = at.map(Math.exp) as [number, number, number, number];
  return { r, alpha, a, b, logLikelihood: -value, unit };
};

/**
 * Purchases to expect: of a new customer in (0, t], or of customer `c` in (T, T + t].
 * @param t in the unit of the fit
 * @throws {StatisticsError} `UNIT_MISMATCH`, `BAD_SHAPE`, `BAD_RANGE`
 * Source: Fader, Hardie & Lee (2005), eq. 9 and 10
 */
export const bgNbdExpected = (p: BgNbd, t: number, c?: Customer): number => {
  checkNumbers([t, p.r, p.alpha, p.a, p.b], 'parameters');
  if (t < 0) throw new StatisticsError('BAD_RANGE', `t must not be negative, got ${t}`);
  if (c && c.unit !== p.unit)
    throw new StatisticsError('UNIT_MISMATCH', `the fit counts in ${p.unit}s, the customer in ${c.unit}s`);
  // at a = 1 both factors vanish; a hair beside it the quotient is right to 1e-7
  const a = Math.abs(p.a - 1) < 1e-7 ? 1 + 1e-7 : p.a;
  const { r, alpha, b } = p;
  const { x, tx, T } = c ?? { x: 0, tx: 0, T: 0 };
  const z = t / (alpha + T + t);
  const stays = Math.exp(
    (r + x) * (Math.log(alpha + T) - Math.log(alpha + T + t)) +
      lnHypergeometric(r + x, b + x, a + b + x - 1, z),
  );
  const expected = ((a + b + x - 1) / (a - 1)) * (1 - stays);
  if (x === 0) return expected;
  return expected / (1 + (a / (b + x - 1)) * ((alpha + T) / (alpha + tx)) ** (r + x));
};
