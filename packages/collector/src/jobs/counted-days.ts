import { DateTime } from 'luxon';
import type { Point } from '../questions/history-forecast.js';
import { scopeParameters, type ReadView } from '../questions/index.js';
import { epochOf } from '../questions/intervals.js';
import type { Site } from '../sites.js';
import { scopeBetween } from './job-sources.js';

const DAY_MS = 86_400_000;
/** As long as `daily_summary` is kept. */
const SUMMARY_DAYS = 760;

/** Something that is counted, and the moment before which all of it is known. */
export interface Counted {
  points: readonly Point[];
  to: number;
}

/** @param date `YYYY-MM-DD`, of whatever zone */
export const utcMidnight = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/**
 * Sessions of each local day that was summarised, each at midnight UTC of its date, so that a week has seven of them also
 * when clocks move. A session over midnight counts on both days, as in the summary of a day: only so do days add up.
 */
export const readTraffic = async (readView: ReadView, site: Site, at: number): Promise<Counted> => {
  const days = await readView<{ time: string; sessions: number }>(
    'report_days',
    scopeParameters(scopeBetween(site, at - SUMMARY_DAYS * DAY_MS, at)),
  );
  const points = days.map(({ time, sessions }) => ({
    at: utcMidnight(DateTime.fromMillis(epochOf(time), { zone: site.timeZone }).toISODate()!),
    value: sessions,
  }));
  // days before the first visitor are no history
  const first = points.findIndex(({ value }) => value > 0);
  const known = first < 0 ? [] : points.slice(first);
  return { points: known, to: known.length > 0 ? known.at(-1)!.at + DAY_MS : 0 };
};
