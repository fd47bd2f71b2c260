import { Type } from '@sinclair/typebox';
import { betaInterval } from '../statistics/index.js';
import { EstimateSchema, insufficient, type Estimate } from './estimate.js';
import { estimate } from './intervals.js';

/** Line of the view `saved_options`. */
export interface SavedRow {
  group: string;
  option: string;
  n: number;
}

/** The range before weighs as many visitors. */
const STRENGTH = 10;
const METHOD = 'dirichlet, saved configurations';

export const OptionMixSchema = Type.Object(
  {
    leadWeeks: Type.Union([Type.Number(), Type.Null()], {
      description: 'by which configurations surely run ahead of orders; null = not known',
    }),
    options: Type.Array(
      Type.Object({
        group: Type.String(),
        option: Type.String(),
        n: Type.Number({ description: 'visitors who saved it in the range' }),
        before: Type.Number({ description: 'in a range of the same length before' }),
        share: EstimateSchema,
      }),
    ),
  },
  { description: 'options of the orders to come, as saved configurations foretell them: for production' },
);

const totals = (rows: readonly SavedRow[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { group, n } of rows) sums.set(group, (sums.get(group) ?? 0) + n);
  return sums;
};

/** Share of each option among saved configurations, pulled a little towards what was saved in the range before. */
export const optionMixOf = (now: readonly SavedRow[], before: readonly SavedRow[]) => {
  const [all, past] = [totals(now), totals(before)];
  const keys = new Map(
    [...now, ...before].map(({ group, option }) => [JSON.stringify([group, option]), { group, option }]),
  );
  const options = new Map<string, number>();
  for (const { group } of keys.values()) options.set(group, (options.get(group) ?? 0) + 1);
  const of = (rows: readonly SavedRow[], group: string, option: string): number =>
    rows.find((row) => row.group === group && row.option === option)?.n ?? 0;
  return [...keys.values()]
    .map(({ group, option }) => {
      const n = of(now, group, option);
      const earlier = of(before, group, option);
      const total = all.get(group) ?? 0;
      const kinds = options.get(group)!;
      // one more of each: an option that nobody saved before is not impossible
      const usual = (earlier + 1) / ((past.get(group) ?? 0) + kinds);
      const share = (): Estimate =>
        kinds === 1
          ? estimate({ value: 1, lo: 1, hi: 1 }, total, METHOD, { fewest: 30, enough: 200 })
          : estimate(
              betaInterval(n, total, { a: STRENGTH * usual, b: STRENGTH * (1 - usual) }),
              total,
              METHOD,
              {
                fewest: 30,
                enough: 200,
              },
            );
      return {
        group,
        option,
        n,
        before: earlier,
        share: total < 30 ? insufficient(total, METHOD) : share(),
      };
    })
    .sort((p, q) => (p.group === q.group ? q.n - p.n : p.group < q.group ? -1 : 1));
};

/** The lag at which configurations surely run ahead of orders, and most so. */
export const leadWeeksOf = (indicator: readonly { lagWeeks: number; orders: Estimate }[]): number | null => {
  const sure = indicator.filter(({ orders }) => orders.lo !== null && orders.lo > 0);
  const best = sure.reduce<(typeof sure)[number] | null>(
    (most, one) => (most === null || one.orders.value! > most.orders.value! ? one : most),
    null,
  );
  return best?.lagWeeks ?? null;
};
