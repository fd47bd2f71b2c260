import { checkEnough, checkNumbers } from './errors.js';
import { ascending } from './numbers.js';

const FENCE = 1.5;

/**
 * How far each value lies outside Tukey's fences: 0 inside, positive above, negative below.
 * @param y at least four values
 * @throws {StatisticsError} `TOO_FEW`, `BAD_SHAPE`
 * Source: Tukey (1977), Exploratory Data Analysis; quartiles sorted[⌊n·p⌋], as ClickHouse's seriesOutliersDetectTukey
 */
export const tukeyOutliers = (y: readonly number[]): number[] => {
  checkNumbers(y, 'y');
  checkEnough(y.length, 4, 'values');
  const sorted = ascending(y);
  const lower = sorted[Math.floor(sorted.length * 0.25)]!;
  const upper = sorted[Math.floor(sorted.length * 0.75)]!;
  const reach = FENCE * (upper - lower);
  return y.map((value) =>
    value > upper + reach ? value - upper - reach : value < lower - reach ? value - lower + reach : 0,
  );
};
