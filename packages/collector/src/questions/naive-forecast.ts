/** Levels at which every logged forecast keeps its quantiles. */
export const FORECAST_LEVELS = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975] as const;

const WEEK_MS = 7 * 86_400_000;

/** Type 7: linear between order statistics. */
const quantile = (sorted: readonly number[], level: number): number => {
  const at = (sorted.length - 1) * level;
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * (sorted[Math.min(sorted.length - 1, low + 1)]! - sorted[low]!);
};

/**
 * What somebody without a model would say: the next `days` will be like one of the windows of that length in the past
 * two years (one beginning each week). Every logged forecast has this twin, and its skill is measured against it.
 * @param orders paid orders before `now`, epoch ms and money   @returns null below four windows
 */
export const naiveForecast = (
  orders: readonly { at: number; value: number }[],
  now: number,
  days: number,
): { mean: number; quantiles: number[] } | null => {
  const length = days * 86_400_000;
  const first = orders.length > 0 ? Math.min(...orders.map(({ at }) => at)) : now;
  const earliest = Math.max(first, now - 104 * WEEK_MS);
  const sums: number[] = [];
  for (let end = now; end - length >= earliest; end -= WEEK_MS)
    sums.push(orders.reduce((sum, { at, value }) => (at >= end - length && at < end ? sum + value : sum), 0));
  if (sums.length < 4) return null;
  sums.sort((p, q) => p - q);
  return {
    mean: sums.reduce((sum, value) => sum + value, 0) / sums.length,
    quantiles: FORECAST_LEVELS.map((level) => quantile(sums, level)),
  };
};
