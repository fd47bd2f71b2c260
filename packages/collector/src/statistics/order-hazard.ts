/** Ages beyond this have no orders to learn from: a lead this old is taken as lost. */
export const OLDEST_WEEKS = 80;
const BANDWIDTH_WEEKS = 4;
/** A kernel's worth of doubt: one order in a hundred lead weeks, weighing two of them. */
const PRIOR_ORDERS = 0.02;
const PRIOR_AT_RISK = 2;
/** Exposures that differ by less are one: the mean over a straight line is that of its ends. */
const STRAIGHT = 1e-6;

export interface HazardRow {
  tier: string;
  week: number;
  atRisk: number;
  orders: number;
}

/** Weekly chance of ordering by age, over all tiers, smoothed over neighbouring ages. */
export const baseHazard = (rows: readonly HazardRow[]): number[] =>
  Array.from({ length: OLDEST_WEEKS }, (_, age) => {
    let orders = PRIOR_ORDERS;
    let atRisk = PRIOR_AT_RISK;
    for (const row of rows) {
      const kernel = Math.exp(-0.5 * ((age - row.week) / BANDWIDTH_WEEKS) ** 2);
      orders += kernel * row.orders;
      atRisk += kernel * row.atRisk;
    }
    return orders / atRisk;
  });

/** Σ of the weekly hazards up to an age, straight within a week. */
export const cumulative = (hazard: readonly number[]): ((age: number) => number) => {
  const sums = [0];
  for (const value of hazard) sums.push(sums.at(-1)! + value);
  return (age) => {
    const capped = Math.min(Math.max(0, age), hazard.length);
    const whole = Math.min(Math.floor(capped), hazard.length - 1);
    return sums[whole]! + (capped - whole) * hazard[whole]!;
  };
};

/**
 * Chance to order until the end of the horizon of a lead that comes at any moment of a week, by weeks that are left when
 * the week ends. Hazards are straight within a week, so its mean is an integral of exponentials.
 * @param exposures Σ of hazards up to the ages 0, 1, 2 … weeks   @param multiplier > 0, of the tier
 */
export const arrivalChances = (exposures: Float64Array, multiplier: number): Float64Array => {
  const chances = new Float64Array(exposures.length - 1);
  let waiting = Math.exp(-multiplier * exposures[0]!);
  for (let week = 0; week < chances.length; week++) {
    const more = multiplier * (exposures[week + 1]! - exposures[week]!);
    const later = Math.exp(-multiplier * exposures[week + 1]!);
    chances[week] = 1 - (more > STRAIGHT ? (waiting - later) / more : (waiting + later) / 2);
    waiting = later;
  }
  return chances;
};
