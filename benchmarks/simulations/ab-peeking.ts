import {
  confidenceSequence,
  eProcess2x2,
  groupSequentialBounds,
  randomFrom,
  twoProportionTest,
  type Arm,
  type Random,
} from '@lintel/collector/statistics';

/** One experiment per run: `days` days, `perDay` visitors per arm and day. */
export interface Peeking {
  runs: number;
  days: number;
  perDay: number;
  seed: number;
}
interface Verdict {
  /** share of runs that claimed a difference */
  alarms: number;
  /** mean day of the stop, or of the end */
  days: number;
}

const LOOKS = 5;
const ALPHA = 0.05;
/** Skeptical prior on the log of the lift: half of all changes move a rate by less than 7 %. */
const PRIOR_SD = 0.1;

const binomial = (random: Random, n: number, p: number): number => {
  let successes = 0;
  for (let i = 0; i < n; i++) if (random.uniform() < p) successes++;
  return successes;
};

type Day = { a: Arm; b: Arm; block: { a: Arm; b: Arm } };
type Engine = (days: readonly Day[]) => number | null;

const z = ({ a, b }: Day): number => Math.abs(twoProportionTest(b, a).zPooled);

/** P(lift > 0) or P(lift < 0), the larger, after the skeptical prior. */
const skeptical = ({ a, b }: Day): number => {
  if (a.successes === 0 || b.successes === 0) return 0;
  const lift = Math.log((b.successes * a.trials) / (a.successes * b.trials));
  const variance = 1 / a.successes - 1 / a.trials + 1 / b.successes - 1 / b.trials;
  const shrunk = (lift * PRIOR_SD ** 2) / (PRIOR_SD ** 2 + variance);
  return Math.abs(shrunk) / Math.sqrt((PRIOR_SD ** 2 * variance) / (PRIOR_SD ** 2 + variance));
};

const firstDay = (days: readonly Day[], alarm: (day: Day, index: number) => boolean): number | null => {
  const index = days.findIndex(alarm);
  return index < 0 ? null : index;
};

/** Every engine by name; `safe` are those that the product offers. */
const enginesOf = ({ days, perDay }: Peeking): Record<string, { safe: boolean; stop: Engine }> => {
  const bounds = groupSequentialBounds({
    fractions: Array.from({ length: LOOKS }, (_, i) => (i + 1) / LOOKS),
    spending: 'obrien-fleming',
  }).z;
  const every = days / LOOKS;
  return {
    'z every day': { safe: false, stop: (all) => firstDay(all, (day) => z(day) > 1.959964) },
    'z every week': {
      safe: false,
      stop: (all) => firstDay(all, (day, i) => i % 7 === 6 && z(day) > 1.959964),
    },
    'z at the end': { safe: false, stop: (all) => (z(all.at(-1)!) > 1.959964 ? days - 1 : null) },
    'O’Brien–Fleming, 5 looks': {
      safe: true,
      stop: (all) =>
        firstDay(all, (day, i) => (i + 1) % every === 0 && z(day) > bounds[(i + 1) / every - 1]!),
    },
    'confidence sequence, daily': {
      safe: true,
      stop: (all) =>
        firstDay(all, ({ a, b }) => {
          // without a success in each arm there is no variance to speak of
          if (a.successes === 0 || b.successes === 0) return false;
          const arms = { kind: 'proportion', a, b } as const;
          const { lo, hi } = confidenceSequence({
            ...arms,
            scale: 'absolute',
            plannedN: 2 * days * perDay,
            alpha: ALPHA,
          });
          return lo > 0 || hi < 0;
        }),
    },
    'e-process, daily': {
      safe: true,
      stop: (all) =>
        eProcess2x2(
          all.map(({ block }) => block),
          { alpha: ALPHA },
        ).stoppedAt,
    },
    'Bayes, skeptical, at the planned n': {
      safe: true,
      stop: (all) => (skeptical(all.at(-1)!) > 1.959964 ? days - 1 : null),
    },
  };
};

/** Runs the same visitors past every engine. @param rates true rate of control and challenger */
export const peekDaily = (
  rates: readonly [number, number],
  plan: Peeking,
): Record<string, Verdict & { safe: boolean }> => {
  const random = randomFrom(plan.seed);
  const engines = Object.entries(enginesOf(plan));
  const sums = engines.map(() => ({ alarms: 0, days: 0 }));
  for (let run = 0; run < plan.runs; run++) {
    const seen = [0, 0];
    const all = Array.from({ length: plan.days }, (_, day): Day => {
      const today = rates.map((rate) => binomial(random, plan.perDay, rate));
      today.forEach((successes, arm) => (seen[arm]! += successes));
      const trials = (day + 1) * plan.perDay;
      return {
        a: { successes: seen[0]!, trials },
        b: { successes: seen[1]!, trials },
        block: {
          a: { successes: today[0]!, trials: plan.perDay },
          b: { successes: today[1]!, trials: plan.perDay },
        },
      };
    });
    engines.forEach(([, { stop }], i) => {
      const at = stop(all);
      sums[i]!.alarms += at === null ? 0 : 1;
      sums[i]!.days += (at ?? plan.days - 1) + 1;
    });
  }
  return Object.fromEntries(
    engines.map(([name, { safe }], i) => [
      name,
      { safe, alarms: sums[i]!.alarms / plan.runs, days: sums[i]!.days / plan.runs },
    ]),
  );
};
