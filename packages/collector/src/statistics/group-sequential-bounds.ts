import { checkEnough, checkLevel, checkNumbers, checkWhole, StatisticsError } from './errors.js';
import { phi, probit } from './numbers.js';

/** Points of the density between two looks; odd, for Simpson's rule. Five looks take half a second with so many. */
const POINTS = 6001;
/** Beyond this the density of a standard normal is below 1e-32: nothing is lost by cutting there. */
const FARTHEST = 12;

export type Spending = 'obrien-fleming' | 'pocock';

/** α per side that may be spent up to information fraction t. */
const spentAt = (t: number, alpha: number, spending: Spending): number =>
  spending === 'pocock'
    ? (alpha / 2) * Math.log(1 + (Math.E - 1) * t)
    : 2 * phi(-probit(1 - alpha / 4) / Math.sqrt(t));

interface Density {
  /** of the not yet stopped score B(t) = Z·√t on −reach … reach */
  values: Float64Array;
  reach: number;
}

const simpson = (i: number, points: number): number =>
  i === 0 || i === points - 1 ? 1 : i % 2 === 1 ? 4 : 2;

/** P(B(t + dt) > bound, not stopped before) */
const crossing = ({ values, reach }: Density, bound: number, dt: number): number => {
  const points = values.length;
  const h = (2 * reach) / (points - 1);
  const sd = Math.sqrt(dt);
  let sum = 0;
  for (let i = 0; i < points; i++) sum += simpson(i, points) * values[i]! * phi((i * h - reach - bound) / sd);
  return (sum * h) / 3;
};

/**
 * Density after another stretch of information: the old one convolved with N(0, dt). Along the old grid the kernel is
 * a Gaussian sequence, so each of the 36 million values costs two products instead of an exponential.
 */
const advance = (old: Density, reach: number, dt: number): Density => {
  const points = old.values.length;
  const h = (2 * old.reach) / (points - 1);
  const step = (2 * reach) / (points - 1);
  const values = new Float64Array(points);
  const weights = old.values.map((value, i) => value * simpson(i, points));
  const fold = Math.exp((-h * h) / dt);
  const half = (points - 1) / 2;
  for (let k = 0; k <= half; k++) {
    const x = k * step - reach;
    const nearest = Math.min(points - 1, Math.max(0, Math.round((x + old.reach) / h)));
    const distance = nearest * h - old.reach - x;
    const peak = Math.exp((-distance * distance) / (2 * dt));
    let sum = weights[nearest]! * peak;
    for (const direction of [1, -1]) {
      let kernel = peak;
      let ratio = Math.exp(-(direction * 2 * distance * h + h * h) / (2 * dt));
      for (let i = nearest + direction; i >= 0 && i < points && kernel > 1e-300; i += direction) {
        kernel *= ratio;
        ratio *= fold;
        sum += weights[i]! * kernel;
      }
    }
    values[k] = (sum * h) / 3 / Math.sqrt(2 * Math.PI * dt);
    // no arm is preferred: the density is even
    values[points - 1 - k] = values[k]!;
  }
  return { values, reach };
};

/**
 * Where the chance to exceed falls to what may be spent: halving until the bracket is short, then the secant of the
 * logarithms (Illinois), which are nearly parabolas. A dozen evaluations instead of the forty of halving alone.
 */
const boundOf = (exceeds: (bound: number) => number, allowed: number): number => {
  if (!(allowed > exceeds(FARTHEST))) return FARTHEST;
  const gap = (bound: number): number => Math.log(exceeds(bound) / allowed);
  let low = 0;
  let high = FARTHEST;
  while (high - low > 0.2) {
    const middle = (low + high) / 2;
    if (gap(middle) > 0) low = middle;
    else high = middle;
  }
  let atLow = gap(low);
  let atHigh = gap(high);
  for (let step = 0; step < 60 && high - low > 1e-11; step++) {
    const next = high - (atHigh * (high - low)) / (atHigh - atLow);
    const at = gap(next);
    if (Math.abs(at) < 1e-11) return next;
    if (at > 0) {
      low = next;
      atLow = at;
      atHigh /= 2;
    } else {
      high = next;
      atHigh = at;
      atLow /= 2;
    }
  }
  return (low + high) / 2;
};

/**
 * Two-sided bounds for |z| at planned looks, so that all looks together raise a false alarm with probability α.
 * @param fractions share of the planned information at each look, rising, in (0, 1]   @param alpha two-sided
 * @param points of the recursion, odd; 201 agree with 6,001 to 1e-6 and take a hundredth of the time
 * @returns `z` per look; `spent` cumulative two-sided α
 * @throws {StatisticsError} `TOO_FEW` without a look; `BAD_SHAPE`; `BAD_RANGE`
 * Source: Lan & DeMets (1983), doi:10.1093/biomet/70.3.659; recursion of Armitage, McPherson & Rowe (1969)
 */
export const groupSequentialBounds = ({
  fractions,
  alpha = 0.05,
  spending,
  points = POINTS,
}: {
  fractions: readonly number[];
  alpha?: number;
  spending: Spending;
  points?: number;
}): { z: number[]; spent: number[] } => {
  checkEnough(fractions.length, 1, 'looks');
  checkNumbers(fractions, 'fractions');
  checkLevel(alpha, 'alpha');
  checkWhole(points, 101, 'points');
  if (points % 2 === 0) throw new StatisticsError('BAD_RANGE', 'points must be odd');
  if (fractions.some((t, i) => t <= (fractions[i - 1] ?? 0) || t > 1 + 1e-12)) {
    throw new StatisticsError('BAD_RANGE', 'fractions must rise within (0, 1]');
  }
  const z: number[] = [];
  const spent: number[] = [];
  let density: Density | null = null;
  let before = 0;
  for (const [look, t] of fractions.entries()) {
    const total = spentAt(t, alpha, spending);
    const allowed = Math.max(0, total - (spent.at(-1) ?? 0) / 2);
    const dt = t - before;
    const root = Math.sqrt(t);
    const exceeds = (bound: number): number => (density ? crossing(density, bound * root, dt) : phi(-bound));
    const bound = boundOf(exceeds, allowed);
    z.push(bound);
    spent.push(2 * total);
    if (look < fractions.length - 1) {
      const reach = bound * root;
      density = density ? advance(density, reach, dt) : first(reach, t, points);
    }
    before = t;
  }
  return { z, spent };
};

const first = (reach: number, t: number, points: number): Density => ({
  values: Float64Array.from({ length: points }, (_, i) => {
    const x = (2 * reach * i) / (points - 1) - reach;
    return Math.exp((-x * x) / (2 * t)) / Math.sqrt(2 * Math.PI * t);
  }),
  reach,
});
