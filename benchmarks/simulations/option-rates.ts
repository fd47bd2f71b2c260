import { empiricalBayesRate, randomFrom } from '@lintel/collector/statistics';

const OPTIONS = 24;

export interface OptionRates {
  /** share of the true rates inside the 95 % interval */
  coverage: { empiricalBayes: number; wald: number };
  /** root mean square error of the estimate */
  error: { empiricalBayes: number; raw: number; pooled: number };
}

/** 24 options with rates from Beta(0.8, 39.2), each seen 20 … 399 times, as often as `repeats` says. */
export const estimateOptionRates = ({ repeats, seed }: { repeats: number; seed: number }): OptionRates => {
  const random = randomFrom(seed);
  let covered = 0;
  let wald = 0;
  const squares = { empiricalBayes: 0, raw: 0, pooled: 0 };
  for (let repeat = 0; repeat < repeats; repeat++) {
    const options = Array.from({ length: OPTIONS }, (_, i) => {
      const rate = random.beta(0.8, 39.2);
      const trials = 20 + random.below(380);
      let successes = 0;
      for (let t = 0; t < trials; t++) if (random.uniform() < rate) successes++;
      return { key: String(i), rate, successes, trials };
    });
    const pooled =
      options.reduce((sum, { successes }) => sum + successes, 0) /
      options.reduce((sum, { trials }) => sum + trials, 0);
    const { groups } = empiricalBayesRate(options);
    options.forEach(({ rate, successes, trials }, i) => {
      const { value, lo, hi } = groups[i]!;
      const raw = successes / trials;
      const half = 1.959964 * Math.sqrt((raw * (1 - raw)) / trials);
      if (lo <= rate && rate <= hi) covered++;
      if (Math.abs(raw - rate) <= half) wald++;
      squares.empiricalBayes += (value - rate) ** 2;
      squares.raw += (raw - rate) ** 2;
      squares.pooled += (pooled - rate) ** 2;
    });
  }
  const all = OPTIONS * repeats;
  return {
    coverage: { empiricalBayes: covered / all, wald: wald / all },
    error: {
      empiricalBayes: Math.sqrt(squares.empiricalBayes / all),
      raw: Math.sqrt(squares.raw / all),
      pooled: Math.sqrt(squares.pooled / all),
    },
  };
};
