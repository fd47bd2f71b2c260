import gammaln from '@stdlib/math-base-special-gammaln';
import { checkEnough, checkNumbers, StatisticsError } from './errors.js';
import { correlationOf } from './numbers.js';
import { nelderMead } from './nelder-mead.js';

export interface GammaGamma {
  p: number;
  q: number;
  v: number;
  logLikelihood: number;
}
type Spend = readonly { x: number; m: number }[];

/** Beyond this correlation of frequency and value the model's first assumption does not hold. */
const MOST_CORRELATED = 0.3;
const FARTHEST = Math.log(1e7);

/**
 * How the mean value of a purchase differs between customers. Customers without a repeat purchase say nothing.
 * @param customers repeat purchases `x` and their mean value `m`
 * @throws {StatisticsError} `TOO_FEW` below three customers who came back; `DEPENDENT` when |corr(x, m)| > .3, unless
 *         `allowDependence`; `NOT_CONVERGED`; `BAD_SHAPE`
 * Source: Fader & Hardie (2013), brucehardie.com note 025
 */
export const fitGammaGamma = (
  customers: Spend,
  { allowDependence = false }: { allowDependence?: boolean } = {},
): GammaGamma => {
  for (const { x, m } of customers) checkNumbers([x, m], 'customer');
  const repeaters = customers.filter(({ x, m }) => x > 0 && m > 0);
  checkEnough(repeaters.length, 3, 'customers who came back');
  const correlation = correlationOf(
    repeaters.map(({ x }) => x),
    repeaters.map(({ m }) => m),
  );
  if (Math.abs(correlation) > MOST_CORRELATED && !allowDependence) {
    throw new StatisticsError('DEPENDENT', `frequency and value are correlated: ${correlation.toFixed(3)}`);
  }
  const lossOf = (logs: number[]): number => {
    if (logs.some((log) => Math.abs(log) > FARTHEST)) return Infinity;
    const [p, q, v] = logs.map(Math.exp) as [number, number, number];
    const base = q * Math.log(v) - gammaln(q);
    let loss = 0;
    for (const { x, m } of repeaters) {
      const shape = p * x;
      loss -=
        base +
        gammaln(shape + q) -
        gammaln(shape) +
        (shape - 1) * Math.log(m) +
        shape * Math.log(x) -
        (shape + q) * Math.log(x * m + v);
    }
    return loss;
  };
  const mean = repeaters.reduce((sum, { m }) => sum + m, 0) / repeaters.length;
  const rough = nelderMead(lossOf, [Math.log(3), Math.log(3), Math.log(mean)]);
  const { at, value } = nelderMead(lossOf, rough.at, { step: 0.1 });
  if (at.some((log) => Math.abs(log) > FARTHEST - 0.1))
    throw new StatisticsError('NOT_CONVERGED', 'a parameter runs off: the values hardly differ');
  const [p, q, v] = at.map(Math.exp) as [number, number, number];
  return { p, q, v, logLikelihood: -value };
};

/**
 * Mean value of a customer's future purchases, between the own mean and that of all.
 * @param customer x = 0 asks for a customer about whom nothing is known
 * @throws {StatisticsError} `BAD_RANGE` when the mean does not exist (p·x + q ≤ 1); `BAD_SHAPE`
 */
export const gammaGammaExpected = ({ p, q, v }: GammaGamma, { x, m }: { x: number; m: number }): number => {
  checkNumbers([p, q, v, x, m], 'parameters');
  const denominator = p * x + q - 1;
  if (denominator <= 0 || x < 0)
    throw new StatisticsError('BAD_RANGE', 'the mean value needs x ≥ 0 and p·x + q > 1');
  return (p * (v + x * m)) / denominator;
};
