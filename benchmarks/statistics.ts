/**
 * Time of the statistics that have a limit, on the data of the reference results (tests/data). Processor time of this
 * process, median of some runs after a first one: a limit in a test would fall when something else runs.
 *
 *   npm run bench -- statistics [--write]
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import {
  associationRules,
  fitBgNbd,
  fitGammaGamma,
  fitParetoNbd,
  forecastEnsemble,
  kMeans,
  markovAttribution,
  randomFrom,
  shapleyAttribution,
} from '@lintel/collector/statistics';
import { dayOf, linesOf, rowsOf } from '../packages/collector/test/statistics/data.js';
import { machine } from './ingest/machine.js';
import { readSeries } from './simulations/forecasts.js';

const RUNS = 5;

const customers = rowsOf('cdnow_summary_rfm.csv').map((row) => ({
  id: row['ID']!,
  x: Number(row['x']),
  tx: Number(row['t_x']),
  T: Number(row['T']),
  m: Number(row['zbar']),
  unit: 'week' as const,
}));

/** ln of recency, frequency and money of every customer of CDNOW on 1998-07-01. */
const shoppers = (): number[][] => {
  const byId = new Map<string, { days: number; times: number; dollars: number }>();
  for (const line of linesOf('cdnow_master.txt').slice(1)) {
    const [id, date, , dollars] = line.trim().split(/\s+/);
    const own = byId.get(id!) ?? { days: Infinity, times: 0, dollars: 0 };
    byId.set(id!, {
      days: Math.min(own.days, dayOf('19980701') - dayOf(date!)),
      times: own.times + 1,
      dollars: own.dollars + Number(dollars),
    });
  }
  return [...byId.values()].map(({ days, times, dollars }) => [
    Math.log1p(days),
    Math.log(times),
    Math.log1p(dollars),
  ]);
};

/** Ways of up to eight touches of eight channels. */
const ways = (count: number): { path: string[]; conversions: number; nulls: number; value: number }[] => {
  const random = randomFrom(20_240_607);
  return Array.from({ length: count }, () => {
    const conversions = random.poisson(0.3);
    return {
      path: Array.from({ length: 1 + random.below(8) }, () => `channel ${random.below(8)}`),
      conversions,
      nulls: random.poisson(20),
      value: 200_000 * conversions,
    };
  });
};

const points = shoppers();
const baskets = linesOf('arules_groceries.csv').map((line) => line.split(','));
const series = readSeries();
const paths = ways(10_000);

interface Timed {
  what: string;
  limitMs: number;
  act: () => unknown;
  /** Times the limit holds for, when it is that of a part. */
  parts?: number;
}
const forecastAll = (): unknown => series.map(({ y }) => forecastEnsemble(y, { period: 12, horizon: 18 }));
const timed: readonly Timed[] = [
  { what: 'R1, BG/NBD of 2,357 customers', limitMs: 2000, act: () => fitBgNbd(customers) },
  { what: 'R3, Pareto/NBD', limitMs: 2000, act: () => fitParetoNbd(customers) },
  { what: 'R4, gamma–gamma', limitMs: 2000, act: () => fitGammaGamma(customers) },
  {
    what: 'R24, k-means of 23,570 customers, k 2–5 together',
    limitMs: 5000,
    act: () => [2, 3, 4, 5].map((k) => kMeans(points, { k, seed: 1, standardise: 'population' })),
  },
  {
    what: 'R25, 410 rules of 9,835 baskets',
    limitMs: 2000,
    act: () => associationRules(baskets, { minSupport: 0.001, minConfidence: 0.8 }),
  },
  { what: 'M3, ensemble of 200 series', limitMs: 12_000, act: forecastAll },
  { what: 'the same, a series', limitMs: 60, act: forecastAll, parts: series.length },
  {
    what: 'attribution of 10,000 paths, Markov and Shapley',
    limitMs: 500,
    act: () => [markovAttribution(paths), shapleyAttribution(paths)],
  },
];

const processorMs = (act: () => unknown): number => {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const number = (ms: number): string => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en'));
let missed = 0;
const rows = timed.map(({ what, limitMs, act, parts = 1 }) => {
  act();
  const runs = Array.from({ length: RUNS }, () => processorMs(act) / parts).sort((p, q) => p - q);
  const median = runs[Math.floor(RUNS / 2)]!;
  const met = median < limitMs;
  if (!met) missed++;
  return [what, number(limitMs), number(median), met ? 'yes' : '**no**'];
});
const table = [['what', 'limit', 'reached', 'met'], ['---', '---', '---', '---'], ...rows]
  .map((row) => `| ${row.join(' | ')} |`)
  .join('\n');
process.stdout.write(`${table}\n`);
if (process.argv.includes('--write'))
  writeFileSync(
    new URL('./results/statistics.md', import.meta.url),
    `# Time of the statistics

\`npm run bench -- statistics --write\`, ${machine()}. Milliseconds of processor time, median of ${RUNS} runs after a first one.
R29 over HTTP (limit 60 s) is timed by \`tests/clickstream.test.ts\`, which prints it.

${table}
`,
  );
process.exitCode = missed > 0 ? 1 : 0;
