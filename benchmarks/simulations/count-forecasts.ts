import { randomFrom } from '@lintel/collector/statistics';
import { forecastCounts } from '../../packages/collector/src/questions/count-forecast.js';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-24T00:00:00Z');

/** Something counted for so many weeks, and to be foretold for so many days. */
export interface Counted {
  weeks: number;
  days: number;
  perWeek: number;
}

/** The shortest histories of each horizon, longer ones, few and many. */
export const COUNTED: readonly Counted[] = [
  { weeks: 38, days: 30, perWeek: 6 },
  { weeks: 38, days: 30, perWeek: 230 },
  { weeks: 80, days: 30, perWeek: 230 },
  { weeks: 104, days: 30, perWeek: 30 },
  { weeks: 64, days: 90, perWeek: 230 },
  { weeks: 104, days: 90, perWeek: 6 },
  { weeks: 103, days: 180, perWeek: 30 },
  { weeks: 104, days: 180, perWeek: 230 },
];

/** Share of shops whose count lay in the bands. A wave over the year that begins anywhere, a level that wanders by week. */
export const foretellCounts = (
  { weeks, days, perWeek }: Counted,
  { shops, seed }: { shops: number; seed: number },
): { coverage80: number; coverage95: number } => {
  const random = randomFrom(seed);
  const inside = { eighty: 0, ninetyFive: 0 };
  for (let shop = 0; shop < shops; shop++) {
    const phase = 2 * Math.PI * random.uniform();
    let level = 0;
    const points = Array.from({ length: weeks * 7 + days }, (_, i) => {
      const day = i - weeks * 7;
      if (i % 7 === 0) level += 0.03 * random.normal();
      const wave = 1 + 0.25 * Math.sin(phase + (2 * Math.PI * day) / 365.25);
      return { at: NOW + day * DAY_MS, value: random.poisson((perWeek / 7) * wave * Math.exp(level)) };
    });
    const foretold = forecastCounts(points, NOW, days);
    if (!foretold) throw new RangeError(`${weeks} weeks are too few for ${days} days`);
    const q = foretold.quantiles;
    const actual = points.reduce((sum, { at, value }) => (at >= NOW ? sum + value : sum), 0);
    if (actual >= q[2]! && actual <= q[6]!) inside.eighty++;
    if (actual >= q[0]! && actual <= q[8]!) inside.ninetyFive++;
  }
  return { coverage80: inside.eighty / shops, coverage95: inside.ninetyFive / shops };
};
