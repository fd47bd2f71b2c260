import { LuDecomposition, Matrix } from 'ml-matrix';
import { checkNumbers, StatisticsError } from './errors.js';
import type { Credit } from './types.js';

/** A way to the shop and how often it ended in a conversion, how often in nothing. */
export interface ChannelPath {
  path: readonly string[];
  conversions: number;
  nulls: number;
  /** of all its conversions together */
  value?: number | undefined;
}

/** What came of each path, in the order of the paths: as counted, or as one resample has it. */
export interface PathOutcomes {
  conversions: ArrayLike<number>;
  nulls: ArrayLike<number>;
  /** of all its conversions together */
  values: ArrayLike<number>;
}

const checkPaths = (paths: readonly ChannelPath[]): void => {
  for (const { path, conversions, nulls, value = 0 } of paths) {
    if (path.length === 0) throw new StatisticsError('BAD_SHAPE', 'a path needs at least one channel');
    checkNumbers([conversions, nulls, value], 'path');
    if (conversions < 0 || nulls < 0)
      throw new StatisticsError('BAD_COUNTS', 'conversions and nulls must not be negative');
  }
};

const outcomesOf = (paths: readonly ChannelPath[]): PathOutcomes => ({
  conversions: paths.map(({ conversions }) => conversions),
  nulls: paths.map(({ nulls }) => nulls),
  values: paths.map(({ value = 0 }) => value),
});

/** Channels by number, so that a bootstrap looks up no name: `ways[i]` is what the i-th path goes through. */
const numbered = (
  paths: readonly { path: readonly string[] }[],
): { channels: string[]; ways: Uint32Array[] } => {
  const numbers = new Map<string, number>();
  const ways = paths.map(({ path }) =>
    Uint32Array.from(path, (channel) => {
      const known = numbers.get(channel);
      if (known !== undefined) return known;
      numbers.set(channel, numbers.size);
      return numbers.size - 1;
    }),
  );
  return { channels: [...numbers.keys()], ways };
};

const record = (channels: readonly string[], of: (index: number) => number): Record<string, number> =>
  Object.fromEntries(channels.map((channel, index) => [channel, of(index)]));

const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};

/** Transition shares between channels, from the start and into conversion. */
const chainOf = (ways: readonly Uint32Array[], k: number, { conversions, nulls }: PathOutcomes) => {
  const move = Array.from({ length: k }, () => new Float64Array(k));
  const win = new Float64Array(k);
  const leaving = new Float64Array(k);
  const start = new Float64Array(k);
  let all = 0;
  for (let i = 0; i < ways.length; i++) {
    const way = ways[i]!;
    const weight = conversions[i]! + nulls[i]!;
    if (weight === 0) continue;
    all += weight;
    start[way[0]!]! += weight;
    const last = way.length - 1;
    for (let at = 0; at < last; at++) move[way[at]!]![way[at + 1]!]! += weight;
    for (let at = 0; at <= last; at++) leaving[way[at]!]! += weight;
    win[way[last]!]! += conversions[i]!;
  }
  const share = (of: number, whole: number): number => (whole > 0 ? of / whole : 0);
  return {
    start: start.map((n) => share(n, all)),
    win: win.map((n, i) => share(n, leaving[i]!)),
    move: move.map((row, i) => row.map((n) => share(n, leaving[i]!))),
  };
};

export type MarkovCredit = Credit & { baseRate: number; removal: Record<string, number> };

/**
 * {@link markovAttribution} of the same paths again and again, with other outcomes each time: for a bootstrap.
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 */
export const markovCredits = (paths: readonly ChannelPath[]): ((outcomes: PathOutcomes) => MarkovCredit) => {
  checkPaths(paths);
  const { channels, ways } = numbered(paths);
  const numbers = channels.map((_, i) => i);
  return (outcomes) => {
    const { start, win, move } = chainOf(ways, channels.length, outcomes);
    /** P(conversion) from the start when `removed` swallows whoever reaches it. */
    const rateWithout = (removed: number): number => {
      const kept = numbers.filter((i) => i !== removed);
      if (kept.length === 0) return 0;
      const matrix = new Matrix(kept.map((i) => kept.map((j) => (i === j ? 1 : 0) - move[i]![j]!)));
      const reach = new LuDecomposition(matrix).solve(Matrix.columnVector(kept.map((i) => win[i]!)));
      return kept.reduce((rate, i, row) => rate + start[i]! * reach.get(row, 0), 0);
    };
    const baseRate = rateWithout(-1);
    const effects = numbers.map((i) =>
      baseRate > 0 ? Math.min(1, Math.max(0, 1 - rateWithout(i) / baseRate)) : 0,
    );
    const total = sum(effects);
    const conversions = sum(outcomes.conversions);
    const value = sum(outcomes.values);
    const share = (i: number): number => (total > 0 ? effects[i]! / total : 0);
    return {
      conversions: record(channels, (i) => conversions * share(i)),
      value: record(channels, (i) => value * share(i)),
      baseRate,
      removal: record(channels, (i) => effects[i]!),
    };
  };
};

/**
 * Credit by what would be lost without a channel: a Markov chain of order 1 over the channels, solved exactly.
 * A removed channel leads to nothing.
 * @returns conversions and value, summing to what came in; `baseRate` = P(conversion); `removal` = share of the base
 *          rate lost without the channel
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 * Source: Anderl, Becker, von Wangenheim & Schumann (2016), doi:10.1016/j.ijresmar.2016.03.001
 */
export const markovAttribution = (paths: readonly ChannelPath[]): MarkovCredit =>
  markovCredits(paths)(outcomesOf(paths));

/**
 * {@link shapleyAttribution} of the same paths again and again, with other outcomes each time: for a bootstrap.
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 */
export const shapleyCredits = (paths: readonly ChannelPath[]): ((outcomes: PathOutcomes) => Credit) => {
  checkPaths(paths);
  const { channels, ways } = numbered(paths);
  const sets = ways.map((way) => Uint32Array.from(new Set(way)));
  return ({ conversions, values }) => {
    const won = new Float64Array(channels.length);
    const worth = new Float64Array(channels.length);
    for (let i = 0; i < sets.length; i++) {
      const set = sets[i]!;
      for (const channel of set) {
        won[channel]! += conversions[i]! / set.length;
        worth[channel]! += values[i]! / set.length;
      }
    }
    return { conversions: record(channels, (i) => won[i]!), value: record(channels, (i) => worth[i]!) };
  };
};

/**
 * Credit by Shapley's value of the game v(S) = conversions of the paths that lie inside S. In this game it is exact
 * and simple: each path is shared equally by its distinct channels.
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 * Source: Zhao, Mahboobi & Bagheri (2018), arXiv:1804.05327
 */
export const shapleyAttribution = (paths: readonly ChannelPath[]): Credit =>
  shapleyCredits(paths)(outcomesOf(paths));

export type AttributionRule = 'last' | 'first' | 'linear' | 'decay' | 'position';

const DIRECT = 'direct';
const HALF_LIFE_DAYS = 7;

/** Shares of one journey's touches, oldest first; they add up to 1. */
const sharesOf = (
  channels: readonly string[],
  daysBefore: readonly number[],
  rule: AttributionRule,
): number[] => {
  const n = channels.length;
  const only = (at: number): number[] => channels.map((_, i) => (i === at ? 1 : 0));
  if (rule === 'first') return only(0);
  if (rule === 'last') {
    const known = channels.findLastIndex((channel) => channel !== DIRECT);
    return only(known >= 0 ? known : n - 1);
  }
  if (rule === 'linear') return channels.map(() => 1 / n);
  if (rule === 'decay') {
    // relative to the newest touch: a journey of years must not underflow to nothing
    const newest = Math.min(...daysBefore);
    const weights = daysBefore.map((days) => 2 ** ((newest - days) / HALF_LIFE_DAYS));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  }
  if (n <= 2) return channels.map(() => 1 / n);
  return channels.map((_, i) => (i === 0 || i === n - 1 ? 0.4 : 0.2 / (n - 2)));
};

/** One conversion and what led to it, oldest first. */
export interface Journey {
  channels: readonly string[];
  daysBefore: readonly number[];
  value: number;
}

/**
 * {@link ruleAttribution} of the same journeys again and again, each counted `times[i]` times: for a bootstrap.
 * @throws {StatisticsError} `BAD_SHAPE`
 */
export const ruleCredits = (
  journeys: readonly Journey[],
  rule: AttributionRule,
): ((times: ArrayLike<number>) => Credit) => {
  const { channels, ways } = numbered(journeys.map((journey) => ({ path: journey.channels })));
  const shares = journeys.map(({ channels: path, daysBefore, value }) => {
    if (path.length === 0 || path.length !== daysBefore.length)
      throw new StatisticsError('BAD_SHAPE', 'a journey needs a day for each of its touches');
    checkNumbers([...daysBefore, value], 'touch');
    return Float64Array.from(sharesOf(path, daysBefore, rule));
  });
  return (times) => {
    const won = new Float64Array(channels.length);
    const worth = new Float64Array(channels.length);
    for (let i = 0; i < ways.length; i++) {
      const n = times[i]!;
      if (n === 0) continue;
      const [way, share, value] = [ways[i]!, shares[i]!, journeys[i]!.value];
      for (let at = 0; at < way.length; at++) {
        won[way[at]!]! += n * share[at]!;
        worth[way[at]!]! += n * share[at]! * value;
      }
    }
    return { conversions: record(channels, (i) => won[i]!), value: record(channels, (i) => worth[i]!) };
  };
};

/**
 * Credit by a rule: last non-direct, first, equal, halved every 7 days before the conversion, or 40/20/40.
 * @throws {StatisticsError} `BAD_SHAPE`
 * Source: Kaushik (2013), "Multi-channel attribution modeling"
 */
export const ruleAttribution = (journeys: readonly Journey[], rule: AttributionRule): Credit =>
  ruleCredits(journeys, rule)(journeys.map(() => 1));
