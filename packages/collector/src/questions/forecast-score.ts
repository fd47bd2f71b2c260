import { Type } from '@sinclair/typebox';
import { EstimateSchema, rateEstimate, type Estimate } from './estimate.js';
import type { MonthRow, ScoreRow } from './forecast-record.js';

const nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

export const ScoreSchema = Type.Object({
  coverage80: EstimateSchema,
  coverage95: EstimateSchema,
  wape: nullable('of closed forecasts'),
  floor: nullable('best possible WAPE with so few orders: no model can do better'),
  crpsSkill: nullable('1 = perfect, 0 = no better than the naive forecast'),
  months: Type.Array(
    Type.Object({
      month: Type.String({ examples: ['2026-10'] }),
      n: Type.Number({ description: 'forecasts whose time ended in it' }),
      inside80: Type.Number({ description: 'of them inside their 80 % band' }),
      inside95: Type.Number({ description: 'of them inside their 95 % band' }),
      kept: Type.Boolean({ description: 'the last of them was inside its 80 % band' }),
      wape: nullable('of them'),
      floor: nullable('best possible WAPE at the volume of these forecasts'),
      crpsSkill: nullable('against the naive forecast'),
    }),
    { description: 'every closed month: "inside the 80 % band in 8 of 10 months"' },
  ),
});

const monthsOf = (rows: readonly MonthRow[], model: string, horizon: number) =>
  rows
    .filter((row) => row.model === `revenue.${model}` && row.horizon === horizon)
    .map(({ month, n, inside80, inside95, inside_last, wape, floor, skill }) => ({
      month: month.slice(0, 7),
      n,
      inside80,
      inside95,
      kept: Boolean(inside_last),
      wape,
      floor,
      crpsSkill: skill,
    }));

/** How good the closed forecasts of a model and horizon were, all of them and month by month. */
export const scoreOf = (
  rows: readonly ScoreRow[],
  months: readonly MonthRow[],
  model: string,
  horizon: number,
  floor: number | null,
) => {
  const own = rows.find((row) => row.model === `revenue.${model}` && row.horizon === horizon);
  const coverage = (share: number | undefined): Estimate =>
    rateEstimate(
      Math.round((share ?? 0) * (own?.n ?? 0)),
      own?.n ?? 0,
      undefined,
      'jeffreys, closed forecasts',
    );
  return {
    coverage80: coverage(own?.coverage80),
    coverage95: coverage(own?.coverage95),
    wape: own?.wape ?? null,
    floor: own?.floor ?? floor,
    crpsSkill: own?.skill ?? null,
    months: monthsOf(months, model, horizon),
  };
};
