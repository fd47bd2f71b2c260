import { Type } from '@sinclair/typebox';
import { shrunkElasticities } from '../statistics/index.js';
import { readOfConfigurations, truncationOf } from './configurations.js';
import { cellOf, curveOf, shockOf, type DemandRow } from './demand-cells.js';
import { demandSlope, type DemandCell } from './demand-slope.js';
import { EstimateSchema, insufficient, type Estimate } from './estimate.js';
import { inferred } from './inferred.js';
import { quantilesOf, randomOf } from './intervals.js';
import { choicesAndPrices, type EndRow } from './option-surcharges.js';
import { partWorthsOf, PartWorthsSchema } from './part-worths.js';
import type { ArmRow } from './price-experiments.js';
import { toldExperiments } from './told-experiments.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';

const DRAWS = 2000;
/** What is known of prices before any is seen: the same as for single options. */
const PRIOR = { mean: -1.5, sd: 1 };
/** p* is a number to act on only if its 80 % interval is no wider than this share of it. */
const WIDEST = 0.2;

const viewParameters = (scope: Scope, bucket: number): Record<string, ViewParameter> => ({
  ...scopeParameters(scope),
  bucket,
});

/** Per option: going on after a jump of its price, pulled towards what all options show. */
const optionSlopes = (cells: ReadonlyMap<string, readonly DemandCell[]>) => {
  const slopes = [...cells].flatMap(([key, own]) => {
    const fit = key === 'all' ? null : demandSlope(own);
    return fit ? [{ key, slope: fit.slope, variance: fit.variance, n: fit.n }] : [];
  });
  if (slopes.length === 0) return [];
  // surcharges are jumps, not prices of a house: their common slope is near 0, not near −1.5
  const { groups } = shrunkElasticities(slopes, { priorMean: 0, priorSd: 1 });
  return groups.map(({ key, value, lo, hi }, i) => ({
    key,
    evidence: 'association' as const,
    value,
    lo,
    hi,
    n: slopes[i]!.n,
    method: 'logit slope on ln(jump), controlled for channel, device and returning, shrunk',
    quality: (slopes[i]!.n < 200 ? 'low_n' : 'ok') as Estimate['quality'],
  }));
};

interface Elasticity {
  mean: number;
  sd: number;
  n: number;
}

/** Posterior of the elasticity of the whole house: the slope and the prior, by their precisions. */
const houseElasticity = (fit: { slope: number; variance: number; n: number } | null): Elasticity | null => {
  if (!fit) return null;
  const precision = 1 / fit.variance + 1 / PRIOR.sd ** 2;
  return {
    mean: (fit.slope / fit.variance + PRIOR.mean / PRIOR.sd ** 2) / precision,
    sd: Math.sqrt(1 / precision),
    n: fit.n,
  };
};

const elasticityEstimate = (elasticity: Elasticity | null, seen: number, method: string): Estimate =>
  elasticity === null
    ? insufficient(seen, method)
    : {
        value: elasticity.mean,
        lo: elasticity.mean - 1.959964 * elasticity.sd,
        hi: elasticity.mean + 1.959964 * elasticity.sd,
        n: elasticity.n,
        method,
        quality: elasticity.n < 200 ? 'low_n' : 'ok',
      };

/** p* = c·e / (1 + e) for e < −1; above, every rise of the price pays and there is no optimum. */
const optimumOf = (
  elasticity: Elasticity,
  cost: number,
  current: number,
  scope: Scope,
): (Estimate & { pGain: number }) | null => {
  const random = randomOf(scope);
  const draws = Array.from({ length: DRAWS }, () => elasticity.mean + elasticity.sd * random.normal());
  const bending = draws.filter((e) => e < -1);
  if (bending.length < DRAWS / 2) return null;
  const optima = bending.map((e) => (cost * e) / (1 + e));
  const [lo, lo80, value, hi80, hi] = quantilesOf(optima, [0.025, 0.1, 0.5, 0.9, 0.975]) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const profit = (price: number, e: number): number => (price - cost) * (price / current) ** e;
  const gains = draws.filter((e) => profit(value, e) > profit(current, e)).length;
  return {
    value,
    lo,
    hi,
    n: elasticity.n,
    method: 'constant elasticity, posterior draws with e < −1',
    quality: (hi80 - lo80) / value > WIDEST ? 'low_n' : 'ok',
    pGain: gains / DRAWS,
  };
};

const elasticitySchema = Type.Intersect([
  EstimateSchema,
  Type.Object({
    key: Type.String({
      description: "'all' = price of the whole house; group/option; the name of an experiment with prices",
    }),
    evidence: Type.Union([Type.Literal('randomised'), Type.Literal('association')]),
  }),
]);

export const priceOptimization = defineQuestion({
  name: 'price-optimization',
  summary: 'What does a price do to demand?',
  parameters: Type.Object({
    bucket: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20_000,
      description: 'width of a band of house prices, major units',
    }),
    jump_bucket: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 1000,
      description: 'width of a band of surcharges',
    }),
    cost: Type.Optional(
      Type.Number({ minimum: 1, description: 'unit cost of a house, major units; needed for an optimum' }),
    ),
  }),
  data: Type.Object({
    curve: Type.Array(Type.Object({ band: Type.String(), priceFrom: Type.Number(), rate: EstimateSchema })),
    shock: Type.Array(
      Type.Object({ option: Type.String(), jumpFrom: Type.Number(), leaves: EstimateSchema }),
      { description: 'share that leaves right after the price jumped by so much' },
    ),
    elasticity: Type.Array(elasticitySchema),
    partWorths: PartWorthsSchema,
    optimum: Type.Union([
      Type.Null(),
      Type.Intersect([
        EstimateSchema,
        Type.Object({ pGain: inferred('P(more profit than at the present mean price)') }),
      ]),
    ]),
  }),
  table: (scope, { bucket }) => ({ view: 'price_bands', parameters: viewParameters(scope, bucket) }),
  ask: async (scope, { bucket, jump_bucket, cost }, { readView, readExperiment, clock }) => {
    // what `price_bands` and `price_shock` count adds up from `price_demand`: once read, three times told
    const [demand, [ends, worths], experiments] = await Promise.all([
      readView<DemandRow>('price_demand', { ...viewParameters(scope, bucket), jump_bucket }),
      // fitted while the database still works on the others
      readOfConfigurations<EndRow>(readView, scope, 'configuration_ends').then(([rows, configurations]) => {
        const { choices, prices } = choicesAndPrices(rows, configurations);
        return [rows, partWorthsOf(choices, prices, randomOf(scope))] as const;
      }),
      readView<ArmRow>('price_arms', scopeParameters(scope)).then((arms) =>
        toldExperiments(arms, scope, { readView, readExperiment, clock }),
      ),
    ]);
    const cells = new Map<string, DemandCell[]>();
    for (const row of demand) {
      const own = cells.get(row.key);
      if (own) own.push(cellOf(row));
      else cells.set(row.key, [cellOf(row)]);
    }
    const points = cells.get('all') ?? [];
    const house = houseElasticity(demandSlope(points));
    const method = 'logit slope on ln(price), controlled for channel, device and returning, prior −1.5 ± 1';
    const seen = points.reduce((sum, { n }) => sum + n, 0);
    const randomised = experiments.told.map((one) => ({
      ...one,
      elasticity: houseElasticity(one.fit),
    }));
    // what chance decided says more about a price than what visitors chose
    const best = randomised.find(({ elasticity }) => elasticity !== null)?.elasticity ?? house;
    const current = points.reduce((sum, { price, n }) => sum + price * n, 0) / Math.max(1, seen);
    const optimum =
      best && cost !== undefined && current > cost ? optimumOf(best, cost, current, scope) : null;
    return {
      data: {
        curve: curveOf(points),
        shock: shockOf(demand),
        elasticity: [
          {
            key: 'all',
            evidence: 'association' as const,
            ...elasticityEstimate(house, seen, method),
          },
          ...randomised.map(({ experiment, n, elasticity }) => ({
            key: experiment,
            evidence: 'randomised' as const,
            ...elasticityEstimate(elasticity, n, 'logit slope on ln(price) by arm, prior −1.5 ± 1'),
          })),
          ...optionSlopes(cells),
        ],
        partWorths: worths.data,
        optimum,
      },
      warnings: [
        {
          code: 'ASSOCIATION',
          text: 'these prices were chosen by visitors, not by chance: who builds a dear house may differ in more than its price',
        },
        ...(house
          ? []
          : [
              {
                code: 'TOO_FEW',
                text: 'an elasticity needs three bands of prices: choose a narrower bucket or a longer range',
              },
            ]),
        ...(cost === undefined
          ? [{ code: 'NO_COST', text: 'an optimum needs cost, the unit cost of a house' }]
          : []),
        ...(best && cost !== undefined && optimum === null
          ? [
              {
                code: 'NO_OPTIMUM',
                text:
                  current > cost
                    ? 'no optimum: demand hardly bends, an elasticity below −1 is less likely than not, and above it every higher price would earn more'
                    : `no optimum: cost is not below ${Math.round(current)}, the mean price that visitors saw`,
              },
            ]
          : []),
        ...randomised
          .filter(({ fit }) => fit === null)
          .map(({ experiment, levels }) => ({
            code: 'TOO_FEW',
            text: `an elasticity needs three prices of the same house: ${experiment} had ${levels}`,
          })),
        ...experiments.warnings,
        ...worths.warnings,
        ...truncationOf(ends),
      ],
    };
  },
});
