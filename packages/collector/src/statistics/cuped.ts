import { checkEnough, checkNumbers, checkSameLength, StatisticsError } from './errors.js';
import { meanOf, varianceOf } from './numbers.js';

/**
 * Means with less noise: the part of the outcome that behaviour before the experiment explains is taken out.
 * @param arms per arm: outcome `y` and pre-period covariate `x` of the same visitors
 * @returns θ and ρ over all arms; `varianceReduction` = ρ²; per arm the adjusted mean and variance
 * @throws {StatisticsError} `TOO_FEW` below two visitors in an arm; `BAD_SHAPE`
 * Source: Deng, Xu, Kohavi & Walker (2013), doi:10.1145/2433396.2433413
 */
export const cuped = (
  arms: readonly { y: readonly number[]; x: readonly number[] }[],
): {
  theta: number;
  rho: number;
  varianceReduction: number;
  arms: { n: number; mean: number; variance: number }[];
} => {
  checkEnough(arms.length, 1, 'arms');
  for (const { y, x } of arms) {
    checkSameLength(y, x, 'y and x');
    checkNumbers(y, 'y');
    checkNumbers(x, 'x');
    checkEnough(y.length, 2, 'visitors in every arm');
  }
  const y = arms.flatMap((arm) => arm.y);
  const x = arms.flatMap((arm) => arm.x);
  const meanY = meanOf(y);
  const meanX = meanOf(x);
  const cross = y.reduce((sum, value, i) => sum + (value - meanY) * (x[i]! - meanX), 0);
  const xx = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const yy = y.reduce((sum, value) => sum + (value - meanY) ** 2, 0);
  const theta = xx > 0 ? cross / xx : 0;
  const rho = xx > 0 && yy > 0 ? cross / Math.sqrt(xx * yy) : 0;
  return {
    theta,
    rho,
    varianceReduction: rho * rho,
    arms: arms.map((arm) => {
      const adjusted = arm.y.map((value, i) => value - theta * (arm.x[i]! - meanX));
      return { n: adjusted.length, mean: meanOf(adjusted), variance: varianceOf(adjusted) };
    }),
  };
};

/** What `cuped` needs of an arm when its visitors stay in the database. */
export interface CupedSums {
  n: number;
  /** Σ of the outcome, of its square, of the covariate, of its square, of their product. */
  y: number;
  yy: number;
  x: number;
  xx: number;
  xy: number;
}

/**
 * `cuped` from sums.
 * @throws {StatisticsError} `TOO_FEW` below two visitors in an arm; `BAD_SHAPE`; `BAD_COUNTS` for sums no sample can have
 */
export const cupedFromSums = (arms: readonly CupedSums[]): ReturnType<typeof cuped> => {
  checkEnough(arms.length, 1, 'arms');
  const centred = ({ n, y, yy, x, xx, xy }: CupedSums) => {
    checkNumbers([n, y, yy, x, xx, xy], 'sums');
    checkEnough(n, 2, 'visitors in every arm');
    const own = { yy: yy - (y * y) / n, xx: xx - (x * x) / n, xy: xy - (x * y) / n };
    if (own.yy < -1e-9 * Math.max(1, yy) || own.xx < -1e-9 * Math.max(1, xx))
      throw new StatisticsError('BAD_COUNTS', 'a sum of squares is below sum² / n');
    return { yy: Math.max(0, own.yy), xx: Math.max(0, own.xx), xy: own.xy };
  };
  const all = arms.reduce((p, q) => ({
    n: p.n + q.n,
    y: p.y + q.y,
    yy: p.yy + q.yy,
    x: p.x + q.x,
    xx: p.xx + q.xx,
    xy: p.xy + q.xy,
  }));
  const total = centred(all);
  const theta = total.xx > 0 ? total.xy / total.xx : 0;
  const rho = total.xx > 0 && total.yy > 0 ? total.xy / Math.sqrt(total.xx * total.yy) : 0;
  return {
    theta,
    rho,
    varianceReduction: rho * rho,
    arms: arms.map((arm) => {
      const own = centred(arm);
      return {
        n: arm.n,
        mean: arm.y / arm.n - theta * (arm.x / arm.n - all.x / all.n),
        variance: Math.max(0, own.yy - 2 * theta * own.xy + theta * theta * own.xx) / (arm.n - 1),
      };
    }),
  };
};
