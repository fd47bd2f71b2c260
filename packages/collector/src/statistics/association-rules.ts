import { checkEnough, StatisticsError } from './errors.js';

export interface AssociationRule {
  from: string[];
  to: string;
  n: number;
  support: number;
  confidence: number;
  lift: number;
}

const popCount = (word: number): number => {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
};

/** One bit a basket: an intersection of 10,000 baskets is 313 words. */
const bitsOf = (baskets: readonly (readonly string[])[]): Map<string, Uint32Array> => {
  const words = Math.ceil(baskets.length / 32);
  const bits = new Map<string, Uint32Array>();
  for (const [i, basket] of baskets.entries()) {
    for (const item of basket) {
      let own = bits.get(item);
      if (!own) bits.set(item, (own = new Uint32Array(words)));
      own[i >>> 5]! |= 1 << (i & 31);
    }
  }
  return bits;
};

const countOf = (bits: Uint32Array): number => {
  let count = 0;
  for (const word of bits) count += popCount(word);
  return count;
};

const keyOf = (items: readonly number[]): string => items.join(',');

/**
 * What is chosen together: rules "who has all of `from` also has `to`", from the frequent sets of items.
 * @param minSupport least share of baskets that hold the whole rule, 0…1   @param minConfidence least n(from, to) / n(from)
 * @returns by falling confidence, then falling n; items of `from` in alphabetical order
 * @throws {StatisticsError} `TOO_FEW` without a basket; `BAD_RANGE`
 * Source: Agrawal & Srikant (1994); found depth first as Zaki (2000), doi:10.1109/69.846291
 */
export const associationRules = (
  baskets: readonly (readonly string[])[],
  { minSupport, minConfidence }: { minSupport: number; minConfidence: number },
): AssociationRule[] => {
  checkEnough(baskets.length, 1, 'baskets');
  for (const [name, share] of Object.entries({ minSupport, minConfidence })) {
    if (!(share > 0 && share <= 1))
      throw new StatisticsError('BAD_RANGE', `${name} must lie in 0…1, got ${share}`);
  }
  const total = baskets.length;
  const least = Math.max(1, Math.ceil(minSupport * total - 1e-9));
  const all = bitsOf(baskets);
  const names = [...all.keys()].sort();
  const counts = new Map<string, number>();
  const frequent: { id: number; bits: Uint32Array }[] = [];
  for (const [id, name] of names.entries()) {
    const bits = all.get(name)!;
    const n = countOf(bits);
    if (n < least) continue;
    counts.set(keyOf([id]), n);
    frequent.push({ id, bits });
  }
  const sets: { items: number[]; n: number }[] = [];
  const grow = (items: number[], tail: typeof frequent): void => {
    for (const [i, { id, bits }] of tail.entries()) {
      const grown = [...items, id];
      const next: typeof frequent = [];
      for (const other of tail.slice(i + 1)) {
        const common = new Uint32Array(bits.length);
        let n = 0;
        for (let w = 0; w < bits.length; w++) {
          const word = bits[w]! & other.bits[w]!;
          common[w] = word;
          if (word !== 0) n += popCount(word);
        }
        if (n < least) continue;
        const set = [...grown, other.id];
        counts.set(keyOf(set), n);
        sets.push({ items: set, n });
        next.push({ id: other.id, bits: common });
      }
      if (next.length > 0) grow(grown, next);
    }
  };
  grow([], frequent);
  const rules = sets.flatMap(({ items, n }) =>
    items.flatMap((to) => {
      const from = items.filter((item) => item !== to);
      const confidence = n / counts.get(keyOf(from))!;
      if (confidence < minConfidence - 1e-12) return [];
      return [
        {
          from: from.map((item) => names[item]!),
          to: names[to]!,
          n,
          support: n / total,
          confidence,
          lift: (confidence * total) / counts.get(keyOf([to]))!,
        },
      ];
    }),
  );
  return rules.sort((p, q) => q.confidence - p.confidence || q.n - p.n);
};
