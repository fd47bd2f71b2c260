import { checkEnough, checkNumbers, checkWhole } from './errors.js';

interface Split {
  at: number;
  gain: number;
}

/**
 * Where does the level of a series jump? Binary segmentation by least squares, as many breaks as lower the BIC.
 * @param maxBreaks default 5   @param minLength shortest segment, default max(3, ⌊n / 10⌋)
 * @returns `breaks`: index of the first value of each new level, ascending; `sse` around the levels
 * @throws {StatisticsError} `TOO_FEW` below two values; `BAD_SHAPE`, `BAD_RANGE`
 * Source: Scott & Knott (1974); Yao (1988), doi:10.1016/0167-7152(88)90118-6 for the BIC
 */
export const changePoint = (
  y: readonly number[],
  {
    maxBreaks = 5,
    minLength = Math.max(3, Math.floor(y.length / 10)),
  }: { maxBreaks?: number; minLength?: number } = {},
): { breaks: number[]; sse: number } => {
  checkNumbers(y, 'y');
  checkEnough(y.length, 2, 'values');
  checkWhole(maxBreaks, 0, 'maxBreaks');
  checkWhole(minLength, 1, 'minLength');
  const n = y.length;
  // sums of deviations from the mean: large levels must not eat the digits of small variances
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const sums = [0];
  let total = 0;
  for (const [i, value] of y.entries()) {
    sums.push(sums[i]! + value - mean);
    total += (value - mean) ** 2;
  }
  const weightOf = (from: number, to: number): number => (sums[to]! - sums[from]!) ** 2 / (to - from);
  const bestSplit = (from: number, to: number): Split => {
    const best: Split = { at: -1, gain: 0 };
    for (let at = from + minLength; at <= to - minLength; at++) {
      const gain = weightOf(from, at) + weightOf(at, to) - weightOf(from, to);
      if (gain > best.gain) Object.assign(best, { at, gain });
    }
    return best;
  };
  // each break costs two parameters: its place and the new level
  const floor = 1e-12 * total;
  const bic = (sse: number, breaks: number): number =>
    n * Math.log(Math.max(sse, floor) / n) + 2 * breaks * Math.log(n);
  const path = [{ breaks: [] as number[], sse: total }];
  while (path.length <= maxBreaks && total > 0) {
    const { breaks, sse } = path.at(-1)!;
    const edges = [0, ...breaks, n];
    const split = edges
      .slice(1)
      .map((to, i) => bestSplit(edges[i]!, to))
      .reduce((p, q) => (q.gain > p.gain ? q : p));
    if (split.at < 0 || split.gain <= floor) break;
    path.push({ breaks: [...breaks, split.at].sort((p, q) => p - q), sse: Math.max(0, sse - split.gain) });
  }
  return path.reduce((p, q) => (bic(q.sse, q.breaks.length) < bic(p.sse, p.breaks.length) ? q : p));
};
