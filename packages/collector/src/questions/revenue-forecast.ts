import { Type } from '@sinclair/typebox';
import { pipelineForecast } from '../statistics/index.js';
import { EstimateSchema, insufficient, rateEstimate, type Estimate } from './estimate.js';
import type { ForecastRow, MonthRow, ScoreRow } from './forecast-record.js';
import { blocksOf, forecastHistory, isRegular, type OrderDay } from './history-forecast.js';
import { DAY_MS, epochOf, seedOf } from './intervals.js';
import { reliabilityOf } from './lead-reliability.js';
import { ageWeeksOf, readPipeline, weeklyCounts, type Lead, type Pipeline } from './leads.js';
import { FORECAST_LEVELS } from './naive-forecast.js';
import { noiseFloor } from './noise-floor.js';
import { OtherForecastSchema, otherForecasts } from './other-forecasts.js';
import { defineQuestion, scopeParameters, type Scope } from './question.js';

const YEAR_MS = 365 * DAY_MS;
const FEWEST_ORDERS = 3;
const FEWEST_INQUIRIES = 20;
const ENOUGH_ORDERS = 12;
const LEADS_SHOWN = 500;

interface Band {
  start: string;
  mean: number;
  lo80: number;
  hi80: number;
  lo95: number;
  hi95: number;
}
interface Expected {
  band: Omit<Band, 'start'>;
  model: string;
  perLead: { value: number; lo: number; hi: number }[];
}

const bandOf = ({ mean, quantiles }: { mean: number; quantiles: readonly number[] }): Omit<Band, 'start'> => {
  const at = (level: (typeof FORECAST_LEVELS)[number]): number => quantiles[FORECAST_LEVELS.indexOf(level)]!;
  return { mean, lo80: at(0.1), hi80: at(0.9), lo95: at(0.025), hi95: at(0.975) };
};

/**
 * Revenue of the next days from open and coming inquiries; quantiles at `levels`. The model counts in whole weeks: the
 * days that 30, 90 or 180 are more or less are taken as so much more or less of the same.
 */
export const forecastPipeline = (
  pipeline: Pipeline,
  scope: Scope,
  days: number,
): ReturnType<typeof pipelineForecast> => {
  const weeks = Math.round(days / 7);
  const scale = days / (7 * weeks);
  const forecast = pipelineForecast({
    leads: pipeline.open.map((lead) => ({
      ageWeeks: ageWeeksOf(lead, scope.to),
      tier: lead.tier,
      price: lead.price ?? 0,
    })),
    hazard: pipeline.hazard,
    inquiriesPerWeek: weeklyCounts(pipeline.leads, scope.to, scope.timeZone),
    orderValues: pipeline.orders.map(({ value }) => value),
    horizonWeeks: weeks,
    seed: seedOf(scope),
  });
  return {
    ...forecast,
    mean: forecast.mean * scale,
    quantiles: forecast.quantiles.map((value) => value * scale),
  };
};

const fromPipeline = (pipeline: Pipeline, scope: Scope, days: number): Expected => {
  const { perLead, ...forecast } = forecastPipeline(pipeline, scope, days);
  return { band: bandOf(forecast), model: 'pipeline', perLead };
};

/** Open leads that are likeliest to order, and by which chance. */
const likeliest = (
  open: readonly Lead[],
  chances: Expected['perLead'],
  { now, n, quality }: { now: number; n: number; quality: Estimate['quality'] },
) => {
  // of thousands some hundred are shown: numbers alone are sorted quickly, and only who is not below the last is looked at
  const least = new Float64Array(chances.map(({ value }) => -value)).sort()[LEADS_SHOWN - 1] ?? 0;
  return open
    .flatMap((lead, i) => (chances[i]!.value >= -least ? [{ lead, chance: chances[i]! }] : []))
    .sort((p, q) => q.chance.value - p.chance.value || (p.lead.inquiryId < q.lead.inquiryId ? -1 : 1))
    .slice(0, LEADS_SHOWN)
    .map(({ lead, chance }) => ({
      inquiryId: lead.inquiryId,
      ageDays: Math.floor((now - lead.at) / DAY_MS),
      tier: lead.tier,
      price: lead.price,
      pOrder: { ...chance, n, method: 'hazard by age and tier', quality },
    }));
};

/** Whether there is anything to forecast from. */
export const qualityOf = (pipeline: Pipeline, to: number): Estimate['quality'] => {
  const recent = pipeline.orders.filter(({ at }) => at >= to - YEAR_MS).length;
  if (pipeline.orders.length < FEWEST_ORDERS && pipeline.leads.length < FEWEST_INQUIRIES)
    return 'insufficient';
  return recent < ENOUGH_ORDERS ? 'low_n' : 'ok';
};

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

const scoreOf = (
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

const nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

export const revenueForecast = defineQuestion({
  name: 'revenue-forecast',
  summary: 'What will the open inquiries be worth, how far may one trust it?',
  parameters: Type.Object({
    horizon: Type.Union(
      ['30', '90', '180'].map((days) => Type.Literal(days)),
      { default: '90', description: 'days from the end of the range' },
    ),
  }),
  data: Type.Object({
    expected: EstimateSchema,
    bands: Type.Array(
      Type.Object({
        start: Type.String(),
        mean: Type.Number(),
        lo80: Type.Number(),
        hi80: Type.Number(),
        lo95: Type.Number(),
        hi95: Type.Number(),
      }),
      { description: 'forecasts of this horizon as they were made, and last the one made now' },
    ),
    leads: Type.Array(
      Type.Object({
        inquiryId: Type.String(),
        ageDays: Type.Number(),
        tier: Type.String(),
        price: nullable('last seen price, major units'),
        pOrder: EstimateSchema,
      }),
      { description: 'open leads, the most promising first' },
    ),
    score: Type.Object({
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
    }),
    reliability: Type.Array(
      Type.Object({
        p: Type.Number({ description: 'mean chance that was foretold' }),
        observed: EstimateSchema,
      }),
      { description: 'leads of the past: foretold with what was known then, and what became of them' },
    ),
    model: Type.String(),
    others: Type.Array(OtherForecastSchema, {
      description: 'what else is foretold each night; none where the history is too short',
    }),
  }),
  ignoresFilters: () => 'forecasts are made from the leads and orders of everybody',
  table: (scope) => ({ view: 'forecast', parameters: scopeParameters(scope) }),
  ask: async (scope, { horizon }, { readView }) => {
    const daysAhead = Number(horizon);
    const all = scopeParameters(scope);
    const [pipeline, days, logged, scores, months] = await Promise.all([
      readPipeline(readView, scope),
      readView<OrderDay>('order_days', all),
      readView<ForecastRow>('forecast', all),
      readView<ScoreRow>('forecast_scores', all),
      readView<MonthRow>('forecast_months', all),
    ]);
    const reliability = reliabilityOf(pipeline.leads, scope.to, daysAhead);
    const many = isRegular(days, scope.to);
    const quality = qualityOf(pipeline, scope.to);
    const past = logged
      .filter(
        (row) => row.subject === 'revenue' && row.horizon === daysAhead && !row.model.endsWith('.naive'),
      )
      .map(({ time, mean, lo80, hi80, lo95, hi95 }) => ({ start: time, mean, lo80, hi80, lo95, hi95 }))
      .sort((p, q) => epochOf(p.start) - epochOf(q.start));
    const others = otherForecasts(logged, scores, scope.to, daysAhead);
    const n = pipeline.orders.length;
    const unknown = quality === 'insufficient' || (n === 0 && pipeline.open.every(({ price }) => !price));
    if (!many && unknown) {
      return {
        data: {
          expected: insufficient(n, 'pipeline'),
          bands: past,
          leads: [],
          score: scoreOf(scores, months, 'pipeline', daysAhead, null),
          reliability,
          model: 'none',
          others,
        },
        warnings: [
          {
            code: 'TOO_FEW',
            text: `${n} of the ${FEWEST_ORDERS} orders or ${pipeline.leads.length} of the ${FEWEST_INQUIRIES} inquiries needed`,
          },
        ],
      };
    }
    // regular orders need no inquiry to be forecast
    const own = unknown ? null : fromPipeline(pipeline, scope, daysAhead);
    const band = many ? bandOf(forecastHistory(blocksOf(days, scope.to), daysAhead)) : own!.band;
    const model = many ? 'ensemble' : own!.model;
    const sold = many
      ? days.reduce((sum, { orders, revenue }) => ({ n: sum.n + orders, value: sum.value + revenue }), {
          n: 0,
          value: 0,
        })
      : { n, value: pipeline.orders.reduce((sum, { value }) => sum + value, 0) };
    const meanOrder = sold.n > 0 ? sold.value / sold.n : null;
    const floor = meanOrder === null ? null : noiseFloor(band.mean / meanOrder);
    return {
      data: {
        expected: {
          value: band.mean,
          lo: band.lo95,
          hi: band.hi95,
          n: sold.n,
          method: model,
          quality: many ? 'ok' : quality,
        },
        bands: [...past, { start: new Date(scope.to).toISOString(), ...band }],
        leads: own ? likeliest(pipeline.open, own.perLead, { now: scope.to, n, quality }) : [],
        score: scoreOf(scores, months, model, daysAhead, floor),
        reliability,
        model,
        others,
      },
    };
  },
});
