import { byName, numbered, type NumberedCredit } from './channel-credits.js';
import { checkNumbers, StatisticsError } from './errors.js';
import type { Credit } from './types.js';

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

/** Journeys that every rule shares alike: seven of ten have one touch, whenever it was. */
interface Pattern {
  way: Uint32Array;
  /** By rule, then by touch. */
  shares: Float64Array[];
}

/** The patterns that occur, and the place of each journey's among them. */
const patternsOf = (
  journeys: readonly Journey[],
  ways: readonly Uint32Array[],
  rules: readonly AttributionRule[],
): { patterns: Pattern[]; places: Uint32Array } => {
  const known = new Map<string, number>();
  const patterns: Pattern[] = [];
  const places = Uint32Array.from(journeys, ({ channels, daysBefore, value }, i) => {
    if (channels.length === 0 || channels.length !== daysBefore.length)
      throw new StatisticsError('BAD_SHAPE', 'a journey needs a day for each of its touches');
    checkNumbers([...daysBefore, value], 'touch');
    const way = ways[i]!;
    const key = way.length === 1 ? String(way[0]) : `${way.join(' ')} ${daysBefore.join(' ')}`;
    const place =
      known.get(key) ??
      patterns.push({
        way,
        shares: rules.map((rule) => Float64Array.from(sharesOf(channels, daysBefore, rule))),
      }) - 1;
    known.set(key, place);
    return place;
  });
  return { patterns, places };
};

/**
 * {@link ruleAttribution} by several rules of the same journeys again and again, each counted `times[i]` times: for a
 * bootstrap.
 * @returns credits in the order of the rules; `worth` is what the journeys are worth this time, their own value unless given
 * @throws {StatisticsError} `BAD_SHAPE`
 */
export const ruleCredits = (
  journeys: readonly Journey[],
  rules: readonly AttributionRule[],
): {
  channels: readonly string[];
  credit: (times: ArrayLike<number>, worth?: ArrayLike<number>) => NumberedCredit[];
} => {
  const { channels, ways } = numbered(journeys.map((journey) => journey.channels));
  const { patterns, places } = patternsOf(journeys, ways, rules);
  const values = Float64Array.from(journeys, ({ value }) => value);
  return {
    channels,
    credit: (times, worth = values) => {
      const counts = new Float64Array(patterns.length);
      const worths = new Float64Array(patterns.length);
      for (let i = 0; i < places.length; i++) {
        const n = times[i]!;
        if (n === 0) continue;
        counts[places[i]!]! += n;
        worths[places[i]!]! += n * worth[i]!;
      }
      const credits = rules.map(() => ({
        conversions: new Float64Array(channels.length),
        value: new Float64Array(channels.length),
      }));
      for (let at = 0; at < patterns.length; at++) {
        if (counts[at] === 0) continue;
        const { way, shares } = patterns[at]!;
        for (let rule = 0; rule < rules.length; rule++) {
          const { conversions, value } = credits[rule]!;
          const own = shares[rule]!;
          for (let touch = 0; touch < way.length; touch++) {
            conversions[way[touch]!]! += counts[at]! * own[touch]!;
            value[way[touch]!]! += worths[at]! * own[touch]!;
          }
        }
      }
      return credits;
    },
  };
};

/**
 * Credit by a rule: last non-direct, first, equal, halved every 7 days before the conversion, or 40/20/40.
 * @throws {StatisticsError} `BAD_SHAPE`
 * Source: Kaushik (2013), "Multi-channel attribution modeling"
 */
export const ruleAttribution = (journeys: readonly Journey[], rule: AttributionRule): Credit => {
  const { channels, credit } = ruleCredits(journeys, [rule]);
  const [own] = credit(new Uint8Array(journeys.length).fill(1));
  return { conversions: byName(channels, own!.conversions), value: byName(channels, own!.value) };
};
