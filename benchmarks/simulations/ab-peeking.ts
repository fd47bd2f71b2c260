import { probabilityToBeat, randomFrom, twoProportionTest, type Random } from '@lintel/collector/statistics';
import {
  ENGINES,
  engineOf,
  enginePlanOf,
  rateOf,
  type Engine,
  type EnginePlan,
  type Reading,
  type Sums,
} from '../../packages/collector/src/experiments/index.js';

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
  /** mean days of visitors until the stop, or the end */
  days: number;
}

const DAY_MS = 86_400_000;
const LOOKS = 5;
/** Days in which an outcome counts: visitors of the first day are known after so many more. */
const HORIZON_DAYS = 7;
/** A tenth of the effect that the plan is made for, as the form proposes. */
const MAX_LOSS = 0.02;
/** What one would believe who has seen 1,000 visitors and 20 outcomes. */
const INFORMATIVE = { a: 20, b: 980 };

/** The plan that the product would follow. @param share of the visitors that it asked for */
const planOf = ({ days, perDay }: Peeking, share: number): EnginePlan =>
  enginePlanOf({
    started: 0,
    endsAt: (days + HORIZON_DAYS) * DAY_MS,
    horizonDays: HORIZON_DAYS,
    looks: LOOKS,
    arms: [
      { name: 'control', weight: 5000 },
      { name: 'challenger', weight: 5000 },
    ],
    maxLoss: MAX_LOSS,
    plan: { perArm: Math.round(share * days * perDay) },
  })!;

/** Days of visitors until a difference was claimed, or null. */
type Rule = (readings: readonly Reading[]) => number | null;

/**
 * What question 12 says when asked every day: it hands the engine the days that the engine asked for, so far. A look
 * never changes afterwards (test `read-out engines`), so that one reading at the end tells of all of them.
 */
const shipped =
  (engine: Engine, plan: EnginePlan): Rule =>
  (readings) => {
    const asked = new Set(engine.daysOf(plan));
    const { looks } = engine.read(
      readings.filter(({ day }) => asked.has(day)),
      plan,
    );
    const crossed = looks.find(({ challengers }) => challengers.some(({ decided }) => decided !== null));
    return crossed ? crossed.day - HORIZON_DAYS : null;
  };

const firstDay =
  (alarm: (control: Sums, challenger: Sums, day: number) => boolean): Rule =>
  (readings) => {
    const index = readings.findIndex(({ arms }, i) => alarm(arms[0]!, arms[1]!, i + 1));
    return index < 0 ? null : index + 1;
  };

const isFar = (a: Sums, b: Sums): boolean =>
  Math.abs(twoProportionTest(rateOf(b), rateOf(a)).zPooled) > 1.959964;

/** Either arm is better with more than 95 %; the same counts come again and again, and cost a sum each time. */
const isLikely = (prior: { a: number; b: number }): ((a: Sums, b: Sums) => boolean) => {
  const known = new Map<number, boolean>();
  return (a, b) => {
    const key = (a.n * 10_000 + a.k) * 10_000 + b.k;
    const before = known.get(key);
    if (before !== undefined) return before;
    const beats = probabilityToBeat(rateOf(a), rateOf(b), prior);
    const likely = Math.max(beats, 1 - beats) > 0.95;
    known.set(key, likely);
    return likely;
  };
};

/** Every rule by name; `safe` are the engines that the product ships. */
const rulesOf = (peeking: Peeking): Record<string, { safe: boolean; stop: Rule }> => ({
  'z every day': { safe: false, stop: firstDay(isFar) },
  'z every week': { safe: false, stop: firstDay((a, b, day) => day % 7 === 0 && isFar(a, b)) },
  'z at the end': { safe: false, stop: firstDay((a, b, day) => day === peeking.days && isFar(a, b)) },
  'P(best) > 95 %, daily, flat prior': { safe: false, stop: firstDay(isLikely({ a: 1, b: 1 })) },
  'P(best) > 95 %, daily, informative prior': { safe: false, stop: firstDay(isLikely(INFORMATIVE)) },
  ...Object.fromEntries(
    ENGINES.map((name) => [name, { safe: true, stop: shipped(engineOf(name), planOf(peeking, 1)) }]),
  ),
  // it looks every day once the planned visitors are there: on twenty days here, not on the last one only
  'bayesian, half again as many visitors as planned': {
    safe: true,
    stop: shipped(engineOf('bayesian'), planOf(peeking, 2 / 3)),
  },
});

/** Draws of a binomial count from one uniform number: the table of its distribution is short. */
const binomialFrom = (random: Random, n: number, p: number): (() => number) => {
  let chance = (1 - p) ** n;
  let below = 0;
  const upTo = Array.from({ length: n }, (_, k) => {
    below += chance;
    chance *= ((n - k) / (k + 1)) * (p / (1 - p));
    return below;
  });
  return () => {
    const u = random.uniform();
    const k = upTo.findIndex((limit) => u < limit);
    return k < 0 ? n : k;
  };
};

/** Runs the same visitors past every rule. @param rates true rate of control and challenger */
export const peekDaily = (
  rates: readonly [number, number],
  plan: Peeking,
): Record<string, Verdict & { safe: boolean }> => {
  const random = randomFrom(plan.seed);
  const rules = Object.entries(rulesOf(plan));
  const counts = rules.map(() => ({ alarms: 0, days: 0 }));
  const draws = rates.map((rate) => binomialFrom(random, plan.perDay, rate));
  for (let run = 0; run < plan.runs; run++) {
    const seen = [0, 0];
    const readings = Array.from({ length: plan.days }, (_, i): Reading => {
      draws.forEach((draw, arm) => (seen[arm]! += draw()));
      const n = (i + 1) * plan.perDay;
      return {
        day: HORIZON_DAYS + 1 + i,
        arms: seen.map((k) => ({ n, k, withPast: 0, x: 0, xx: 0, xk: 0 })),
      };
    });
    rules.forEach(([, { stop }], i) => {
      const at = stop(readings);
      counts[i]!.alarms += at === null ? 0 : 1;
      counts[i]!.days += at ?? plan.days;
    });
  }
  return Object.fromEntries(
    rules.map(([name, { safe }], i) => [
      name,
      { safe, alarms: counts[i]!.alarms / plan.runs, days: counts[i]!.days / plan.runs },
    ]),
  );
};
