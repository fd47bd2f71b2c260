import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { checkLevel, checkNumbers, StatisticsError } from './errors.js';

export interface SurvivalStep {
  time: number;
  atRisk: number;
  survival: number;
  standardError: number;
  lo: number;
  hi: number;
}

/** ½ reached by products of fractions may end a hair above ½. */
const ROUNDING = 1e-12;

/**
 * Share that has not had the event by each time, when some left before it could be seen.
 * @param rows at each time: how many had the event, how many were last seen without it
 * @returns one step per time with an event; Greenwood's standard error, interval on the log scale; `median` null when
 *          survival never reaches one half
 * @throws {StatisticsError} `BAD_COUNTS`, `BAD_SHAPE`, `BAD_RANGE`
 * Source: Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452; Greenwood (1926)
 */
export const kaplanMeier = (
  rows: readonly { time: number; events: number; censored: number }[],
  level = 0.95,
): { steps: SurvivalStep[]; median: number | null } => {
  checkLevel(level);
  for (const { time, events, censored } of rows) checkNumbers([time, events, censored], 'rows');
  if (rows.some(({ events, censored }) => events < 0 || censored < 0)) {
    throw new StatisticsError('BAD_COUNTS', 'events and censored must not be negative');
  }
  const z = normalQuantile((1 + level) / 2, 0, 1);
  // rows of one time are one: whoever is censored at a time was still at risk for its events
  const times = new Map<number, { events: number; censored: number }>();
  for (const { time, events, censored } of rows) {
    const known = times.get(time) ?? { events: 0, censored: 0 };
    times.set(time, { events: known.events + events, censored: known.censored + censored });
  }
  const sorted = [...times].map(([time, row]) => ({ time, ...row })).sort((p, q) => p.time - q.time);
  let atRisk = sorted.reduce((sum, row) => sum + row.events + row.censored, 0);
  let survival = 1;
  let greenwood = 0;
  const steps: SurvivalStep[] = [];
  for (const { time, events, censored } of sorted) {
    if (events > 0) {
      survival *= 1 - events / atRisk;
      greenwood += atRisk > events ? events / (atRisk * (atRisk - events)) : 0;
      const relative = Math.sqrt(greenwood);
      steps.push({
        time,
        atRisk,
        survival,
        standardError: survival * relative,
        lo: survival * Math.exp(-z * relative),
        hi: Math.min(1, survival * Math.exp(z * relative)),
      });
    }
    atRisk -= events + censored;
  }
  return { steps, median: steps.find((step) => step.survival <= 0.5 + ROUNDING)?.time ?? null };
};
