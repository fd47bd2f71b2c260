import { checkEnough, checkNumbers, checkWhole } from './errors.js';

const odd = (length: number): number => (length % 2 === 0 ? length + 1 : length);

interface Window {
  length: number;
  degree: 0 | 1;
  jump: number;
}
type Values = Float64Array;

/** Loess value at `x` (1-based, may lie one step outside) from y[left … right]; null when no point has weight. */
const loessAt = (
  y: Values,
  { length, degree }: Window,
  x: number,
  left: number,
  right: number,
): number | null => {
  const n = y.length;
  let reach = Math.max(x - left, right - x);
  if (length > n) reach += Math.floor((length - n) / 2);
  const weights: number[] = [];
  let total = 0;
  for (let j = left; j <= right; j++) {
    const distance = Math.abs(j - x);
    const weight =
      distance > 0.999 * reach ? 0 : distance <= 0.001 * reach ? 1 : (1 - (distance / reach) ** 3) ** 3;
    weights.push(weight);
    total += weight;
  }
  if (total <= 0) return null;
  let tilt = 0;
  let centre = 0;
  if (reach > 0 && degree > 0) {
    let spread = 0;
    for (const [i, weight] of weights.entries()) centre += (weight / total) * (left + i);
    for (const [i, weight] of weights.entries()) spread += (weight / total) * (left + i - centre) ** 2;
    if (Math.sqrt(spread) > 0.001 * (n - 1)) tilt = (x - centre) / spread;
  }
  let sum = 0;
  for (const [i, weight] of weights.entries())
    sum += (weight / total) * (1 + tilt * (left + i - centre)) * y[left + i - 1]!;
  return sum;
};

/** Loess at every `jump`-th point, straight lines between. */
const smooth = (y: Values, window: Window): Values => {
  const n = y.length;
  if (n < 2) return y.slice();
  const { length } = window;
  const jump = Math.min(window.jump, n - 1);
  const half = Math.floor((length + 1) / 2);
  const result = new Float64Array(n);
  let left = 1;
  let right = Math.min(length, n);
  const fit = (i: number): void => {
    result[i - 1] = loessAt(y, window, i, left, right) ?? y[i - 1]!;
  };
  for (let i = 1; i <= n; i += jump) {
    if (length < n) {
      if (jump === 1) {
        if (i > half && right !== n) {
          left++;
          right++;
        }
      } else {
        left = i < half ? 1 : i >= n - half + 1 ? n - length + 1 : i - half + 1;
        right = left + length - 1;
      }
    }
    fit(i);
  }
  if (jump === 1) return result;
  const bridge = (from: number, to: number): void => {
    const slope = (result[to - 1]! - result[from - 1]!) / (to - from);
    for (let j = from + 1; j < to; j++) result[j - 1] = result[from - 1]! + slope * (j - from);
  };
  for (let i = 1; i + jump <= n; i += jump) bridge(i, i + jump);
  const last = Math.floor((n - 1) / jump) * jump + 1;
  if (last !== n) {
    fit(n);
    bridge(last, n);
  }
  return result;
};

const movingAverage = (y: Values, length: number): Values => {
  const result = new Float64Array(y.length - length + 1);
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    sum += y[i]! - (i >= length ? y[i - length]! : 0);
    if (i >= length - 1) result[i - length + 1] = sum / length;
  }
  return result;
};

/** Every phase of the period smoothed on its own, one period longer at both ends. */
const smoothPhases = (y: Values, period: number, window: Window): Values => {
  const n = y.length;
  const result = new Float64Array(n + 2 * period);
  for (let phase = 0; phase < period; phase++) {
    const own = y.filter((_, i) => i % period === phase);
    const k = own.length;
    const inside = smooth(own, window);
    const before = loessAt(own, window, 0, 1, Math.min(window.length, k)) ?? inside[0]!;
    const after = loessAt(own, window, k + 1, Math.max(1, k - window.length + 1), k) ?? inside[k - 1]!;
    [before, ...inside, after].forEach((value, m) => {
      result[m * period + phase] = value;
    });
  }
  return result;
};

/**
 * Trend, season and rest of a series by loess; seasonal window = period (the next odd number), two inner loops, not
 * robust: R's `stl(y, s.window)` with its other defaults, and ClickHouse's seriesDecomposeSTL.
 * @param y more than two periods of equally spaced values   @param period ≥ 2
 * @returns three series that add up to y
 * @throws {StatisticsError} `TOO_FEW`, `BAD_SHAPE`, `BAD_RANGE`
 * Source: Cleveland, Cleveland, McRae & Terpenning (1990), Journal of Official Statistics 6, 3–73
 */
export const stlTrend = (
  y: readonly number[],
  period: number,
): { trend: number[]; seasonal: number[]; remainder: number[] } => {
  checkWhole(period, 2, 'period');
  checkNumbers(y, 'y');
  checkEnough(y.length, 2 * period + 1, 'values');
  const windowOf = (length: number, degree: 0 | 1): Window => ({
    length,
    degree,
    jump: Math.ceil(length / 10),
  });
  const seasonLength = Math.max(3, odd(period));
  const season = windowOf(seasonLength, 0);
  const trendWindow = windowOf(odd(Math.ceil((1.5 * period) / (1 - 1.5 / seasonLength))), 1);
  const lowPass = windowOf(odd(period), 1);
  const n = y.length;
  let trend: Values = new Float64Array(n);
  let seasonal: Values = new Float64Array(n);
  for (let pass = 0; pass < 2; pass++) {
    const phases = smoothPhases(
      Float64Array.from(y, (value, i) => value - trend[i]!),
      period,
      season,
    );
    const low = smooth(movingAverage(movingAverage(movingAverage(phases, period), period), 3), lowPass);
    seasonal = Float64Array.from(y, (_, i) => phases[period + i]! - low[i]!);
    trend = smooth(
      Float64Array.from(y, (value, i) => value - seasonal[i]!),
      trendWindow,
    );
  }
  return {
    trend: [...trend],
    seasonal: [...seasonal],
    remainder: y.map((value, i) => value - trend[i]! - seasonal[i]!),
  };
};
