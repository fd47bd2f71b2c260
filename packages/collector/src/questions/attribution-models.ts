import {
  markovCredits,
  outcomesOf,
  ruleCredits,
  shapleyCredits,
  type AttributionRule,
  type ChannelPath,
  type Journey,
  type NumberedCredit,
  type PathOutcomes,
  type Random,
} from '../statistics/index.js';
import type { ConversionWorths } from './conversion-worth.js';

export const RESAMPLES = 500;
/** Different paths from which on there are fewer: as many times as that is worked through within half a second. */
export const MOST_PATHS = 3000;
const RULES: readonly AttributionRule[] = ['last', 'first', 'linear', 'decay', 'position'];
export const MODELS = ['markov', 'shapley', ...RULES] as const;

/** The channels of a way and what came of it. */
export interface PathRow {
  path: string[];
  conversions: number;
  nulls: number;
}

/** Poisson(n) stands for a bootstrap resample of n equal rows; above 50 its normal form is as good. */
const resampled = (random: Random, n: number): number =>
  n > 50 ? Math.max(0, Math.round(n + Math.sqrt(n) * random.normal())) : random.poisson(n);

/** Outcomes of resamples of the paths, one after the other, of which each conversion is worth what is passed. */
const pathResamples = (
  paths: readonly ChannelPath[],
  random: Random,
): ((values: ArrayLike<number>) => PathOutcomes) => {
  const { conversions, nulls } = outcomesOf(paths);
  const drawn = {
    conversions: new Float64Array(paths.length),
    nulls: new Float64Array(paths.length),
    values: new Float64Array(paths.length),
  };
  return (values) => {
    for (let i = 0; i < paths.length; i++) {
      const n = conversions[i]!;
      const times = resampled(random, n);
      drawn.conversions[i] = times;
      drawn.values[i] = n > 0 ? (values[i]! * times) / n : 0;
    }
    for (let i = 0; i < paths.length; i++) drawn.nulls[i] = resampled(random, nulls[i]!);
    return drawn;
  };
};

/** Adds up what the journeys are worth by the path that each of them took. */
const sumsByPath = (
  paths: readonly PathRow[],
  touches: readonly Journey[],
): ((worth: ArrayLike<number>) => Float64Array) => {
  const places = new Map(paths.map(({ path }, i) => [JSON.stringify(path), i]));
  const placeOf = touches.map(({ channels }) => places.get(JSON.stringify(channels)) ?? -1);
  return (worth) => {
    const sums = new Float64Array(paths.length);
    placeOf.forEach((place, i) => {
      if (place >= 0) sums[place]! += worth[i]!;
    });
    return sums;
  };
};

/** How often each of n journeys is drawn when n are drawn with replacement. */
const resampleTimes = (n: number, random: Random): Uint32Array => {
  const times = new Uint32Array(n);
  for (let i = 0; i < n; i++) times[random.below(n)]! += 1;
  return times;
};

/** Draws of each channel's credit, one after the other. */
interface Draws {
  conversions: Float64Array[];
  value: Float64Array[];
}
export interface Model {
  channels: readonly string[];
  credit: NumberedCredit;
  draws: Draws;
}

const modelOf = (channels: readonly string[], credit: NumberedCredit, repeats: number): Model => {
  const empty = (): Float64Array[] => channels.map(() => new Float64Array(repeats));
  return { channels, credit, draws: { conversions: empty(), value: empty() } };
};

const keep = ({ draws }: Model, repeat: number, { conversions, value }: NumberedCredit): void => {
  for (let i = 0; i < conversions.length; i++) {
    draws.conversions[i]![repeat] = conversions[i]!;
    draws.value[i]![repeat] = value[i]!;
  }
};

/**
 * All models of the same journeys, with what they say of resamples of them.
 * @param worths what the journeys bring, in their order
 */
export const modelsOf = (
  rows: readonly PathRow[],
  touches: readonly Journey[],
  worths: ConversionWorths,
  random: Random,
): Record<string, Model> => {
  const repeats = Math.max(
    100,
    Math.min(RESAMPLES, Math.floor((RESAMPLES * MOST_PATHS) / Math.max(1, rows.length))),
  );
  const sumsOf = sumsByPath(rows, touches);
  const expected = sumsOf(worths.expected);
  const paths = rows.map((row, i) => ({ ...row, value: expected[i]! }));
  const markov = markovCredits(paths);
  const shapley = shapleyCredits(paths);
  const rules = ruleCredits(touches, RULES);
  const counted = outcomesOf(paths);
  const byRule = rules.credit(new Uint8Array(touches.length).fill(1), worths.expected);
  const models = {
    markov: modelOf(markov.channels, markov.credit(counted), repeats),
    shapley: modelOf(shapley.channels, shapley.credit(counted), repeats),
  };
  const ruled = byRule.map((credit) => modelOf(rules.channels, credit, repeats));
  const resample = pathResamples(paths, random);
  const worth = new Float64Array(touches.length);
  for (let repeat = 0; repeat < repeats; repeat++) {
    worths.draw(random, worth);
    const outcomes = resample(sumsOf(worth));
    const times = resampleTimes(touches.length, random);
    keep(models.markov, repeat, markov.credit(outcomes));
    keep(models.shapley, repeat, shapley.credit(outcomes));
    rules.credit(times, worth).forEach((credit, i) => keep(ruled[i]!, repeat, credit));
  }
  return { ...models, ...Object.fromEntries(RULES.map((rule, i) => [rule, ruled[i]!])) };
};
