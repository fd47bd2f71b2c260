import type { Interval } from '../../statistics/index.js';
import { phi, probit } from '../../statistics/numbers.js';
import { ALPHA, everyDay, type Engine, type Evidence, type Look } from './engine.js';
import type { Sums } from './sums.js';

/** Skeptical prior on the log of the lift: half of all changes move a rate by less than 7 %. */
const PRIOR_SD = 0.1;

interface Lift {
  mean: number;
  sd: number;
}

/** Posterior of ln(rate of the challenger ÷ rate of the control); half an outcome keeps empty arms finite. */
export const skepticalLift = (control: Sums, challenger: Sums): Lift => {
  const log = ({ k, n }: Sums): { value: number; variance: number } => ({
    value: Math.log((k + 0.5) / (n + 0.5)),
    variance: 1 / (k + 0.5) - 1 / (n + 0.5),
  });
  const [a, b] = [log(control), log(challenger)];
  const precision = 1 / (a.variance + b.variance) + 1 / PRIOR_SD ** 2;
  return { mean: (b.value - a.value) / (a.variance + b.variance) / precision, sd: Math.sqrt(1 / precision) };
};

/** Share of the control's rate given up on average by choosing the challenger, and by keeping the control. */
export const lossOf = ({ mean, sd }: Lift): { ifChallenger: number; ifControl: number } => {
  const factor = Math.exp(mean + (sd * sd) / 2);
  return {
    ifChallenger: phi(-mean / sd) - factor * phi(-mean / sd - sd),
    ifControl: factor * phi(mean / sd + sd) - phi(mean / sd),
  };
};

const effectOf = ({ mean, sd }: Lift, alpha: number): Interval => {
  const half = probit(1 - alpha / 2) * sd;
  return { value: Math.expm1(mean), lo: Math.expm1(mean - half), hi: Math.expm1(mean + half) };
};

/**
 * Says what a wrong choice costs. Nothing before every arm has its planned visitors; then it stops on the first day on
 * which choosing costs less than the plan allows. It claims a difference only where the skeptical interval leaves 0 out.
 */
export const bayesian: Engine = {
  name: 'bayesian',
  statistic: 'expected loss',
  method: 'skeptical prior N(0, 0.1²) on the log of the lift',
  daysOf: everyDay,
  read: (readings, { perArm, maxLoss, lastDay }) => {
    const looks: Look[] = [];
    let over = false;
    for (const { day, arms } of readings) {
      const ready = perArm !== null && arms.every(({ n }) => n >= perArm);
      // at the planned end it says what it knows: no more visitors are to come
      if (!ready && day !== lastDay) continue;
      if (arms.some(({ n }) => n === 0)) continue;
      const lifts = arms.slice(1).map((arm) => skepticalLift(arms[0]!, arm));
      const challengers = lifts.map((lift): Evidence => {
        const effect = effectOf(lift, ALPHA / lifts.length);
        const { ifChallenger, ifControl } = lossOf(lift);
        const cheap = Math.min(ifChallenger, ifControl) < maxLoss;
        return {
          statistic: Math.min(ifChallenger, ifControl),
          bound: maxLoss,
          effect,
          decided: !(ready && cheap) ? null : effect.lo > 0 ? 'better' : effect.hi < 0 ? 'worse' : null,
        };
      });
      looks.push({ day, challengers });
      // the choice is cheap for every challenger: no later day may unsay it
      over = ready && challengers.every(({ statistic, bound }) => statistic < bound);
      if (over) break;
    }
    return { looks, over: over || readings.at(-1)?.day === lastDay };
  },
};
