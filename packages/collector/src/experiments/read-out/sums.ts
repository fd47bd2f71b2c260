import {
  cupedFromSums,
  type Arm,
  type CupedSums,
  type Interval,
  type Moments,
} from '../../statistics/index.js';

/** Fewest visitors with a past before CUPED is worth its assumption of large numbers. */
const FEWEST_WITH_PAST = 100;

/** Sums of one arm over the visitors whose time for an outcome is over: enough for every engine. */
export interface Sums {
  n: number;
  /** Visitors with the outcome. */
  k: number;
  /** Visitors who were active before their first exposure. */
  withPast: number;
  /** Σ, Σ² of that activity, and its sum over the visitors with the outcome. */
  x: number;
  xx: number;
  xk: number;
}

/** One line of the view `experiment_days`. */
export interface DayRow extends Sums {
  arm: string;
  /** Days after the start at whose end these visitors are mature; 0: they wait, or saw two arms. */
  day: number;
}

/** What was known at the end of a day: one entry per arm, the control first. */
export interface Reading {
  day: number;
  arms: readonly Sums[];
}

const NOTHING: Sums = { n: 0, k: 0, withPast: 0, x: 0, xx: 0, xk: 0 };

export const add = (p: Sums, q: Sums): Sums => ({
  n: p.n + q.n,
  k: p.k + q.k,
  withPast: p.withPast + q.withPast,
  x: p.x + q.x,
  xx: p.xx + q.xx,
  xk: p.xk + q.xk,
});

/** Cumulative sums at the end of each of `days`. @param names of the arms, the control first */
export const readingsAt = (
  rows: readonly DayRow[],
  names: readonly string[],
  days: readonly number[],
): Reading[] =>
  days.map((day) => ({
    day,
    arms: names.map((name) =>
      rows.filter((row) => row.arm === name && row.day >= 1 && row.day <= day).reduce(add, NOTHING),
    ),
  }));

export const rateOf = ({ k, n }: Sums): Arm => ({ successes: k, trials: n });

export interface Adjusted {
  n: number;
  mean: number;
  variance: number;
}

/** A past that tells more of the outcomes than this leaves nothing but rounding errors to be compared. */
const MOST_EXPLAINED = 1 - 1e-9;

/**
 * Mean and variance of the outcome per arm, with what their past explains taken out where there is a past that does not
 * tell everything.
 * @returns null while an arm has fewer than two visitors
 */
export const adjustedArms = (
  arms: readonly Sums[],
): { arms: Adjusted[]; cuped: boolean; varianceReduction: number } | null => {
  if (arms.some(({ n }) => n < 2)) return null;
  // without a past θ is 0: the same formula gives the plain means
  const adjust = (past: 0 | 1) =>
    cupedFromSums(
      arms.map(({ n, k, x, xx, xk }): CupedSums => ({
        n,
        y: k,
        yy: k,
        x: past * x,
        xx: past * xx,
        xy: past * xk,
      })),
    );
  const withPast = arms.reduce((sum, arm) => sum + arm.withPast, 0) >= FEWEST_WITH_PAST ? adjust(1) : null;
  const cuped = withPast !== null && withPast.varianceReduction <= MOST_EXPLAINED;
  const { arms: adjusted, varianceReduction } = cuped ? withPast : adjust(0);
  return { arms: adjusted, cuped, varianceReduction };
};

/** z of challenger − control. */
export const zOf = (control: Adjusted, challenger: Adjusted): number => {
  const difference = challenger.mean - control.mean;
  const se = Math.sqrt(control.variance / control.n + challenger.variance / challenger.n);
  return difference === 0 ? 0 : se > 0 ? difference / se : Math.sign(difference) * Infinity;
};

/**
 * Relative change of the mean: every ratio that the bound does not rule out, so that it leaves 0 out exactly when |z|
 * crosses the bound. (The delta method is symmetric where a ratio is not, and would contradict z.)
 * @returns null while the control's own mean is not told from 0 at this bound: then no ratio is ruled out
 * Source: Fieller (1954), jstor:2984043
 */
export const relativeChange = (control: Adjusted, challenger: Adjusted, bound: number): Interval | null => {
  const [va, vb] = [control.variance / control.n, challenger.variance / challenger.n];
  const a = control.mean ** 2 - bound ** 2 * va;
  if (!(a > 0 && control.mean > 0)) return null;
  const half = control.mean * challenger.mean;
  const root = Math.sqrt(Math.max(0, half ** 2 - a * (challenger.mean ** 2 - bound ** 2 * vb)));
  // with its past taken out a mean may come out below 0; nothing falls by more than all of it
  const change = (ratio: number): number => Math.max(0, ratio) - 1;
  return {
    value: change(challenger.mean / control.mean),
    lo: change((half - root) / a),
    hi: change((half + root) / a),
  };
};

export const momentsOf = ({ n, mean, variance }: Adjusted): Moments => ({
  n,
  sum: n * mean,
  squares: (n - 1) * variance + n * mean * mean,
});
