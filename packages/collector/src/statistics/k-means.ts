import { kmeans } from 'ml-kmeans';
import { checkEnough, checkNumbers, checkWhole, StatisticsError } from './errors.js';
import { meanOf, varianceOf } from './numbers.js';
import { randomFrom, type Random } from './random.js';
import { cloudOf, silhouettes } from './silhouettes.js';

type Points = readonly (readonly number[])[];
interface Clustering {
  labels: number[];
  centroids: number[][];
  inertia: number;
}

/** More points than this add time, not knowledge, to silhouette and stability: a seeded sample stands for all. */
const MOST_COMPARED = 1000;
/** Resamples for the stability: fewer when the standard error of their mean is below this already. */
const BOOTSTRAPS = { fewest: 20, most: 50, standardError: 0.005 };

const squaredDistance = (p: readonly number[], q: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += (p[i]! - q[i]!) ** 2;
  return sum;
};

const nearest = (point: readonly number[], centroids: Points): number => {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < centroids.length; i++) {
    const distance = squaredDistance(point, centroids[i]!);
    if (distance < least) {
      least = distance;
      best = i;
    }
  }
  return best;
};

/** Centres that move less than this share of the mean variance have settled: the last 0.03 % cost half of the time. */
const SETTLED = 1e-4;

/** The best of several seeded starts. */
const cluster = (points: Points, k: number, starts: number, random: Random): Clustering => {
  const spread = meanOf(points[0]!.map((_, j) => varianceOf(points.map((point) => point[j]!))));
  let best: Clustering | null = null;
  for (let start = 0; start < starts; start++) {
    const { clusters, centroids } = kmeans(points as number[][], k, {
      initialization: 'kmeans++',
      seed: random.below(2 ** 31 - 1) + 1,
      maxIterations: 300,
      tolerance: SETTLED * spread,
    });
    const inertia = points.reduce(
      (sum, point, i) => sum + squaredDistance(point, centroids[clusters[i]!]!),
      0,
    );
    if (!best || inertia < best.inertia) best = { labels: clusters, centroids, inertia };
  }
  return best!;
};

const pairs = (n: number): number => (n * (n - 1)) / 2;

/** Agreement of two labellings beyond chance, 1 when equal. Hubert & Arabie (1985), doi:10.1007/BF01908075. */
const adjustedRand = (a: readonly number[], b: readonly number[], k: number): number => {
  const table = new Array<number>(k * k).fill(0);
  const rows = new Array<number>(k).fill(0);
  const columns = new Array<number>(k).fill(0);
  for (const [i, label] of a.entries()) {
    table[label * k + b[i]!]!++;
    rows[label]!++;
    columns[b[i]!]!++;
  }
  const total = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + pairs(n), 0);
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
): Clustering & { k: number; silhouette: number; stability: number } => {
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
  const space = standardised(points, standardise);
  const random = randomFrom(seed);
  const sample =
    space.length <= MOST_COMPARED
      ? space.map((_, i) => i)
      : Array.from({ length: MOST_COMPARED }, () => random.below(space.length));
  const compared = sample.map((i) => space[i]!);
  const fits = Array.from({ length: most - least + 1 }, (_, i) => {
    const fit = cluster(space, least + i, starts, random);
    return { ...fit, k: least + i, sampled: sample.map((index) => fit.labels[index]!) };
  });
  const scores = silhouettes(
    cloudOf(compared),
    fits.map(({ sampled }) => Uint32Array.from(sampled)),
  );
  const chosen = scores.indexOf(Math.max(...scores));
  const best = fits[chosen]!;
  const rand: number[] = [];
  while (rand.length < BOOTSTRAPS.most) {
    const drawn = compared.map(() => compared[random.below(compared.length)]!);
    const { centroids } = cluster(drawn, best.k, 1, random);
    const labels = compared.map((point) => nearest(point, centroids));
    rand.push(adjustedRand(best.sampled, labels, best.k));
    if (rand.length < BOOTSTRAPS.fewest) continue;
    if (Math.sqrt(varianceOf(rand) / rand.length) < BOOTSTRAPS.standardError) break;
  }
  return {
    k: best.k,
    labels: best.labels,
    centroids: best.centroids,
    inertia: best.inertia,
    silhouette: scores[chosen]!,
    stability: meanOf(rand),
  };
};
