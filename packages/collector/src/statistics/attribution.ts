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

const checkPaths = (paths: readonly ChannelPath[]): void => {
  for (const { path, conversions, nulls, value = 0 } of paths) {
    if (path.length === 0) throw new StatisticsError('BAD_SHAPE', 'a path needs at least one channel');
    checkNumbers([conversions, nulls, value], 'path');
    if (conversions < 0 || nulls < 0)
      throw new StatisticsError('BAD_COUNTS', 'conversions and nulls must not be negative');
  }
};

const channelsOf = (paths: readonly { path: readonly string[] }[]): string[] => [
  ...new Set(paths.flatMap(({ path }) => path)),
];

const record = (channels: readonly string[], of: (channel: string, index: number) => number) =>
  Object.fromEntries(channels.map((channel, index) => [channel, of(channel, index)]));

/** Transition shares between channels, into the start and into conversion. */
const chainOf = (paths: readonly ChannelPath[], channels: readonly string[]) => {
  const index = new Map(channels.map((channel, i) => [channel, i]));
  const k = channels.length;
  const moves = Array.from({ length: k }, () => new Float64Array(k));
  const wins = new Float64Array(k);
  const leaving = new Float64Array(k);
  const starts = new Float64Array(k);
  let all = 0;
  for (const { path, conversions, nulls } of paths) {
    const weight = conversions + nulls;
    all += weight;
    path.forEach((channel, at) => {
      const from = index.get(channel)!;
      if (at === 0) starts[from]! += weight;
      leaving[from]! += weight;
      const next = path[at + 1];
      if (next === undefined) wins[from]! += conversions;
      else moves[from]![index.get(next)!]! += weight;
    });
  }
  const share = (of: number, whole: number): number => (whole > 0 ? of / whole : 0);
  return {
    start: [...starts].map((n) => share(n, all)),
    win: [...wins].map((n, i) => share(n, leaving[i]!)),
    move: moves.map((row, i) => [...row].map((n) => share(n, leaving[i]!))),
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
export const markovAttribution = (
  paths: readonly ChannelPath[],
): Credit & { baseRate: number; removal: Record<string, number> } => {
  checkPaths(paths);
  const channels = channelsOf(paths);
  const { start, win, move } = chainOf(paths, channels);
  /** P(conversion) from the start when `removed` swallows whoever reaches it. */
  const rateWithout = (removed: number): number => {
    const kept = channels.map((_, i) => i).filter((i) => i !== removed);
    if (kept.length === 0) return 0;
    const matrix = new Matrix(kept.map((i) => kept.map((j) => (i === j ? 1 : 0) - move[i]![j]!)));
    const reach = new LuDecomposition(matrix).solve(Matrix.columnVector(kept.map((i) => win[i]!)));
    return kept.reduce((sum, i, row) => sum + start[i]! * reach.get(row, 0), 0);
  };
  const baseRate = rateWithout(-1);
  const effects = channels.map((_, i) =>
    baseRate > 0 ? Math.min(1, Math.max(0, 1 - rateWithout(i) / baseRate)) : 0,
  );
  const total = effects.reduce((sum, effect) => sum + effect, 0);
  const conversions = paths.reduce((sum, path) => sum + path.conversions, 0);
  const value = paths.reduce((sum, path) => sum + (path.value ?? 0), 0);
  const share = (i: number): number => (total > 0 ? effects[i]! / total : 0);
  return {
    conversions: record(channels, (_, i) => conversions * share(i)),
    value: record(channels, (_, i) => value * share(i)),
    baseRate,
    removal: record(channels, (_, i) => effects[i]!),
  };
};

/**
 * Credit by Shapley's value of the game v(S) = conversions of the paths that lie inside S. In this game it is exact
 * and simple: each path is shared equally by its distinct channels.
 * @throws {StatisticsError} `BAD_SHAPE`, `BAD_COUNTS`
 * Source: Zhao, Mahboobi & Bagheri (2018), arXiv:1804.05327
 */
export const shapleyAttribution = (paths: readonly ChannelPath[]): Credit => {
  checkPaths(paths);
  const channels = channelsOf(paths);
  const credit: Credit = { conversions: record(channels, () => 0), value: record(channels, () => 0) };
  for (const { path, conversions, value = 0 } of paths) {
    const distinct = new Set(path);
    for (const channel of distinct) {
      credit.conversions[channel]! += conversions / distinct.size;
      credit.value[channel]! += value / distinct.size;
    }
  }
  return credit;
};

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

/**
 * Credit by a rule: last non-direct, first, equal, halved every 7 days before the conversion, or 40/20/40.
 * @param touches one entry per conversion, touches oldest first
 * @throws {StatisticsError} `BAD_SHAPE`
 * Source: Kaushik (2013), "Multi-channel attribution modeling"
 */
export const ruleAttribution = (
  touches: readonly { channels: readonly string[]; daysBefore: readonly number[]; value: number }[],
  rule: AttributionRule,
): Credit => {
  const channels = channelsOf(touches.map((touch) => ({ path: touch.channels })));
  const credit: Credit = { conversions: record(channels, () => 0), value: record(channels, () => 0) };
  for (const { channels: path, daysBefore, value } of touches) {
    if (path.length === 0 || path.length !== daysBefore.length)
      throw new StatisticsError('BAD_SHAPE', 'a journey needs a day for each of its touches');
    checkNumbers([...daysBefore, value], 'touch');
    sharesOf(path, daysBefore, rule).forEach((share, i) => {
      credit.conversions[path[i]!]! += share;
      credit.value[path[i]!]! += share * value;
    });
  }
  return credit;
};
