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
  const order = score.map((_, i) => i).sort((i, j) => score[i]! - score[j]!);
  // equal scores are one case: they must get one value
  const cases: Block[] = [];
  for (const i of order) {
    const last = cases.at(-1);
    if (last && last.from === score[i]) {
      last.sum += y[i]!;
      last.n++;
    } else cases.push({ from: score[i]!, sum: y[i]!, n: 1 });
  }
  const blocks: Block[] = [];
  for (const one of cases) {
    blocks.push(one);
    for (let last = blocks.length - 1; last > 0; last--) {
      const right = blocks[last]!;
      const left = blocks[last - 1]!;
      if (left.sum / left.n < right.sum / right.n) break;
      blocks.splice(last - 1, 2, { from: left.from, sum: left.sum + right.sum, n: left.n + right.n });
    }
  }
  return {
    thresholds: blocks.map((block) => block.from),
    values: blocks.map((block) => block.sum / block.n),
  };
};
