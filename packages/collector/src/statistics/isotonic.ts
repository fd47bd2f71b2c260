import { checkEnough, checkNumbers, checkSameLength, StatisticsError } from './errors.js';

interface Block {
  from: number;
  sum: number;
  n: number;
}

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
  const sorted = (outcome: 0 | 1): Float64Array =>
    new Float64Array(score.filter((_, i) => y[i] === outcome)).sort();
  const [wins, losses] = [sorted(1), sorted(0)];
  const blocks: Block[] = [];
  for (let win = 0, loss = 0; win < wins.length || loss < losses.length;) {
    // equal scores are one case: they must get one value
    const from = Math.min(wins[win] ?? Infinity, losses[loss] ?? Infinity);
    const block = { from, sum: 0, n: 0 };
    for (; wins[win] === from; win++) block.sum += 1;
    for (; losses[loss] === from; loss++) block.n += 1;
    block.n += block.sum;
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
