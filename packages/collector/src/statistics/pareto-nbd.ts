import gammaln from '@stdlib/math-base-special-gammaln';
import { collapsed, perFrequency, type Customer, type Unit } from './customers.js';
import { StatisticsError } from './errors.js';
import { lnHypergeometric } from './hypergeometric.js';
import { nelderMead } from './nelder-mead.js';

export interface ParetoNbd {
  r: number;
  alpha: number;
  s: number;
  beta: number;
  logLikelihood: number;
  unit: Unit;
}

const FARTHEST = Math.log(1e7);

/**
 * Repeat buying when customers may leave at any time: Pareto/NBD by maximum likelihood.
 * @throws {StatisticsError} `TOO_FEW`, `UNIT_MISMATCH`, `BAD_SHAPE`, `BAD_RANGE`; `NOT_CONVERGED`, also when a
 *         parameter runs off
 * Source: Schmittlein, Morrison & Colombo (1987), doi:10.1287/mnsc.33.1.1; Hardie note 009
 */
export const fitParetoNbd = (customers: readonly Customer[]): ParetoNbd => {
  const { rows, unit } = collapsed(customers);
  const frequencies = perFrequency(rows);
  const lossOf = (logs: number[]): number => {
    if (logs.some((log) => Math.abs(log) > FARTHEST)) return Infinity;
    const [r, alpha, s, beta] = logs.map(Math.exp) as [number, number, number, number];
    const base = r * Math.log(alpha) + s * Math.log(beta) - gammaln(r);
    const byX = new Map(frequencies.map((x) => [x, base + gammaln(r + x)]));
    const gap = Math.abs(alpha - beta);
    const longer = Math.max(alpha, beta);
    let loss = 0;
    for (const { x, tx, T, n } of rows) {
      const order = r + s + x;
      const second = alpha >= beta ? s + 1 : r + x;
      /** ln of ₂F₁ / (longer + age)^order: the chance of having left by that age */
      const leftBy = (age: number): number =>
        lnHypergeometric(order, second, order + 1, gap / (longer + age)) - order * Math.log(longer + age);
      const alive = -(r + x) * Math.log(alpha + T) - s * Math.log(beta + T);
      const early = leftBy(tx);
      const left = tx < T ? Math.exp(early - alive) * -Math.expm1(leftBy(T) - early) : 0;
      loss -= n * (byX.get(x)! + alive + Math.log1p((s / order) * left));
    }
    return loss;
  };
  const age = customers.reduce((sum, { T }) => sum + T, 0) / customers.length;
  const start = Math.log(Math.max(age / 4, 1e-3));
  const rough = nelderMead(lossOf, [0, start, 0, start]);
  const { at, value } = nelderMead(lossOf, rough.at, { step: 0.1 });
  if (at.some((log) => Math.abs(log) > FARTHEST - 0.1))
    throw new StatisticsError(
      'NOT_CONVERGED',
      'a parameter runs off: the data do not tell leaving from waiting',
    );
  const [r, alpha, s, beta] = at.map(Math.exp) as [number, number, number, number];
  return { r, alpha, s, beta, logLikelihood: -value, unit };
};
