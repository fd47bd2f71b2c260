import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  conformalIntervals,
  forecastEnsemble,
  forecastScores,
  theta,
  type Forecast,
} from '@lintel/collector/statistics';

const PERIOD = 12;
const HORIZON = 18;

export interface ForecastScore {
  /** percent, mean over all points */
  smape: number;
  mase: number;
  coverage80: number;
  coverage95: number;
}

/** The first 200 monthly series of the M3 competition (tests/data/README.md). */
export const readSeries = (): { y: number[]; actual: number[] }[] => {
  const file = new URL('../../tests/data/m3_monthly_200.csv.gz', import.meta.url);
  const [, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  return lines.map((line) => {
    const [, , , , n, , values] = line.split(',');
    const all = values!.trim().split(' ').map(Number);
    return { y: all.slice(0, Number(n)), actual: all.slice(Number(n)) };
  });
};

const seasonalNaive = (y: readonly number[]): Forecast => {
  const mean = Array.from({ length: HORIZON }, (_, h) => y[y.length - PERIOD + (h % PERIOD)]!);
  return { mean, se: mean.map(() => 0), lo80: mean, hi80: mean, lo95: mean, hi95: mean, model: 'naive' };
};

const FORECASTERS: Record<string, (y: readonly number[]) => Forecast> = {
  'seasonal naive': seasonalNaive,
  theta: (y) => theta(y, { period: PERIOD, horizon: HORIZON }),
  ensemble: (y) => forecastEnsemble(y, { period: PERIOD, horizon: HORIZON }),
  'ensemble, conformal': (y) =>
    conformalIntervals(y, (past, horizon) => forecastEnsemble(past, { period: PERIOD, horizon }), HORIZON),
};

export const forecastM3 = (): Record<string, ForecastScore> => {
  const series = readSeries();
  return Object.fromEntries(
    Object.entries(FORECASTERS).map(([name, forecaster]) => {
      const scores = series.map(({ y, actual }) =>
        forecastScores(actual, forecaster(y), { insample: y, period: PERIOD }),
      );
      const mean = (of: (score: (typeof scores)[number]) => number): number =>
        scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
      return [
        name,
        {
          smape: mean((score) => score.smape),
          mase: mean((score) => score.mase),
          coverage80: mean((score) => score.coverage80),
          coverage95: mean((score) => score.coverage95),
        },
      ];
    }),
  );
};
