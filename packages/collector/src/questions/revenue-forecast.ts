import { Type } from '@sinclair/typebox';
import { pipelineForecast } from '../statistics/index.js';
import { EstimateSchema, insufficient, type Estimate } from './estimate.js';
import { inferred } from './inferred.js';
import type { ForecastRow, MonthRow, ScoreRow } from './forecast-record.js';
import { forecastModelOf, missingOf, qualityOfLeads, shareWithoutLeads } from './forecast-model.js';
import { scoreOf, ScoreSchema } from './forecast-score.js';
import { blocksOf, forecastHistory, soldSince, type OrderDay } from './history-forecast.js';
import { DAY_MS, epochOf, seedOf } from './intervals.js';
import { reliabilityOf } from './lead-reliability.js';
import { ageWeeksOf, readPipeline, weeklyCounts, type Lead, type Pipeline } from './leads.js';
import { FORECAST_LEVELS } from './naive-forecast.js';
import { noiseFloor } from './noise-floor.js';
import { OtherForecastSchema, otherForecasts } from './other-forecasts.js';
import { defineQuestion, scopeParameters, type Scope } from './question.js';

const LEADS_SHOWN = 500;
/** Share of the revenue that a forecast may leave out without a word. */
const LEAST_TOLD = 0.01;

/** What was foretold of the money of a time. */
export interface Band {
  start: string;
  end: string;
  mean: number;
  lo80: number;
  hi80: number;
  lo95: number;
  hi95: number;
}
interface Expected {
  band: Omit<Band, 'start' | 'end'>;
  model: string;
  perLead: { value: number; lo: number; hi: number }[];
}

const bandOf = ({
  mean,
  quantiles,
}: {
  mean: number;
  quantiles: readonly number[];
}): Omit<Band, 'start' | 'end'> => {
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

/** @param start epoch ms */
const spanOf = (start: number, days: number): { start: string; end: string } => ({
  start: new Date(start).toISOString(),
  end: new Date(start + days * DAY_MS).toISOString(),
});

/** Forecasts as they were made, those that were not known at `to` left out. */
const pastBands = (logged: readonly ForecastRow[], to: number, days: number): Band[] =>
  logged
    .filter(
      (row) =>
        row.subject === 'revenue' &&
        row.horizon === days &&
        !row.model.endsWith('.naive') &&
        epochOf(row.made) < to,
    )
    .map(({ made, mean, lo80, hi80, lo95, hi95 }) => ({
      ...spanOf(epochOf(made), days),
      mean,
      lo80,
      hi80,
      lo95,
      hi95,
    }))
    .sort((p, q) => epochOf(p.start) - epochOf(q.start));

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
        start: Type.String({ description: 'when it was made: what came before was known' }),
        end: Type.String({ description: 'of the time that is foretold' }),
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
    score: ScoreSchema,
    reliability: Type.Array(
      Type.Object({
        p: inferred('mean chance that was foretold'),
        observed: EstimateSchema,
      }),
      { description: 'leads of the past: foretold with what was known then, and what became of them' },
    ),
    model: Type.String(),
    others: Type.Array(OtherForecastSchema, {
      description: 'what else is foretold each night; none where the history is too short',
    }),
  }),
  money: 'history',
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
    const { kind: model, quality } = forecastModelOf(pipeline, days, scope.to);
    const past = pastBands(logged, scope.to, daysAhead);
    const others = otherForecasts(logged, scores, scope.to, daysAhead);
    const { orders: allOrders, revenue } = soldSince(days, -Infinity);
    if (model === 'none') {
      return {
        data: {
          expected: insufficient(allOrders, 'pipeline'),
          bands: past,
          leads: [],
          score: scoreOf(scores, months, 'pipeline', daysAhead, null),
          reliability,
          model,
          others,
        },
        warnings: [{ code: 'TOO_FEW', text: missingOf(pipeline, days, scope.to) }],
      };
    }
    const byLeads = qualityOfLeads(pipeline, scope.to);
    // regular orders need no inquiry to be forecast; where inquiries can be, their chances stand beside them
    const own = byLeads === 'insufficient' ? null : fromPipeline(pipeline, scope, daysAhead);
    const band =
      model === 'ensemble' ? bandOf(forecastHistory(blocksOf(days, scope.to), daysAhead)) : own!.band;
    const n = pipeline.orders.length;
    const sold =
      model === 'ensemble'
        ? { n: allOrders, value: revenue }
        : { n, value: pipeline.orders.reduce((sum, { value }) => sum + value, 0) };
    const meanOrder = sold.n > 0 ? sold.value / sold.n : null;
    const floor = meanOrder === null ? null : noiseFloor(band.mean / meanOrder);
    const leftOut = model === 'pipeline' ? shareWithoutLeads(pipeline, days) : 0;
    return {
      data: {
        expected: { value: band.mean, lo: band.lo95, hi: band.hi95, n: sold.n, method: model, quality },
        bands: [...past, { ...spanOf(scope.to, daysAhead), ...band }],
        leads: own ? likeliest(pipeline.open, own.perLead, { now: scope.to, n, quality: byLeads }) : [],
        score: scoreOf(scores, months, model, daysAhead, floor),
        reliability,
        model,
        others,
      },
      warnings:
        leftOut >= LEAST_TOLD
          ? [
              {
                code: 'OTHER_ORDERS',
                text: `${Math.round(100 * leftOut)} % of the revenue so far came without an inquiry: this forecast is about inquiries only`,
              },
            ]
          : [],
    };
  },
});
