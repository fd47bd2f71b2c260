import { confidenceSequence } from '../../statistics/index.js';
import {
  directionOf,
  everyDay,
  stepDown,
  type Direction,
  type Engine,
  type Evidence,
  type Look,
} from './engine.js';
import { adjustedArms, momentsOf, relativeChange, type Adjusted, type Sums } from './sums.js';

/** For what the width is tuned when nobody planned. */
const WITHOUT_PLAN = 1000;
/** Below this many outcomes an arm has no variance to speak of. */
const FEWEST = 5;

/** For those who must watch: its interval holds on every day at once, and pays with power. */
export const confidenceSequenceEngine: Engine = {
  name: 'confidence-sequence',
  statistic: 'z',
  method: 'asymptotic confidence sequence',
  daysOf: everyDay,
  read: (readings, { plannedN, lastDay }) => {
    const spread = (a: Adjusted, b: Adjusted, alpha: number) => {
      const { value, hi, se } = confidenceSequence({
        kind: 'mean',
        a: momentsOf(a),
        b: momentsOf(b),
        scale: 'absolute',
        plannedN: plannedN ?? WITHOUT_PLAN,
        alpha,
      });
      return { z: value / se, bound: (hi - value) / se };
    };
    let fallen: ReadonlyMap<number, Direction> = new Map();
    const looks = readings.map(({ day, arms }): Look => {
      const adjusted = adjustedArms(arms)?.arms;
      const known = (i: number): boolean =>
        adjusted !== undefined &&
        [arms[0]!, arms[i + 1]!].every(({ k, n }: Sums) => k >= FEWEST && n - k >= FEWEST);
      const step = stepDown(arms.length - 1, fallen, (i, alpha) => {
        if (!known(i)) return null;
        const { z, bound } = spread(adjusted![0]!, adjusted![i + 1]!, alpha);
        return Math.abs(z) >= bound ? directionOf(z) : null;
      });
      fallen = step.fallen;
      return {
        day,
        challengers: arms.slice(1).map((_, i): Evidence => {
          if (!known(i))
            return { statistic: 0, bound: Infinity, effect: null, decided: fallen.get(i) ?? null };
          const [a, b] = [adjusted![0]!, adjusted![i + 1]!];
          const { z, bound } = spread(a, b, step.level);
          return {
            statistic: z,
            bound,
            effect: relativeChange(a, b, bound),
            decided: fallen.get(i) ?? null,
          };
        }),
      };
    });
    return { looks, over: readings.at(-1)?.day === lastDay };
  },
};
