/** Buckets of an experiment: a share is counted in basis points. */
export const BUCKETS = 10_000;

const encoder = new TextEncoder();

/**
 * MurmurHash3 x86 32-bit, seed 0, over the UTF-8 bytes of `text`.
 * @returns unsigned 32-bit integer
 * Source: Austin Appleby, MurmurHash3.cpp (public domain); vectors in `test/bucket.test.ts`
 */
export const murmur3 = (text: string): number => {
  const bytes = encoder.encode(text);
  let h = 0;
  for (let i = 0; i < bytes.length; i += 4) {
    // beyond the end there is nothing, which counts as 0
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    k = Math.imul(k, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    if (i + 4 > bytes.length) break;
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** Bucket 0…9,999 of a text. */
export const bucket = (text: string): number => murmur3(text) % BUCKETS;

/** One arm and its share of the enrolled traffic, in basis points; the shares of an experiment sum to 10,000. */
export interface Arm {
  name: string;
  weight: number;
}

/**
 * Arm of a unit, or null when it is not enrolled. Two hashes, so raising `traffic` moves nobody between arms.
 * @param salt of this version of the experiment   @param unit visitor id or the site's own id
 * @param traffic basis points of units that take part
 */
export const assign = (salt: string, unit: string, traffic: number, arms: readonly Arm[]): string | null => {
  if (bucket(`${salt}:in:${unit}`) >= traffic) return null;
  const at = bucket(`${salt}:arm:${unit}`);
  let sum = 0;
  for (const arm of arms) if (at < (sum += arm.weight)) return arm.name;
  return null;
};
