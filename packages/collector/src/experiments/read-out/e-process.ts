import { eProcess2x2, type Arm } from '../../statistics/index.js';
import { ALPHA, directionOf, everyDay, stepDown, type Direction, type Engine, type Look } from './engine.js';
import { rateOf, type Reading, type Sums } from './sums.js';

type Block = { a: Arm; b: Arm };

/** Visitors who became mature since the last block in which both arms had somebody. */
const blocksOf = (readings: readonly Reading[], arm: number): { blocks: Block[]; upTo: number[] } => {
  const blocks: Block[] = [];
  const upTo: number[] = [];
  let before: Block = { a: { successes: 0, trials: 0 }, b: { successes: 0, trials: 0 } };
  for (const { arms } of readings) {
    const now: Block = { a: rateOf(arms[0]!), b: rateOf(arms[arm]!) };
    const since = (p: Arm, q: Arm): Arm => ({
      successes: p.successes - q.successes,
      trials: p.trials - q.trials,
    });
    const block = { a: since(now.a, before.a), b: since(now.b, before.b) };
    if (block.a.trials > 0 && block.b.trials > 0) {
      blocks.push(block);
      before = now;
    }
    upTo.push(blocks.length);
  }
  return { blocks, upTo };
};

/** Of the rates so far, against the control. */
const differenceOf = (arms: readonly Sums[], arm: number): number =>
  arms[arm]!.k / arms[arm]!.n - arms[0]!.k / arms[0]!.n;

/** For very rare events, where a normal approximation would lie: evidence that may be watched, exact for any count. */
export const eProcess: Engine = {
  name: 'e-process',
  statistic: 'ln E',
  method: '2×2 e-process',
  daysOf: everyDay,
  read: (readings, { lastDay }) => {
    const count = (readings[0]?.arms.length ?? 1) - 1;
    const evidence = Array.from({ length: count }, (_, i) => {
      const { blocks, upTo } = blocksOf(readings, i + 1);
      return { logE: eProcess2x2(blocks, { alpha: ALPHA }).logE, upTo };
    });
    const logEAt = (i: number, look: number): number => {
      const { logE, upTo } = evidence[i]!;
      return logE[upTo[look]! - 1] ?? 0;
    };
    let fallen: ReadonlyMap<number, Direction> = new Map();
    const looks = readings.map(({ day, arms }, look): Look => {
      const step = stepDown(count, fallen, (i, level) =>
        logEAt(i, look) >= -Math.log(level) ? directionOf(differenceOf(arms, i + 1)) : null,
      );
      fallen = step.fallen;
      return {
        day,
        challengers: arms.slice(1).map((_, i) => ({
          statistic: logEAt(i, look),
          bound: -Math.log(step.level),
          // an interval that holds for so few outcomes on every day is not to be had
          effect: null,
          decided: fallen.get(i) ?? null,
        })),
      };
    });
    return { looks, over: readings.at(-1)?.day === lastDay };
  },
};
