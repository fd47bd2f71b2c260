import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { floorOf, pastScores, type Forecaster } from './conformal-intervals.js';
import { checkNumbers, checkWhole } from './errors.js';
import type { Forecast } from './types.js';

/** What a forecast says of its own error counts as much as so many past errors … */
const OWN_WEIGHT = 2;
/** … each with this square of its score: a model that was fitted to the past promises too much of what comes. */
const OWN_SQUARE = 1.5;

/**
 * A forecast whose bounds come from the mean square of its past errors. Ranks of ten errors, or of three, know nothing of
 * one in forty, and hold more or less than asked by whole steps: 3 of 4, 9 of 11. Their mean square does not, and has
 * the tails of Student's t because it is uncertain itself.
 * @param forecaster any of this room, with its options bound
 * @throws {StatisticsError} what the forecaster throws for the whole series; `BAD_SHAPE`, `BAD_RANGE`
 * Source: normal errors with a scaled inverse-χ² prior on their variance: Gelman et al. (2013), Bayesian Data Analysis,
 * sections 2.6 and 3.2
 */
export const pooledIntervals = (y: readonly number[], forecaster: Forecaster, horizon: number): Forecast => {
  checkWhole(horizon, 1, 'horizon');
  checkNumbers(y, 'y');
  const forecast = forecaster(y, horizon);
  const scores = pastScores(y, forecaster, horizon);
  const freedom = OWN_WEIGHT + scores.length;
  const scale = Math.sqrt(
    (OWN_WEIGHT * OWN_SQUARE + scores.reduce((sum, score) => sum + score * score, 0)) / freedom,
  );
  const band = (p: number): number[] =>
    forecast.mean.map((mean, h) => mean + tQuantile(p, freedom) * scale * forecast.se[h]!);
  const floor = floorOf(y);
  return {
    ...forecast,
    lo80: floor(band(0.1)),
    hi80: band(0.9),
    lo95: floor(band(0.025)),
    hi95: band(0.975),
    model: `${forecast.model}, pooled`,
  };
};
