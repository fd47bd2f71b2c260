/**
 * The simulations behind the statistics, at full length, into `benchmarks/results/simulations.md`.
 * `npx tsx --conditions=source benchmarks/simulations/run.ts`; some ten minutes. The collector's tests run the same
 * code shorter.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { peekDaily } from './ab-peeking.js';
import { forecastM3 } from './forecasts.js';
import { estimateOptionRates } from './option-rates.js';
import { forecastPipelines } from './pipeline.js';

const SEED = 20_240_607;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const experiments = (): string => {
  const plan = { runs: 20_000, days: 60, perDay: 50, seed: SEED };
  const columns = [
    peekDaily([0.02, 0.02], plan),
    peekDaily([0.1, 0.1], plan),
    peekDaily([0.02, 0.03], plan),
    peekDaily([0.02, 0.04], plan),
  ];
  const rows = Object.entries(columns[0]!).map(([name, { safe }]) => [
    name,
    safe ? 'yes' : 'no',
    ...columns.map((column, i) => {
      const { alarms, days } = column[name]!;
      return i < 2 ? percent(alarms) : `${percent(alarms)} (${days.toFixed(0)})`;
    }),
  ]);
  return `## A/B tests under daily peeking

${plan.runs} runs, ${plan.days} days, ${plan.perDay} visitors per arm and day. An engine offered as safe to watch may
raise a false alarm in 5 of 100 experiments; chance moves the counts of this table by 0.15 points (one sd).

${table(['engine', 'offered as safe', 'false alarms at 2 %', 'at 10 %', 'finds 2 → 3 % (mean days)', '2 → 4 % (mean days)'], rows)}`;
};

const optionRates = (): string => {
  const { coverage, error } = estimateOptionRates({ repeats: 2000, seed: SEED });
  return `## Conversion of 24 options

2,000 repeats of 24 options with rates from Beta(0.8, 39.2), each seen by 20–399 visitors. Goal: the empirical-Bayes
interval holds at least 92 of 100 true rates.

${table(
  ['', '95 % interval holds', 'RMSE'],
  [
    ['empirical Bayes', percent(coverage.empiricalBayes), error.empiricalBayes.toFixed(4)],
    ['raw rate, Wald', percent(coverage.wald), error.raw.toFixed(4)],
    ['one mean for all', '', error.pooled.toFixed(4)],
  ],
)}`;
};

const forecasts = (): string => `## Forecasts of the 200 M3 series

18 months ahead of 50–51. Goal: 80 % bands hold 77–86, 95 % bands 92–97 of 100 values; the ensemble's sMAPE is at or
below theta's. The seasonal naive forecast checks the scoring: 26.7444 and .9108.

${table(
  ['', 'sMAPE', 'MASE', '80 % band holds', '95 % band holds'],
  Object.entries(forecastM3()).map(([name, score]) => [
    name,
    score.smape.toFixed(4),
    score.mase.toFixed(4),
    ...(name === 'seasonal naive' ? ['', ''] : [percent(score.coverage80), percent(score.coverage95)]),
  ]),
)}`;

const pipelines = (): string => {
  const scores = forecastPipelines({ shops: 120, seed: SEED });
  const smoothed = scores['exponential smoothing']!.crps;
  return `## Revenue of a shop with few orders

120 shops, 12 four-week forecasts each after 104 weeks. Goal: the pipeline's CRPS at least 5 % below exponential
smoothing; its 80 % band holds 77–87 of 100 values.

${table(
  ['', 'WAPE', 'CRPS ÷ mean', 'against smoothing', '80 % band holds'],
  Object.entries(scores).map(([name, score]) => [
    name,
    score.wape.toFixed(3),
    score.crps.toFixed(3),
    `${(100 * (score.crps / smoothed - 1)).toFixed(1)} %`,
    name === 'last period' ? '' : percent(score.coverage80),
  ]),
)}`;
};

const parts = [experiments, optionRates, forecasts, pipelines].map((part) => {
  const text = part();
  say(`${text}\n`);
  return text;
});
const folder = new URL('../results/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL('simulations.md', folder),
  `# Simulations of the statistics

Every draw is seeded (${SEED}): the same command gives the same numbers.
\`npx tsx --conditions=source benchmarks/simulations/run.ts\`

${parts.join('\n\n')}
`,
);
