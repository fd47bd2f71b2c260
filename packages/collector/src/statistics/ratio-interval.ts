import { checkLevel, checkNumbers, StatisticsError } from './errors.js';
import { probit } from './numbers.js';
import type { Interval } from './types.js';

/**
 * Ratio of two jointly normal estimates by Fieller's theorem. Unlike the delta method it stays right when the
 * denominator is uncertain; where it is not surely other than 0 no bounded interval exists.
 * @param covariance `top`, `bottom` = variances, `both` = covariance
 * @returns null where the denominator's own interval at this level holds 0
 * @throws {StatisticsError} `BAD_SHAPE`; `BAD_RANGE` for a level outside 0 … 1 or a variance below 0
 * Source: Fieller (1954), Some problems in interval estimation, JRSS B 16, 175–185
 */
export const ratioInterval = (
  top: number,
  bottom: number,
  covariance: { top: number; bottom: number; both: number },
  level = 0.95,
): Interval | null => {
  checkNumbers([top, bottom, covariance.top, covariance.bottom, covariance.both], 'ratio');
  checkLevel(level);
  if (covariance.top < 0 || covariance.bottom < 0)
    throw new StatisticsError('BAD_RANGE', 'variances must not be negative');
  const z2 = probit(0.5 + level / 2) ** 2;
  // the roots of (top − r·bottom)² = z²·Var(top − r·bottom)
  const a = bottom ** 2 - z2 * covariance.bottom;
  if (!(a > 0)) return null;
  const b = top * bottom - z2 * covariance.both;
  const c = top ** 2 - z2 * covariance.top;
  const half = Math.sqrt(Math.max(0, b ** 2 - a * c));
  return { value: top / bottom, lo: (b - half) / a, hi: (b + half) / a };
};
