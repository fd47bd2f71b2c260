import { Type } from '@sinclair/typebox';
import {
  bgNbdExpected,
  customerLifetimeValue,
  fitBgNbd,
  fitGammaGamma,
  riskOf,
  StatisticsError,
  type Customer,
} from '../statistics/index.js';
import { EstimateSchema, insufficient, type Estimate } from './estimate.js';
import { quantilesOf, randomOf } from './intervals.js';
import { FEWEST_ORDERS } from './known-orders.js';
import { readPipeline, type Pipeline } from './leads.js';
import { defineQuestion, scopeParameters, type Scope } from './question.js';

const FEWEST_REPEATERS = 30;
const DAYS_PER_MONTH = 365.25 / 12;
const WEEKS_PER_MONTH = DAYS_PER_MONTH / 7;
const DRAWS = 2000;
const CUSTOMERS_SHOWN = 500;

interface HistoryRow {
  customer: string;
  repeats: number;
  t_x_days: number;
  age_days: number;
  mean_value: number;
}
interface Terms {
  horizonMonths: number;
  discountPerMonth: number;
  margin: number;
  aftersales: number;
}

/**
 * What a new lead of a tier is worth: P(order within the horizon) × value × margin, plus what follows an order
 * (referrals, after-sales) as a share of its value. Value and chance are drawn together.
 */
const singlePurchase = (pipeline: Pipeline, terms: Terms, scope: Scope) => {
  const method = 'hazard × value, simulation';
  const values = pipeline.orders.map(({ value }) => value);
  const tiers = [...new Set(pipeline.leads.map(({ tier }) => tier))].sort();
  const counts = tiers.map((tier) => pipeline.leads.filter((lead) => lead.tier === tier).length);
  const n = values.length;
  if (n < FEWEST_ORDERS || tiers.length === 0)
    return {
      perLead: insufficient(n, method),
      byTier: tiers.map((tier, i) => ({ tier, leads: counts[i]!, value: insufficient(n, method) })),
    };
  const risk = riskOf(pipeline.hazard);
  const exposure = risk.until(Math.max(1, Math.round(terms.horizonMonths * WEEKS_PER_MONTH)));
  const gammas = tiers.map(risk.frailtyOf);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n);
  const random = randomOf(scope);
  const draws = tiers.map(() => [] as number[]);
  const whole: number[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const order = Math.max(0, mean + spread * random.normal()) * (terms.margin + terms.aftersales);
    let sum = 0;
    gammas.forEach(({ shape, rate }, i) => {
      const worth = -Math.expm1((-random.gamma(shape) / rate) * exposure) * order;
      draws[i]!.push(worth);
      sum += worth * counts[i]!;
    });
    whole.push(sum / pipeline.leads.length);
  }
  const estimateOf = (own: readonly number[]): Estimate => {
    const [lo, hi] = quantilesOf(own, [0.025, 0.975]) as [number, number];
    const value = own.reduce((total, x) => total + x, 0) / own.length;
    return { value, lo, hi, n, method, quality: n < 12 ? 'low_n' : 'ok' };
  };
  return {
    perLead: estimateOf(whole),
    byTier: tiers.map((tier, i) => ({ tier, leads: counts[i]!, value: estimateOf(draws[i]!) })),
  };
};

interface Repeat {
  perCustomer: { customer: string; value: Estimate }[];
  refusal?: string;
}

/** BG/NBD × Gamma–Gamma, or the reason why not. */
const repeatShop = (rows: readonly HistoryRow[], terms: Terms): Repeat => {
  const repeaters = rows.filter(({ repeats }) => repeats > 0).length;
  if (repeaters < FEWEST_REPEATERS)
    return { perCustomer: [], refusal: `${repeaters} of the ${FEWEST_REPEATERS} customers needed came back` };
  const customers = rows.map((row): Customer => ({
    id: row.customer,
    x: row.repeats,
    tx: row.t_x_days,
    T: row.age_days,
    m: row.mean_value,
    unit: 'day',
  }));
  try {
    const purchases = fitBgNbd(customers);
    const spend = fitGammaGamma(customers);
    const valued = customers
      .map((customer) => ({
        customer,
        value:
          customerLifetimeValue({
            purchases,
            spend,
            customer,
            steps: terms.horizonMonths,
            unitsPerStep: DAYS_PER_MONTH,
            discountPerStep: terms.discountPerMonth,
          }) * terms.margin,
      }))
      .sort((p, q) => q.value - p.value)
      .slice(0, CUSTOMERS_SHOWN);
    return {
      perCustomer: valued.map(({ customer, value }) => {
        // so many purchases to come are a Poisson count at least: the interval is that of one customer's own future
        const count = bgNbdExpected(purchases, terms.horizonMonths * DAYS_PER_MONTH, customer);
        const half = count > 0 ? (1.959964 * value) / Math.sqrt(count) : 0;
        return {
          customer: customer.id,
          value: {
            value,
            lo: Math.max(0, value - half),
            hi: value + half,
            n: customer.x + 1,
            method: 'bg-nbd × gamma-gamma',
            quality: customer.x === 0 ? ('low_n' as const) : ('ok' as const),
          },
        };
      }),
    };
  } catch (error) {
    if (error instanceof StatisticsError)
      return {
        perCustomer: [],
        refusal: error.code === 'DEPENDENT' ? 'value depends on frequency: |corr| > 0.3' : error.message,
      };
    throw error;
  }
};

/** Value of a customer ÷ what it costs to win him. */
const ratioOf = (perLead: Estimate, cac: number | undefined): Estimate =>
  cac === undefined || perLead.value === null
    ? insufficient(perLead.n, perLead.method)
    : { ...perLead, value: perLead.value / cac, lo: perLead.lo! / cac, hi: perLead.hi! / cac };

export const lifetimeValue = defineQuestion({
  name: 'lifetime-value',
  summary: 'What is a customer worth?',
  parameters: Type.Object({
    horizonMonths: Type.Integer({
      minimum: 1,
      maximum: 120,
      default: 24,
      description: 'how far ahead is counted',
    }),
    discountPerMonth: Type.Number({
      minimum: 0,
      maximum: 0.1,
      default: 0.005,
      description: 'by which later money is worth less',
    }),
    margin: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.2,
      description: 'share of an order that is earned',
    }),
    aftersales: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0,
      description: 'referrals and after-sales, as a share of an order',
    }),
    cac: Type.Optional(Type.Number({ minimum: 0.01, description: 'cost of winning a lead, major units' })),
  }),
  data: Type.Object({
    mode: Type.Union([Type.Literal('single_purchase'), Type.Literal('repeat')]),
    perLead: EstimateSchema,
    byTier: Type.Array(Type.Object({ tier: Type.String(), leads: Type.Number(), value: EstimateSchema })),
    perCustomer: Type.Optional(Type.Array(Type.Object({ customer: Type.String(), value: EstimateSchema }))),
    cacRatio: EstimateSchema,
    refusal: Type.Optional(Type.String({ description: 'why customers are not valued one by one' })),
  }),
  money: 'history',
  ignoresFilters: () => 'a customer is valued by the leads and orders of everybody',
  table: (scope) => ({ view: 'customer_history', parameters: scopeParameters(scope) }),
  ask: async (scope, p, { readView }) => {
    const [pipeline, history] = await Promise.all([
      readPipeline(readView, scope),
      readView<HistoryRow>('customer_history', scopeParameters(scope)),
    ]);
    const { perLead, byTier } = singlePurchase(pipeline, p, scope);
    const { perCustomer, refusal } = repeatShop(history, p);
    return {
      data: {
        mode: refusal === undefined ? ('repeat' as const) : ('single_purchase' as const),
        perLead,
        byTier,
        ...(refusal === undefined ? { perCustomer } : { refusal }),
        cacRatio: ratioOf(perLead, p.cac),
      },
      warnings:
        p.cac === undefined
          ? [{ code: 'NO_CAC', text: 'cacRatio needs cac, the cost of winning a lead' }]
          : [],
    };
  },
});
