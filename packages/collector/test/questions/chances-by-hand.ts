/** Leads at risk and orders of one tier, by week of age. */
export interface HandHazard {
  week: number;
  atRisk: number;
  orders: number;
}

/** Ages of the kernel. */
const OLDEST = 80;

/**
 * P(order) as chapter 4 § 3 of the design prints it, written down a second time, for a shop whose leads are all of one
 * tier: h₀(a) = (ΣK·orders + .02) / (ΣK·atRisk + 2) with K(a, b) = exp(−½((a − b)/4)²), multiplier
 * g ~ Gamma(orders + 2, Σ atRisk·h₀ + 2), and 1 − E exp(−g·Σh₀) over the weeks of the horizon.
 */
export const chancesByHand = (hazard: readonly HandHazard[]) => {
  const h0 = Array.from({ length: OLDEST }, (_, a) => {
    const weighted = (of: (row: HandHazard) => number): number =>
      hazard.reduce((sum, row) => sum + Math.exp(-((a - row.week) ** 2) / 32) * of(row), 0);
    return (weighted((row) => row.orders) + 0.02) / (weighted((row) => row.atRisk) + 2);
  });
  const shape = hazard.reduce((sum, { orders }) => sum + orders, 0) + 2;
  const rate = hazard.reduce((sum, { week, atRisk }) => sum + atRisk * h0[week]!, 0) + 2;
  /** Σh₀ from an age on; a week that is lived in part counts in part. */
  const exposureOf = (ageWeeks: number, weeks: number): number =>
    h0.reduce(
      (sum, h, a) => sum + h * Math.max(0, Math.min(a + 1, ageWeeks + weeks) - Math.max(a, ageWeeks)),
      0,
    );
  return {
    h0,
    shape,
    rate,
    exposureOf,
    chanceOf: (ageWeeks: number, weeks: number): number =>
      1 - (1 + exposureOf(ageWeeks, weeks) / rate) ** -shape,
  };
};
