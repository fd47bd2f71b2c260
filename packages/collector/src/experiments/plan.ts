import { minimumSample } from '../statistics/index.js';

/** A plan that runs longer needs an owner's word: seasons and price lists change under it. */
export const LONGEST_DAYS = 180;
/** A proxy must be seen this often in each arm within the longest plan. */
const PROXY_CONVERSIONS = 100;

/** How a metric behaved lately. */
export interface Baseline {
  metric: string;
  /** Visitors who could have been exposed, and those who converted. */
  visitors: number;
  converted: number;
  /** Length of the time it was measured in. */
  days: number;
}

export interface Plan {
  /** Visitors an arm needs; null when the metric has never been seen. */
  perArm: number | null;
  /** Whole days until every arm has them, at the traffic of lately. */
  days: number | null;
  baseRate: number | null;
  visitorsPerDay: number;
  verdict: 'ok' | 'too_long' | 'no_baseline';
  /** In words: what this plan means, and what would be better. */
  advice: string;
  /** A deeper-than-nothing step that can be decided in time, and its days. */
  proxy: { metric: string; days: number } | null;
}

const planned = (
  baseline: Baseline,
  effect: number,
  arms: number,
  share: number,
): { perArm: number; days: number } | null => {
  const base = baseline.converted / baseline.visitors;
  if (!(base > 0) || base * (1 + effect) >= 1) return null;
  const { perArm } = minimumSample({ base, relativeEffect: effect });
  const perDay = (baseline.visitors / baseline.days) * share;
  return { perArm: Math.ceil(perArm), days: Math.ceil((perArm * arms) / perDay) };
};

/**
 * Whether an experiment can be decided at all, said before it starts.
 * @param baselines of the primary metric (first) and of steps before it, deepest first: the candidates for a proxy
 * @param o.share of visitors that take part, 0…1   @param o.effect relative
 */
export const planExperiment = (
  baselines: readonly [Baseline, ...Baseline[]],
  o: { arms: number; effect: number; share: number },
): Plan => {
  const [primary, ...candidates] = baselines;
  const visitorsPerDay = (primary.visitors / primary.days) * o.share;
  const own = planned(primary, o.effect, o.arms, o.share);
  const proxy =
    candidates
      .flatMap((candidate) => {
        const plan = planned(candidate, o.effect, o.arms, o.share);
        if (!plan || plan.days > LONGEST_DAYS) return [];
        const expected = (candidate.converted / candidate.visitors) * plan.perArm;
        return expected >= PROXY_CONVERSIONS ? [{ metric: candidate.metric, days: plan.days }] : [];
      })
      .at(0) ?? null;
  const instead = proxy ? `; ${proxy.metric} can be decided in ${proxy.days} days` : '';
  if (!own)
    return {
      perArm: null,
      days: null,
      baseRate: null,
      visitorsPerDay,
      verdict: 'no_baseline',
      advice: `${primary.metric} was not seen in the last ${primary.days} days, so nobody can say how long this takes${instead}`,
      proxy,
    };
  const long = own.days > LONGEST_DAYS;
  return {
    ...own,
    baseRate: primary.converted / primary.visitors,
    visitorsPerDay,
    verdict: long ? 'too_long' : 'ok',
    advice: long
      ? `on ${primary.metric} this needs ${own.days.toLocaleString('en')} days: choose a proxy${instead}`
      : `${own.perArm.toLocaleString('en')} visitors an arm, about ${own.days} days`,
    proxy: long ? proxy : null,
  };
};
