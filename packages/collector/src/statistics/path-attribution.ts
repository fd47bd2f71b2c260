import { byName, numbered, type Crediting, type NumberedCredit } from './channel-credits.js';
import { checkNumbers, StatisticsError } from './errors.js';
import { invertInPlace } from './inverse.js';
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

/** The outcomes that were counted. */
export const outcomesOf = (paths: readonly ChannelPath[]): PathOutcomes => ({
  conversions: paths.map(({ conversions }) => conversions),
  nulls: paths.map(({ nulls }) => nulls),
  values: paths.map(({ value = 0 }) => value),
});

const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};

/** Transition shares from channel to channel (row after row), from the start and into conversion. */
const chainOf = (ways: readonly Uint32Array[], k: number, { conversions, nulls }: PathOutcomes) => {
  const move = new Float64Array(k * k);
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
    for (let at = 0; at < last; at++) move[way[at]! * k + way[at + 1]!]! += weight;
    for (let at = 0; at <= last; at++) leaving[way[at]!]! += weight;
    win[way[last]!]! += conversions[i]!;
  }
  for (let i = 0; i < k; i++) {
    if (all > 0) start[i]! /= all;
    if (!(leaving[i]! > 0)) continue;
    win[i]! /= leaving[i]!;
    for (let j = 0; j < k; j++) move[i * k + j]! /= leaving[i]!;
  }
  return { start, win, move };
};

/** (1 − M)⁻¹: how often a chain comes by a channel before it ends. No row of M adds up to more than 1. */
const visitsOf = (move: Float64Array, k: number): Float64Array =>
  invertInPlace(
    move.map((share, at) => (at % (k + 1) === 0 ? 1 - share : -share)),
    k,
  );

type NumberedMarkovCredit = NumberedCredit & { baseRate: number; removal: Float64Array };

/**
 * {@link markovAttribution} of the same paths again and again, with other outcomes each time: for a bootstrap.
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 */
export const markovCredits = (
  paths: readonly ChannelPath[],
): Crediting<PathOutcomes, NumberedMarkovCredit> => {
  checkPaths(paths);
  const { channels, ways } = numbered(paths.map(({ path }) => path));
  const k = channels.length;
  return {
    channels,
    credit: (outcomes) => {
      const { start, win, move } = chainOf(ways, k, outcomes);
      const visits = visitsOf(move, k);
      let baseRate = 0;
      const removal = new Float64Array(k);
      for (let i = 0; i < k; i++) {
        let reached = 0;
        let converts = 0;
        for (let j = 0; j < k; j++) {
          reached += start[j]! * visits[j * k + i]!;
          converts += visits[i * k + j]! * win[j]!;
        }
        baseRate += start[i]! * converts;
        // without the channel those are lost who come by it at least once and would convert from there
        removal[i] = (reached / visits[i * k + i]!) * converts;
      }
      for (let i = 0; i < k; i++)
        removal[i] = baseRate > 0 ? Math.min(1, Math.max(0, removal[i]! / baseRate)) : 0;
      const total = sum(removal);
      const shareOf = (all: number) => (effect: number) => (total > 0 ? (all * effect) / total : 0);
      return {
        conversions: removal.map(shareOf(sum(outcomes.conversions))),
        value: removal.map(shareOf(sum(outcomes.values))),
        baseRate,
        removal,
      };
    },
  };
};

export type MarkovCredit = Credit & { baseRate: number; removal: Record<string, number> };

/**
 * Credit by what would be lost without a channel: a Markov chain of order 1 over the channels, solved exactly.
 * A removed channel leads to nothing.
 * @returns conversions and value, summing to what came in; `baseRate` = P(conversion); `removal` = share of the base
 *          rate lost without the channel
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 * Source: Anderl, Becker, von Wangenheim & Schumann (2016), doi:10.1016/j.ijresmar.2016.03.001; Kemeny & Snell (1960),
 * Finite Markov Chains, for the chance to come by a channel
 */
export const markovAttribution = (paths: readonly ChannelPath[]): MarkovCredit => {
  const { channels, credit } = markovCredits(paths);
  const { conversions, value, baseRate, removal } = credit(outcomesOf(paths));
  return {
    conversions: byName(channels, conversions),
    value: byName(channels, value),
    baseRate,
    removal: byName(channels, removal),
  };
};

/**
 * {@link shapleyAttribution} of the same paths again and again, with other outcomes each time: for a bootstrap.
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 */
export const shapleyCredits = (paths: readonly ChannelPath[]): Crediting<PathOutcomes, NumberedCredit> => {
  checkPaths(paths);
  const { channels, ways } = numbered(paths.map(({ path }) => path));
  const sets = ways.map((way) => Uint32Array.from(new Set(way)));
  return {
    channels,
    credit: ({ conversions, values }) => {
      const won = new Float64Array(channels.length);
      const worth = new Float64Array(channels.length);
      for (let i = 0; i < sets.length; i++) {
        const set = sets[i]!;
        for (let at = 0; at < set.length; at++) {
          won[set[at]!]! += conversions[i]! / set.length;
          worth[set[at]!]! += values[i]! / set.length;
        }
      }
      return { conversions: won, value: worth };
    },
  };
};

/**
 * Credit by Shapley's value of the game v(S) = conversions of the paths that lie inside S. In this game it is exact
 * and simple: each path is shared equally by its distinct channels.
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 * Source: Zhao, Mahboobi & Bagheri (2018), arXiv:1804.05327
 */
export const shapleyAttribution = (paths: readonly ChannelPath[]): Credit => {
  const { channels, credit } = shapleyCredits(paths);
  const { conversions, value } = credit(outcomesOf(paths));
  return { conversions: byName(channels, conversions), value: byName(channels, value) };
};
