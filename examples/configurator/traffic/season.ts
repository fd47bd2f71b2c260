import type { Random } from './random.js';

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ZONE = 'Europe/Vienna';

/** Monday to Sunday: people plan houses on Sundays and from their desks on Mondays. */
const WEEKDAYS = [1.1, 1.02, 1, 0.98, 0.86, 0.88, 1.16] as const;

/** Local hours 0–23: a lunch hill and an evening mountain. */
const HOURS = [
  5, 3, 2, 1, 1, 2, 8, 18, 30, 38, 42, 44, 52, 47, 40, 40, 42, 46, 55, 70, 82, 78, 48, 18,
] as const;
const WEIGHTED_HOURS = HOURS.map((weight, hour) => [weight, hour] as const);

// making a formatter costs more than drawing the visit it is made for
const OFFSETS = new Intl.DateTimeFormat('en', { timeZone: ZONE, timeZoneName: 'longOffset' });

/** Hours that local time is ahead of UTC at `at`: 1 in winter, 2 in summer. */
const offsetHours = (at: number): number => {
  const offset = OFFSETS.formatToParts(at).find(({ type }) => type === 'timeZoneName')!.value;
  return Number(/([+-]\d\d)/.exec(offset)?.[1] ?? 0);
};

/**
 * Share of the average day's visitors that come on the day of `at`: weekday, a slow rise of 15 % over 90 days, and
 * every fifth week a report in the newspapers, which fades over three days.
 * @param day number of the day since the start
 */
export const dayFactor = (at: number, day: number): number => {
  const weekday = (new Date(at).getUTCDay() + 6) % 7;
  const sinceReport = (day + 11) % 35;
  const report = sinceReport < 3 ? 1 + 0.7 / (1 + 1.4 * sinceReport) : 1;
  return WEEKDAYS[weekday]! * (0.925 + (0.15 * Math.min(day, 180)) / 90) * report;
};

/** Visitors of the whole range as a multiple of an average day's. @param from epoch ms of its first day */
export const averageDays = (from: number, days: number): number =>
  Array.from({ length: days }, (_, day) => dayFactor(from + day * DAY_MS, day)).reduce(
    (sum, x) => sum + x,
    0,
  );

/** A moment of the UTC day that starts at `dayStart`, as often in each local hour as people come. */
export const momentOf = (dayStart: number, random: Random): number => {
  const hour = random.pick(WEIGHTED_HOURS);
  const utcHour = (hour - offsetHours(dayStart + 12 * HOUR_MS) + 24) % 24;
  return Math.floor(dayStart + (utcHour + random.next()) * HOUR_MS);
};
