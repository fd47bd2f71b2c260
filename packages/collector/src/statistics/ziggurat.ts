const LAYERS = 128;
/** Where the tail begins, and the area of each layer. */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

const densityOf = (x: number): number => Math.exp(-0.5 * x * x);

/** Right edges of the layers, the lowest (with the tail) first. */
const EDGES = new Float64Array(LAYERS + 1);
EDGES[0] = AREA / densityOf(TAIL);
EDGES[1] = TAIL;
for (let i = 2; i < LAYERS; i++) {
  const below = EDGES[i - 1]!;
  EDGES[i] = Math.sqrt(-2 * Math.log(AREA / below + densityOf(below)));
}
/** Share of each layer that lies below the curve whatever its height. */
const INSIDE = Float64Array.from({ length: LAYERS }, (_, i) => EDGES[i + 1]! / EDGES[i]!);

/**
 * Standard normal draws: two numbers of the stream nearly always, and neither logarithm nor cosine.
 * @param uniform in (0, 1)   @param bits 32 of them, as an integer
 * Source: Marsaglia & Tsang (2000), doi:10.18637/jss.v005.i08; Doornik (2005), An improved ziggurat method to generate
 * normal random samples, whose layers are chosen by a number of their own
 */
export const normalFrom =
  (uniform: () => number, bits: () => number): (() => number) =>
  () => {
    for (;;) {
      const u = 2 * uniform() - 1;
      const layer = bits() & (LAYERS - 1);
      if (Math.abs(u) < INSIDE[layer]!) return u * EDGES[layer]!;
      if (layer === 0) {
        let beyond: number;
        do beyond = -Math.log(uniform()) / TAIL;
        while (-2 * Math.log(uniform()) < beyond * beyond);
        return u < 0 ? -TAIL - beyond : TAIL + beyond;
      }
      const x = u * EDGES[layer]!;
      const low = densityOf(EDGES[layer]!);
      if (low + uniform() * (densityOf(EDGES[layer + 1]!) - low) < densityOf(x)) return x;
    }
  };
