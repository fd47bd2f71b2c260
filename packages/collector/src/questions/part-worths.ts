import { Type } from '@sinclair/typebox';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { conditionalLogit, ratioInterval, type ChoiceSet, type Random } from '../statistics/index.js';
import { EstimateSchema, insufficient, type Estimate } from './estimate.js';
import { quantilesOf } from './intervals.js';
import { cellKey, optionKey, surchargesOf, type ChoiceRow, type PriceRow } from './option-surcharges.js';
import type { Warning } from './question.js';

/** Visitors of a group below which nothing is said, and from which it is not called weak any more. */
const VISITORS = { fewest: 30, enough: 200 };
const FEWEST_LEVELS = 3;
/** Two surcharges of an option are one level when they differ by less than this share. */
const SAME_LEVEL = 0.01;
/** A group with more options is a number (modules, square metres), not a choice between things. */
const MOST_OPTIONS = 12;
/** Prices must be the sum of their options, up to this share of their spread. */
const LEAST_ADDITIVE = 0.95;
/** Weak: nobody prefers an option e¹⁵-fold. */
const WORTH_SD = 5;
const SENSITIVITY_SD = 10;
/** As for the best price: a number to act on is no wider than this share of itself at 80 %. */
const WIDEST = 0.2;
const DRAWS = 1000;
const Z95 = 1.959964;
const METHOD = 'conditional logit';

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
        pBest: Type.Union([Type.Number(), Type.Null()], { description: 'P(no other is kept more often)' }),
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

interface Group {
  name: string;
  options: string[];
  reference: string;
  n: number;
}

const groupsOf = (choices: readonly ChoiceRow[]): Group[] => {
  const counts = new Map<string, Map<string, number>>();
  for (const { group, option, n } of choices) {
    const own = counts.get(group) ?? new Map<string, number>();
    counts.set(group, own.set(option, (own.get(option) ?? 0) + n));
  }
  return [...counts]
    .filter(([, own]) => own.size >= 2 && own.size <= MOST_OPTIONS)
    .map(([name, own]) => ({
      name,
      options: [...own.keys()].sort(),
      reference: [...own].sort(([p, m], [q, n]) => n - m || (p < q ? -1 : 1))[0]![0],
      n: [...own.values()].reduce((sum, n) => sum + n, 0),
    }))
    .sort((p, q) => (p.name < q.name ? -1 : 1));
};

/** What was offered together at which surcharges, and how often each was taken. Cells with the same prices are one. */
interface Offer {
  group: string;
  options: { option: string; surcharge: number; n: number }[];
}

const offersOf = (
  groups: readonly Group[],
  choices: readonly ChoiceRow[],
  cells: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Offer[] => {
  const byCell = new Map<string, ChoiceRow[]>();
  for (const row of choices) {
    const key = `${cellKey(row.model, row.week)} ${row.group}`;
    byCell.set(key, [...(byCell.get(key) ?? []), row]);
  }
  const offers = new Map<string, Offer>();
  for (const group of groups)
    for (const [cell, prices] of cells) {
      const taken = byCell.get(`${cell} ${group.name}`) ?? [];
      const options = group.options.flatMap((option) => {
        const surcharge = prices.get(optionKey(group.name, option));
        const n = taken.find((row) => row.option === option)?.n ?? 0;
        return surcharge === undefined ? [] : [{ option, surcharge, n }];
      });
      if (options.length < 2 || options.every(({ n }) => n === 0)) continue;
      const key = `${group.name} ${options.map(({ option, surcharge }) => `${option}=${surcharge.toFixed(2)}`).join(' ')}`;
      const same = offers.get(key);
      if (same) same.options.forEach((one, i) => (one.n += options[i]!.n));
      else offers.set(key, { group: group.name, options });
    }
  return [...offers.values()];
};

/** Most levels at which the surcharge of one option was seen. */
const levelsOf = (offers: readonly Offer[]): number => {
  const seen = new Map<string, number[]>();
  for (const { group, options } of offers)
    for (const { option, surcharge } of options) {
      const key = optionKey(group, option);
      const levels = seen.get(key) ?? [];
      const near = levels.some(
        (level) =>
          Math.abs(level - surcharge) <= SAME_LEVEL * Math.max(Math.abs(level), Math.abs(surcharge), 1),
      );
      if (!near) seen.set(key, [...levels, surcharge]);
    }
  return [...seen.values()].reduce((most, levels) => Math.max(most, levels.length), 0);
};

const quadratic = (covariance: readonly (readonly number[])[], weights: readonly number[]): number =>
  weights.reduce(
    (sum, p, j) => (p === 0 ? sum : sum + weights.reduce((own, q, k) => own + p * q * covariance[j]![k]!, 0)),
    0,
  );
const dot = (p: readonly number[], q: readonly number[]): number =>
  p.reduce((sum, value, j) => sum + value * q[j]!, 0);

interface Fitted {
  /** Column of an option; the reference of its group has none. */
  at: Map<string, number>;
  beta: number[];
  covariance: number[][];
  /** Major units in which the last coefficient counts. */
  scale: number;
}

const fit = (groups: readonly Group[], offers: readonly Offer[]): Fitted => {
  const columns = groups.flatMap(({ name, options, reference }) =>
    options.filter((option) => option !== reference).map((option) => optionKey(name, option)),
  );
  const at = new Map(columns.map((key, j) => [key, j]));
  const surcharges = offers.flatMap(({ options }) => options.map(({ surcharge }) => Math.abs(surcharge)));
  const scale = surcharges.reduce((sum, value) => sum + value, 0) / Math.max(1, surcharges.length) || 1;
  const sets = offers.map(({ group, options }): ChoiceSet => ({
    x: options.map(({ option, surcharge }) => {
      const row = new Array<number>(columns.length + 1).fill(0);
      const column = at.get(optionKey(group, option));
      if (column !== undefined) row[column] = 1;
      row[columns.length] = -surcharge / scale;
      return row;
    }),
    counts: options.map(({ n }) => n),
  }));
  const { coefficients, covariance, dispersion } = conditionalLogit(sets, [
    ...columns.map(() => WORTH_SD),
    SENSITIVITY_SD,
  ]);
  // tastes of one visitor go together, and not every house is the same: what the model leaves over widens everything
  return {
    at,
    beta: coefficients,
    covariance: covariance.map((row) => row.map((value) => value * dispersion)),
    scale,
  };
};

const qualityOf = (n: number): Estimate['quality'] => (n < VISITORS.enough ? 'low_n' : 'ok');
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
  const root = new CholeskyDecomposition(new Matrix(covariance)).lowerTriangularMatrix;
  const draws = Array.from({ length: DRAWS }, () => {
    const noise = beta.map(() => random.normal());
    return beta.map((b, j) => b + dot(root.getRow(j), noise));
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

/** The option that is kept most often where all are offered at their mean surcharges. */
const bestDefaultOf = (
  group: Group,
  offered: readonly { option: string; weights: readonly number[] }[],
  beta: readonly number[],
  draws: readonly (readonly number[])[],
) => {
  const sharesAt = (coefficients: readonly number[]): number[] => {
    const weights = offered.map((one) => Math.exp(dot(coefficients, one.weights)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  };
  const shares = sharesAt(beta);
  const best = shares.indexOf(Math.max(...shares));
  const { option } = offered[best]!;
  if (group.n < VISITORS.fewest)
    return { group: group.name, option, share: insufficient(group.n, METHOD), pBest: null };
  const drawn = draws.map(sharesAt);
  const [lo, hi] = quantilesOf(
    drawn.map((own) => own[best]!),
    [0.025, 0.975],
  ) as [number, number];
  const value = shares[best]!;
  return {
    group: group.name,
    option,
    share: {
      value,
      lo: Math.min(lo, value),
      hi: Math.max(hi, value),
      n: group.n,
      method: METHOD,
      quality: qualityOf(group.n),
    },
    pBest: drawn.filter((own) => own[best] === Math.max(...own)).length / drawn.length,
  };
};
