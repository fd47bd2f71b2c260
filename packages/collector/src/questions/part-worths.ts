import { Type } from '@sinclair/typebox';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { ratioInterval, type Random } from '../statistics/index.js';
import { bestDefaultOf } from './best-default.js';
import { dot, fit, METHOD, quadratic, qualityOf, VISITORS } from './choice-fit.js';
import { EstimateSchema, insufficient, type Estimate } from './estimate.js';
import { inferred } from './inferred.js';
import { groupsOf, levelsOf, offersOf, type Group } from './option-offers.js';
import { optionKey, surchargesOf, type ChoiceRow, type PriceRow } from './option-surcharges.js';
import type { Warning } from './question.js';

const FEWEST_LEVELS = 3;
/** Prices must be the sum of their options, up to this share of their spread. */
const LEAST_ADDITIVE = 0.95;
/** As for the best price: a number to act on is no wider than this share of itself at 80 %. */
const WIDEST = 0.2;
const DRAWS = 1000;
const Z95 = 1.959964;

const optional = <T extends typeof EstimateSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

export const PartWorthsSchema = Type.Object(
  {
    options: Type.Array(
      Type.Object({
        group: Type.String(),
        option: Type.String(),
        n: Type.Number({ description: 'visitors who ended with it' }),
        against: Type.String({ description: 'most chosen option of the group' }),
        surcharge: Type.Union([Type.Number(), Type.Null()], {
          description: 'mean, against that option, major units',
        }),
        appeal: {
          ...EstimateSchema,
          description: 'part-worth at its price, logits; 0 = the average option of its group',
        } as typeof EstimateSchema,
        willingness: optional(
          EstimateSchema,
          'to pay for it instead of `against`, major units, if it is worth the same in every model; null for `against` itself',
        ),
      }),
    ),
    bestDefaults: Type.Array(
      Type.Object({
        group: Type.String(),
        option: Type.String({ description: 'most likely to be kept where all are offered' }),
        share: EstimateSchema,
        pBest: inferred('P(no other is kept more often)'),
      }),
      {
        description:
          'what stands there at first is kept more often than it is liked: change a default by an experiment',
      },
    ),
    sensitivity: {
      ...EstimateSchema,
      description: 'logits that a surcharge of 1,000 major units costs',
    } as typeof EstimateSchema,
  },
  { description: 'what options are worth, from the configurations that visitors ended with' },
);

const symmetric = (value: number, variance: number, n: number): Estimate => {
  const half = Z95 * Math.sqrt(Math.max(0, variance));
  return { value, lo: value - half, hi: value + half, n, method: METHOD, quality: qualityOf(n) };
};

/** Why there is no willingness to pay; null when there is one. */
const refusalOf = (
  levels: number,
  additive: number | null,
  sensitivity: { value: number; variance: number },
  visitors: number,
): Warning | null => {
  if (additive !== null && additive < LEAST_ADDITIVE)
    return {
      code: 'NOT_ADDITIVE',
      text: `prices are not the sum of their options (${Math.round(100 * additive)} % of the ${100 * LEAST_ADDITIVE} % needed): no option has a price of its own`,
    };
  if (levels < FEWEST_LEVELS)
    return {
      code: 'TOO_FEW',
      text: `willingness to pay needs an option at ${FEWEST_LEVELS} surcharges (by model, after a change of prices, in an experiment), ${levels} were seen`,
    };
  const z = sensitivity.value / Math.sqrt(sensitivity.variance);
  if (z > Z95) return null;
  return z > 0.2
    ? {
        code: 'TOO_FEW',
        text: `willingness to pay would need about ${Math.ceil(visitors * (Z95 / z) ** 2)} visitors who chose, ${visitors} did`,
      }
    : {
        code: 'NO_PRICE_EFFECT',
        text: 'dearer options are not chosen less: what these choices are worth in money cannot be told',
      };
};

/**
 * Part-worths of options from clicks: each visitor's last configuration is a choice in every group between the options
 * of his model at their surcharges. With utilities that add up, the conditional logit over whole configurations falls
 * apart into one over the options of each group, all with one sensitivity to price; where an option has several
 * surcharges, utility is worth money: willingness to pay = part-worth ÷ sensitivity.
 */
export const partWorthsOf = (choices: readonly ChoiceRow[], prices: readonly PriceRow[], random: Random) => {
  const groups = groupsOf(choices);
  const references = new Map(groups.map(({ name, reference }) => [name, reference]));
  const { cells, additive } = surchargesOf(prices, references);
  const offers = offersOf(groups, choices, cells);
  const visitors = groups.reduce((most, { n }) => Math.max(most, n), 0);
  const none = insufficient(visitors, METHOD);
  if (offers.length === 0)
    return {
      data: { options: [], bestDefaults: [], sensitivity: none },
      warnings: [
        {
          code: 'TOO_FEW',
          text: `part-worths need visitors who changed a configuration with a price: ${visitors} of the ${VISITORS.fewest} needed`,
        },
      ],
    };
  const { at, beta, covariance, scale } = fit(groups, offers);
  const last = beta.length - 1;
  const sensitivity = { value: beta[last]!, variance: covariance[last]![last]! };
  const refusal = refusalOf(levelsOf(offers), additive, sensitivity, visitors);

  const surchargeOf = (group: string, option: string): number | null => {
    const seen = offers.flatMap((offer) => {
      if (offer.group !== group) return [];
      const all = offer.options.reduce((sum, { n }) => sum + n, 0);
      return offer.options.flatMap((one) =>
        one.option === option ? [{ weight: all, surcharge: one.surcharge }] : [],
      );
    });
    const weight = seen.reduce((sum, one) => sum + one.weight, 0);
    return weight > 0 ? seen.reduce((sum, one) => sum + one.weight * one.surcharge, 0) / weight : null;
  };
  /** Utility at the mean surcharge as weights of the coefficients. */
  const weightsOf = (group: string, option: string, surcharge: number): number[] => {
    const weights = new Array<number>(beta.length).fill(0);
    const column = at.get(optionKey(group, option));
    if (column !== undefined) weights[column] = 1;
    weights[last] = -surcharge / scale;
    return weights;
  };
  const willingnessOf = (group: Group, option: string): Estimate | null => {
    const method = `${METHOD}, fieller`;
    const column = at.get(optionKey(group.name, option));
    if (column === undefined) return null;
    if (refusal !== null || group.n < VISITORS.fewest) return insufficient(group.n, method);
    const parts = {
      top: covariance[column]![column]!,
      bottom: sensitivity.variance,
      both: covariance[column]![last]!,
    };
    const ratio = ratioInterval(beta[column]!, sensitivity.value, parts);
    const narrow = ratioInterval(beta[column]!, sensitivity.value, parts, 0.8);
    if (!ratio || !narrow) return insufficient(group.n, method);
    const wide = narrow.hi - narrow.lo > WIDEST * Math.abs(ratio.value);
    return {
      value: ratio.value * scale,
      lo: ratio.lo * scale,
      hi: ratio.hi * scale,
      n: group.n,
      method,
      quality: wide ? 'low_n' : qualityOf(group.n),
    };
  };

  const described = groups.map((group) => {
    const offered = group.options.flatMap((option) => {
      const surcharge = surchargeOf(group.name, option);
      return surcharge === null
        ? []
        : [{ option, surcharge, weights: weightsOf(group.name, option, surcharge) }];
    });
    const mean = beta.map(
      (_, j) => offered.reduce((sum, { weights }) => sum + weights[j]!, 0) / Math.max(1, offered.length),
    );
    const few = group.n < VISITORS.fewest;
    return {
      group,
      offered,
      options: group.options.map((option) => {
        const own = offered.find((one) => one.option === option);
        const away = own?.weights.map((value, j) => value - mean[j]!);
        return {
          group: group.name,
          option,
          n: choices.reduce(
            (sum, row) => (row.group === group.name && row.option === option ? sum + row.n : sum),
            0,
          ),
          against: group.reference,
          surcharge: own?.surcharge ?? null,
          appeal:
            few || !away
              ? insufficient(group.n, METHOD)
              : symmetric(dot(beta, away), quadratic(covariance, away), group.n),
          willingness: willingnessOf(group, option),
        };
      }),
    };
  });
  const root = new CholeskyDecomposition(new Matrix(covariance)).lowerTriangularMatrix.to2DArray();
  const draws = Array.from({ length: DRAWS }, () => {
    const noise = beta.map(() => random.normal());
    return beta.map((b, j) => b + dot(root[j]!, noise));
  });
  const thousand = (1000 * sensitivity.value) / scale;
  return {
    data: {
      options: described.flatMap(({ options }) => options),
      bestDefaults: described.flatMap(({ group, offered }) =>
        offered.length < 2 ? [] : [bestDefaultOf(group, offered, beta, draws)],
      ),
      sensitivity:
        refusal?.code === 'NOT_ADDITIVE' || levelsOf(offers) < FEWEST_LEVELS || visitors < VISITORS.fewest
          ? none
          : symmetric(thousand, sensitivity.variance * (1000 / scale) ** 2, visitors),
    },
    warnings: refusal ? [refusal] : [],
  };
};
