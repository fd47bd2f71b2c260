import { normalFrom } from './ziggurat.js';

/** Draws from a seeded stream; the same seed gives the same draws on every machine. */
export interface Random {
  /** in (0, 1) */
  uniform: () => number;
  /** in 0 … n − 1 */
  below: (n: number) => number;
  normal: () => number;
  /** shape > 0, rate 1 */
  gamma: (shape: number) => number;
  beta: (a: number, b: number) => number;
  poisson: (mean: number) => number;
  /** variance mean + mean² / size; Poisson when size is Infinity */
  negativeBinomial: (mean: number, size: number) => number;
}

/**
 * @param seed 32-bit integer
 * Source: sfc32 of PractRand (Doty-Humphrey 2010), seeded by SplitMix32; gamma by Marsaglia & Tsang (2000),
 * doi:10.1145/358407.358414
 */
export const randomFrom = (seed: number): Random => {
  let mix = seed | 0;
  const next32 = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = next32();
  let b = next32();
  let c = next32();
  let counter = 1;
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t;
  };
  const uniform = (): number => ((bits() >>> 0) + 0.5) / 4_294_967_296;
  const normal = normalFrom(uniform, bits);
  const gamma = (shape: number): number => {
    // below 1 the squeeze does not hold: draw one shape higher and thin
    if (shape < 1) return gamma(shape + 1) * uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    const k = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const root = 1 + k * x;
      const v = root * root * root;
      if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const poisson = (mean: number): number => {
    // a sum of Poisson counts is Poisson: pieces keep exp(−mean) above underflow
    let left = mean;
    let count = 0;
    while (left > 0) {
      const piece = Math.min(left, 30);
      left -= piece;
      const limit = Math.exp(-piece);
      for (let product = uniform(); product > limit; product *= uniform()) count++;
    }
    return count;
  };
  return {
    uniform,
    below: (n) => Math.floor(uniform() * n),
    normal,
    gamma,
    beta: (p, q) => {
      const x = gamma(p);
      return x / (x + gamma(q));
    },
    poisson,
    negativeBinomial: (mean, size) =>
      mean <= 0 ? 0 : poisson(Number.isFinite(size) ? (gamma(size) * mean) / size : mean),
  };
};
