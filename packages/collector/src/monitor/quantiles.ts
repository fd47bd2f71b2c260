/** Counts of a cumulative histogram, as prom-client keeps them: `le` → observations up to it. */
export type Buckets = ReadonlyMap<number, number>;

/**
 * Quantile of a histogram, by linear interpolation inside its bucket; 0 when it is empty. What lies above the last
 * bound is answered as that bound: the alarm thresholds are bounds, so no breach hides there.
 */
export const quantileOf = (buckets: Buckets, q: number): number => {
  const bounds = [...buckets].filter(([le]) => Number.isFinite(le)).sort(([a], [b]) => a - b);
  const total = Math.max(0, ...buckets.values());
  if (total === 0) return 0;
  const rank = q * total;
  let below = 0;
  let lower = 0;
  for (const [le, count] of bounds) {
    if (count >= rank && count > below) return lower + ((rank - below) / (count - below)) * (le - lower);
    below = count;
    lower = le;
  }
  return lower;
};
