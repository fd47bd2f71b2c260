import { demandSlope, type DemandCell } from './demand-slope.js';

/** Line of the view `price_arms`. */
export interface ArmRow {
  experiment: string;
  /** 0 = the page did not tell. */
  version: number;
  arm: string;
  /** Hash of the options; 0 = none after the exposure. */
  config: string;
  n: number;
  /** Mean, major units. */
  price: number;
  arm_n: number;
  arm_k: number;
}

/** Arms whose prices of the same house differ by less are no experiment with prices. */
const LEAST_STEP = 0.005;
/** Share of the houses that must be dearer in the dearer arm: a price list changes them all. */
const LEAST_AGREEMENT = 0.8;
/** Two levels of the price are one when they differ by less than this. */
const SAME_LEVEL = 0.001;

interface Level {
  arm: string;
  /** ln of the price of the same house against the first arm. */
  step: number;
  n: number;
  k: number;
}

/** Mean difference of ln(price) over the configurations that both arms saw; null when it has no clear sign. */
const stepBetween = (arm: readonly ArmRow[], first: readonly ArmRow[]): number | null => {
  const pairs = arm.flatMap(({ config, price, n }) => {
    const same = first.find((row) => row.config === config);
    return same && config !== '0' && price > 0 && same.price > 0
      ? [{ weight: Math.min(n, same.n), step: Math.log(price / same.price) }]
      : [];
  });
  const weight = pairs.reduce((sum, pair) => sum + pair.weight, 0);
  if (weight === 0) return null;
  const mean = pairs.reduce((sum, pair) => sum + pair.weight * pair.step, 0) / weight;
  if (Math.abs(mean) < LEAST_STEP) return 0;
  const agreeing = pairs.reduce(
    (sum, pair) => (Math.sign(pair.step) === Math.sign(mean) ? sum + pair.weight : sum),
    0,
  );
  return agreeing / weight >= LEAST_AGREEMENT ? mean : null;
};

/** Arms by the price of the same house; null when the experiment changed no prices. */
const levelsOf = (rows: readonly ArmRow[]): Level[] | null => {
  const arms = [...new Set(rows.map(({ arm }) => arm))].sort();
  const of = (arm: string): ArmRow[] => rows.filter((row) => row.arm === arm);
  const first = of(arms[0]!);
  const levels = arms.flatMap((arm) => {
    const own = of(arm);
    const step = arm === arms[0] ? 0 : stepBetween(own, first);
    if (step === null) return [];
    // pages that told no version are an arm of their own in the view
    const parts = [...new Map(own.map((row) => [row.version, row])).values()];
    return [
      {
        arm,
        step,
        n: parts.reduce((sum, { arm_n }) => sum + arm_n, 0),
        k: parts.reduce((sum, { arm_k }) => sum + arm_k, 0),
      },
    ];
  });
  return levels.some(({ step }) => step !== 0) ? levels : null;
};

export interface PriceExperiment {
  experiment: string;
  n: number;
  /** Prices of the same house that chance gave to visitors. */
  levels: number;
  /** null below three of them */
  fit: { slope: number; variance: number; n: number } | null;
}

/**
 * Experiments whose arms showed different prices of the same house, each with the elasticity of asking. Who saw which
 * price was chance, so the slope is a cause, without controls: everybody exposed counts, whatever he did afterwards.
 */
export const priceExperimentsOf = (rows: readonly ArmRow[]): PriceExperiment[] =>
  [...new Set(rows.map(({ experiment }) => experiment))].sort().flatMap((experiment) => {
    const levels = levelsOf(rows.filter((row) => row.experiment === experiment));
    if (!levels) return [];
    const cells = levels.map(({ step, n, k }): DemandCell => ({
      price: Math.exp(step),
      priceFrom: Math.round(step / SAME_LEVEL),
      n,
      k,
      channel: '',
      device: '',
      returning: false,
    }));
    return [
      {
        experiment,
        n: levels.reduce((sum, level) => sum + level.n, 0),
        levels: new Set(cells.map(({ priceFrom }) => priceFrom)).size,
        fit: demandSlope(cells),
      },
    ];
  });
