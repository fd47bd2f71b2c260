import { confidenceSequence, minimumSample } from '../statistics/index.js';
import type { EngineName } from './read-out/index.js';

/** A plan that runs longer needs an owner's word: seasons and price lists change under it. */
export const LONGEST_DAYS = 180;
/** A proxy must be seen this often in each arm within the longest plan. */
const PROXY_CONVERSIONS = 100;
const ALPHA = 0.05;
const POWER = 0.8;
/** Φ⁻¹ of .975 and .8 */
const Z_TWO_SIDED = 1.959964;
const Z_POWER = 0.841621;

/**
 * How many times the visitors of a fixed test an engine needs for the same power. A confidence sequence is wider by what
 * it pays for being watched; five O'Brien–Fleming looks cost 3 %, which the rounding of days covers.
 */
const inflationOf = (engine: EngineName): number => {
  if (engine !== 'confidence-sequence') return 1;
  const n = 1000;
  const arm = { n: n / 2, sum: n / 4, squares: n / 4 };
  const { value, hi, se } = confidenceSequence({
    kind: 'mean',
    a: arm,
    b: arm,
    scale: 'absolute',
    plannedN: n,
    alpha: ALPHA,
  });
  return (((hi - value) / se + Z_POWER) / (Z_TWO_SIDED + Z_POWER)) ** 2;
};

/** How a metric behaved lately. */
export interface Baseline {
  metric: string;
  /** Visitors who could have been exposed, and those who converted. */
  visitors: number;
  converted: number;
  /** Length of the time it was measured in. */
  days: number;
  /** False: it is no step of a way, so that nobody knows how many come to it before they are asked for. */
  counted?: boolean;
}

export interface Plan {
  /** Visitors an arm needs; null when the metric has never been seen. */
  perArm: number | null;
  /** Whole days until every arm has them, at the traffic of lately; their outcomes take `horizonDays` more. */
  days: number | null;
  baseRate: number | null;
  visitorsPerDay: number;
  verdict: 'ok' | 'too_long' | 'no_baseline';
  /** In words: what this plan means, and what would be better. */
  advice: string;
  /** A deeper-than-nothing step that can be decided in time, and its days. */
  proxy: { metric: string; days: number } | null;
}

interface Wish {
  arms: number;
  /** Relative. */
  effect: number;
  /** Of visitors that take part, 0…1. */
  share: number;
  /** Of those that take part, in the smallest arm; equal arms unless given. */
  smallest?: number;
  horizonDays?: number;
  engine?: EngineName;
}

const planned = (baseline: Baseline, o: Wish): { perArm: number; days: number } | null => {
  const base = baseline.converted / baseline.visitors;
  if (!(base > 0) || base * (1 + o.effect) >= 1) return null;
  // several challengers share α, so each needs more visitors
  const { perArm } = minimumSample({
    base,
    relativeEffect: o.effect,
    alpha: ALPHA / Math.max(1, o.arms - 1),
    power: POWER,
  });
  const needed = Math.ceil(perArm * inflationOf(o.engine ?? 'group-sequential'));
  const perDay = (baseline.visitors / baseline.days) * o.share * (o.smallest ?? 1 / o.arms);
  return { perArm: needed, days: Math.ceil(needed / perDay) };
};

/** Why there is no plan for a metric. */
const lackOf = ({ metric, visitors, converted, days, counted = true }: Baseline, effect: number): string => {
  if (!counted) return `how many come to ${metric} is counted from the start on only`;
  if (converted === 0) return `${metric} was not seen in the last ${days} days`;
  const [share, rise] = [converted / visitors, effect].map((part) => Math.round(100 * part));
  return `${share} % come to ${metric} already, which cannot be ${rise} % more`;
};

const WATCHED =
  'watched daily, rare differences are found late or not at all: 23 of 100 where five looks find 69';

/**
 * Whether an experiment can be decided at all, said before it starts.
 * @param baselines of the primary metric (first) and of steps before it, deepest first: the candidates for a proxy
 */
export const planExperiment = (baselines: readonly [Baseline, ...Baseline[]], o: Wish): Plan => {
  const [primary, ...candidates] = baselines;
  const horizonDays = o.horizonDays ?? 0;
  const visitorsPerDay = (primary.visitors / primary.days) * o.share;
  const own = planned(primary, o);
  const proxy =
    candidates
      .flatMap((candidate) => {
        const plan = planned(candidate, o);
        if (!plan || plan.days + horizonDays > LONGEST_DAYS) return [];
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
      advice: `${lackOf(primary, o.effect)}, so nobody can say how long this takes${instead}`,
      proxy,
    };
  const long = own.days + horizonDays > LONGEST_DAYS;
  const waiting = horizonDays > 0 ? ` and ${horizonDays} more for the last outcomes` : '';
  return {
    ...own,
    baseRate: primary.converted / primary.visitors,
    visitorsPerDay,
    verdict: long ? 'too_long' : 'ok',
    advice: long
      ? `on ${primary.metric} this needs ${own.days.toLocaleString('en')} days: choose a proxy${instead}`
      : `${own.perArm.toLocaleString('en')} visitors an arm, about ${own.days} days${waiting}${o.engine === 'e-process' ? `; ${WATCHED}` : ''}`,
    proxy: long ? proxy : null,
  };
};
