import type { Random } from './random.js';

/** Points in one array, row after row: arrays of arrays cost three times as much to walk. */
export interface Cloud {
  values: Float64Array;
  width: number;
  /** How often each point counts, whole and > 0: a resample needs each point only once. */
  weights: Float64Array;
}

export interface Grouping {
  labels: Uint32Array;
  /** Row after row. */
  centres: Float64Array;
  inertia: number;
}

const MOST_STEPS = 300;

export const squaredDistance = (
  p: Float64Array,
  pRow: number,
  q: Float64Array,
  qRow: number,
  width: number,
): number => {
  const from = pRow * width;
  const to = qRow * width;
  const pairs = width & ~1;
  let even = 0;
  let odd = 0;
  // two sums, or each addition waits for the one before
  for (let j = 0; j < pairs; j += 2) {
    const away = p[from + j]! - q[to + j]!;
    const other = p[from + j + 1]! - q[to + j + 1]!;
    even += away * away;
    odd += other * other;
  }
  if (pairs === width) return even + odd;
  const last = p[from + pairs]! - q[to + pairs]!;
  return even + odd + last * last;
};

/** Row of the nearest centre; the first of those that are as near. */
export const nearestOf = (
  values: Float64Array,
  row: number,
  centres: Float64Array,
  k: number,
  width: number,
): number => {
  let best = 0;
  let least = Infinity;
  for (let c = 0; c < k; c++) {
    const distance = squaredDistance(values, row, centres, c, width);
    if (distance < least) {
      least = distance;
      best = c;
    }
  }
  return best;
};

/** Index by chance, as likely as its share of the last of the running sums. */
const drawFrom = (sums: Float64Array, random: Random): number => {
  const target = random.uniform() * sums[sums.length - 1]!;
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
};

/**
 * A quarter of the squared distances between centres, row after row: a point that is no further than this from its own
 * centre has none that is nearer, by the triangle inequality.
 */
const reaches = (centres: Float64Array, k: number, width: number): Float64Array => {
  const quarters = new Float64Array(k * k);
  for (let c = 0; c < k; c++)
    for (let d = 0; d < c; d++)
      quarters[c * k + d] = quarters[d * k + c] = squaredDistance(centres, c, centres, d, width) / 4;
  return quarters;
};

/** k-means++: each next centre is the best of a few points, drawn by their squared distance to the centres so far. */
const startingCentres = (
  { values, width, weights }: Cloud,
  k: number,
  random: Random,
): { centres: Float64Array; labels: Uint32Array } => {
  const n = weights.length;
  const trials = 2 + Math.floor(Math.log(k));
  const centres = new Float64Array(k * width);
  const labels = new Uint32Array(n);
  const sums = new Float64Array(n);
  const place = (c: number, row: number): void => {
    centres.set(values.subarray(row * width, (row + 1) * width), c * width);
  };
  for (let i = 0, sum = 0; i < n; i++) sums[i] = sum += weights[i]!;
  const first = drawFrom(sums, random);
  place(0, first);
  let closest = new Float64Array(n);
  for (let i = 0; i < n; i++) closest[i] = squaredDistance(values, i, values, first, width);
  let best = new Float64Array(n);
  let tried = new Float64Array(n);
  const reach = new Float64Array(k);
  for (let c = 1; c < k; c++) {
    for (let i = 0, sum = 0; i < n; i++) sums[i] = sum += weights[i]! * closest[i]!;
    let least = Infinity;
    let chosen = 0;
    for (let trial = 0; trial < trials; trial++) {
      const candidate = drawFrom(sums, random);
      for (let d = 0; d < c; d++) reach[d] = squaredDistance(centres, d, values, candidate, width) / 4;
      let potential = 0;
      for (let i = 0; i < n; i++) {
        let distance = closest[i]!;
        if (distance > reach[labels[i]!]!)
          distance = Math.min(distance, squaredDistance(values, i, values, candidate, width));
        tried[i] = distance;
        potential += weights[i]! * distance;
      }
      if (potential < least) {
        least = potential;
        chosen = candidate;
        [best, tried] = [tried, best];
      }
    }
    place(c, chosen);
    for (let i = 0; i < n; i++) if (best[i]! < closest[i]!) labels[i] = c;
    [closest, best] = [best, closest];
  }
  return { centres, labels };
};

/**
 * One k-means++ start and Lloyd's steps until no centre moves further.
 * @param settled squared distance   @returns labels by the centres before their last move
 * Source: Arthur & Vassilvitskii (2007), with a few trials a centre as scikit-learn; Phillips (2002),
 * doi:10.1007/3-540-45643-0_13 for the comparisons that are left out
 */
export const groupOnce = (cloud: Cloud, k: number, settled: number, random: Random): Grouping => {
  const { values, width, weights } = cloud;
  const n = weights.length;
  const start = startingCentres(cloud, k, random);
  const { labels } = start;
  let { centres } = start;
  const sums = new Float64Array(k * width);
  const sizes = new Float64Array(k);
  const count = (row: number, label: number, weight: number): void => {
    sizes[label]! += weight;
    for (let j = 0; j < width; j++) sums[label * width + j]! += weight * values[row * width + j]!;
  };
  for (let i = 0; i < n; i++) count(i, labels[i]!, weights[i]!);
  for (let step = 0; step < MOST_STEPS; step++) {
    // the start has told already who is nearest
    if (step > 0) {
      const reach = reaches(centres, k, width);
      for (let i = 0; i < n; i++) {
        const before = labels[i]!;
        let label = before;
        let least = squaredDistance(values, i, centres, label, width);
        for (let c = 0; c < k; c++) {
          if (c === label || least <= reach[label * k + c]!) continue;
          const distance = squaredDistance(values, i, centres, c, width);
          if (distance < least) {
            least = distance;
            label = c;
          }
        }
        if (label === before) continue;
        // few change after the first steps
        count(i, before, -weights[i]!);
        count(i, label, weights[i]!);
        labels[i] = label;
      }
    }
    const moved = new Float64Array(k * width);
    let furthest = 0;
    for (let c = 0; c < k; c++) {
      // a centre that lost all of its points stays where it was
      for (let j = c * width; j < (c + 1) * width; j++)
        moved[j] = sizes[c]! > 0 ? sums[j]! / sizes[c]! : centres[j]!;
      furthest = Math.max(furthest, squaredDistance(moved, c, centres, c, width));
    }
    centres = moved;
    if (furthest <= settled) break;
  }
  let inertia = 0;
  for (let i = 0; i < n; i++) inertia += weights[i]! * squaredDistance(values, i, centres, labels[i]!, width);
  return { labels, centres, inertia };
};
