import { checkEnough, checkNumbers, checkWhole, StatisticsError } from './errors.js';
import { groupOnce, nearestOf, type Cloud, type Grouping } from './lloyd.js';
import { meanOf, varianceOf } from './numbers.js';
import { randomFrom, type Random } from './random.js';
import { silhouettes } from './silhouettes.js';

type Points = readonly (readonly number[])[];

/** More points than this add time, not knowledge, to silhouette and stability: a seeded sample stands for all. */
const MOST_COMPARED = 1000;
/** Resamples for the stability: fewer when the standard error of their mean is below this already. */
const BOOTSTRAPS = { fewest: 20, most: 50, standardError: 0.005 };

/** Centres that move less than this share of the mean variance have settled: the last 0.03 % cost half of the time. */
const SETTLED = 1e-4;

/** Each point once. */
const cloudOf = (points: Points, width: number): Cloud => {
  const values = new Float64Array(points.length * width);
  points.forEach((point, i) => values.set(point, i * width));
  return { values, width, weights: new Float64Array(points.length).fill(1) };
};

/** Squared distance below which a centre counts as settled. */
const settledOf = ({ values, width }: Cloud): number =>
  SETTLED *
  meanOf(
    Array.from({ length: width }, (_, j) => varianceOf([...values.filter((__, at) => at % width === j)])),
  );

/** As many points as there are, drawn with replacement: each once, counted as often as it was drawn. */
const resampled = ({ values, width }: Cloud, n: number, random: Random): Cloud => {
  const times = new Uint32Array(n);
  for (let i = 0; i < n; i++) times[random.below(n)]! += 1;
  const drawn: Cloud = { values: new Float64Array(n * width), width, weights: new Float64Array(n) };
  let kept = 0;
  for (let i = 0; i < n; i++) {
    if (times[i] === 0) continue;
    drawn.weights[kept] = times[i]!;
    for (let j = 0; j < width; j++) drawn.values[kept * width + j] = values[i * width + j]!;
    kept++;
  }
  return {
    values: drawn.values.subarray(0, kept * width),
    width,
    weights: drawn.weights.subarray(0, kept),
  };
};

const pairs = (n: number): number => (n * (n - 1)) / 2;

/** Agreement of two labellings beyond chance, 1 when equal. Hubert & Arabie (1985), doi:10.1007/BF01908075. */
const adjustedRand = (a: Uint32Array, b: Uint32Array, k: number): number => {
  const table = new Uint32Array(k * k);
  const rows = new Uint32Array(k);
  const columns = new Uint32Array(k);
  for (let i = 0; i < a.length; i++) {
    table[a[i]! * k + b[i]!]!++;
    rows[a[i]!]!++;
    columns[b[i]!]!++;
  }
  const total = (counts: Uint32Array): number => counts.reduce((sum, n) => sum + pairs(n), 0);
  const expected = (total(rows) * total(columns)) / pairs(a.length);
  const most = (total(rows) + total(columns)) / 2;
  return most === expected ? 1 : (total(table) - expected) / (most - expected);
};

const standardised = (points: Points, kind: 'population' | 'sample' | 'none'): Points => {
  if (kind === 'none') return points;
  const n = points.length;
  const scales = points[0]!.map((_, j) => {
    const column = points.map((point) => point[j]!);
    const variance = varianceOf(column) * (kind === 'population' ? (n - 1) / n : 1);
    return { mean: meanOf(column), sd: variance > 0 ? Math.sqrt(variance) : 1 };
  });
  return points.map((point) => point.map((value, j) => (value - scales[j]!.mean) / scales[j]!.sd));
};

/**
 * Groups of similar points: the best of `starts` k-means++ starts.
 * @param k how many groups, or [least, most]: then the number with the best silhouette
 * @param standardise columns to mean 0 and sd 1 first (n or n − 1 below the sd); default none
 * @returns labels 0 … k−1, centroids and inertia in the (standardised) space of the fit; `silhouette` −1…1;
 *          `stability` mean adjusted Rand index of 50 bootstrap fits with the labels, of 20 and more once its standard
 *          error is below 0.005. Both use 1,000 points at most
 * @throws {StatisticsError} `TOO_FEW` with fewer points than groups; `BAD_SHAPE`, `BAD_RANGE`
 * Source: Arthur & Vassilvitskii (2007); Hennig (2007), doi:10.1016/j.csda.2006.11.025 for stability
 */
export const kMeans = (
  points: Points,
  {
    k,
    seed,
    starts = 20,
    standardise = 'none',
  }: {
    k: number | readonly [number, number];
    seed: number;
    starts?: number;
    standardise?: 'population' | 'sample' | 'none';
  },
): {
  k: number;
  labels: number[];
  centroids: number[][];
  inertia: number;
  silhouette: number;
  stability: number;
} => {
  const [least, most] = typeof k === 'number' ? [k, k] : k;
  checkWhole(least, 1, 'k');
  checkWhole(most, least, 'k');
  checkWhole(starts, 1, 'starts');
  checkEnough(points.length, Math.max(2, most), 'points');
  for (const point of points) {
    if (point.length !== points[0]!.length)
      throw new StatisticsError('BAD_SHAPE', 'points must have the same length');
    checkNumbers(point, 'point');
  }
  const width = points[0]!.length;
  const cloud = cloudOf(standardised(points, standardise), width);
  const random = randomFrom(seed);
  const n = Math.min(points.length, MOST_COMPARED);
  const sample = Uint32Array.from({ length: n }, (_, i) =>
    points.length === n ? i : random.below(points.length),
  );
  const compared = { ...cloud, values: new Float64Array(n * width), weights: new Float64Array(n).fill(1) };
  sample.forEach((row, i) =>
    compared.values.set(cloud.values.subarray(row * width, (row + 1) * width), i * width),
  );
  const settled = settledOf(cloud);
  /** The best of several seeded starts. */
  const cluster = (own: Cloud, groups: number, times: number): Grouping =>
    Array.from({ length: times }, () => groupOnce(own, groups, settled, random)).reduce((p, q) =>
      q.inertia < p.inertia ? q : p,
    );
  const fits = Array.from({ length: most - least + 1 }, (_, i) => {
    const fit = cluster(cloud, least + i, starts);
    return { ...fit, k: least + i, sampled: sample.map((row) => fit.labels[row]!) };
  });
  const scores = silhouettes(
    compared,
    fits.map((fit) => fit.sampled),
  );
  const chosen = scores.indexOf(Math.max(...scores));
  const best = fits[chosen]!;
  const rand: number[] = [];
  while (rand.length < BOOTSTRAPS.most) {
    const { centres } = cluster(resampled(compared, n, random), best.k, 1);
    const nearest = sample.map((_, i) => nearestOf(compared.values, i, centres, best.k, width));
    rand.push(adjustedRand(best.sampled, nearest, best.k));
    if (rand.length < BOOTSTRAPS.fewest) continue;
    if (Math.sqrt(varianceOf(rand) / rand.length) < BOOTSTRAPS.standardError) break;
  }
  return {
    k: best.k,
    labels: [...best.labels],
    centroids: Array.from({ length: best.k }, (_, c) => [
      ...best.centres.subarray(c * width, (c + 1) * width),
    ]),
    inertia: best.inertia,
    silhouette: scores[chosen]!,
    stability: meanOf(rand),
  };
};
