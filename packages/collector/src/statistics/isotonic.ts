import { checkEnough, checkNumbers, checkSameLength, StatisticsError } from './errors.js';

interface Block {
  from: number;
  sum: number;
  n: number;
}

/** Index of the first of the sorted values that is not below `value`. */
const firstOf = (sorted: Float64Array, value: number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * From a score to a probability that never falls as the score rises.
 * @returns `values[i]` holds from `thresholds[i]` up to the next threshold; below the first, the first value holds
 * @throws {StatisticsError} `TOO_FEW` without a case; `BAD_SHAPE`
 * Source: Ayer et al. (1955), pool adjacent violators; Zadrozny & Elkan (2002), doi:10.1145/775047.775151
 */
export const isotonic = (
  score: readonly number[],
  y: readonly (0 | 1)[],
): { thresholds: number[]; values: number[] } => {
  checkSameLength(score, y, 'score and y');
  checkNumbers(score, 'score');
  checkEnough(score.length, 1, 'cases');
  if (y.some((value) => value !== 0 && value !== 1))
    throw new StatisticsError('BAD_SHAPE', 'y must hold 0 and 1');
  // equal scores are one case: they must get one value
  const sorted = new Float64Array(score).sort();
  const sums = new Uint32Array(sorted.length);
  const counts = new Uint32Array(sorted.length);
  for (let i = 0; i < score.length; i++) {
    const first = firstOf(sorted, score[i]!);
    sums[first]! += y[i]!;
    counts[first]! += 1;
  }
  const blocks: Block[] = [];
  for (let i = 0; i < sorted.length; i++) {
    if (counts[i] === 0) continue;
    const block = { from: sorted[i]!, sum: sums[i]!, n: counts[i]! };
    for (let left = blocks.at(-1); left && left.sum / left.n >= block.sum / block.n; left = blocks.at(-1)) {
      blocks.pop();
      block.from = left.from;
      block.sum += left.sum;
      block.n += left.n;
    }
    blocks.push(block);
  }
  return {
    thresholds: blocks.map((block) => block.from),
    values: blocks.map((block) => block.sum / block.n),
  };
};
