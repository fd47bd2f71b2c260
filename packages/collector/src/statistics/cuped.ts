import { checkEnough, checkNumbers, checkSameLength } from './errors.js';
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
