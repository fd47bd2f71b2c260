import { murmur3 } from '@lintel/protocol/bucket';
import { seeded } from '../src/random.js';

/** Chance that can be repeated: everything the generator leaves to chance is drawn here. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  /** Integer, both ends included. */
  integer(from: number, to: number): number;
  /** Log-normal around `median`; `sigma` 0.5 is a moderate, 1 a heavy tail. */
  around(median: number, sigma: number): number;
  normal(): number;
  /** One entry, as often as its weight says. */
  pick<T>(entries: readonly (readonly [weight: number, value: T])[]): T;
  poisson(mean: number): number;
  uuid(): string;
}

/** @param name of the stream of numbers; the same name gives the same numbers on every machine */
export const createRandom = (name: string): Random => {
  const next = seeded(murmur3(name));
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const byte = (): number => Math.floor(next() * 256);
  return {
    next,
    normal,
    chance: (probability) => next() < probability,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    around: (median, sigma) => median * Math.exp(sigma * normal()),
    pick(entries) {
      let left = next() * entries.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of entries) if ((left -= weight) < 0) return value;
      return entries.at(-1)![1];
    },
    poisson(mean) {
      // Above 50 the normal approximation is closer than a day's traffic can tell.
      if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = next(); product > limit; product *= next()) count++;
      return count;
    },
    uuid() {
      const bytes = Array.from({ length: 16 }, byte);
      bytes[6] = (bytes[6]! & 0x0f) | 0x40;
      bytes[8] = (bytes[8]! & 0x3f) | 0x80;
      const hex = bytes.map((value) => value.toString(16).padStart(2, '0')).join('');
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
        '-',
      );
    },
  };
};
