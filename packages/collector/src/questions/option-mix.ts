import { Type } from '@sinclair/typebox';
import { EstimateSchema, type Estimate } from './estimate.js';
import { shareEstimate } from './share.js';

/** Line of the view `saved_options`. */
export interface SavedRow {
  group: string;
  option: string;
  n: number;
}

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

interface Option extends SavedRow {
  before: number;
}

interface Group {
  options: number;
  n: number;
  before: number;
}

const groupsOf = (rows: readonly Option[]): Map<string, Group> => {
  const groups = new Map<string, Group>();
  for (const { group, n, before } of rows) {
    const sums = groups.get(group) ?? { options: 0, n: 0, before: 0 };
    groups.set(group, { options: sums.options + 1, n: sums.n + n, before: sums.before + before });
  }
  return groups;
};

/** Options of either range. */
const together = (rows: readonly SavedRow[], earlier: readonly SavedRow[]): Option[] => {
  const options = new Map<string, Option>();
  const at = ({ group, option }: SavedRow): Option => {
    const key = JSON.stringify([group, option]);
    const known = options.get(key) ?? { group, option, n: 0, before: 0 };
    options.set(key, known);
    return known;
  };
  for (const row of rows) at(row).n = row.n;
  for (const row of earlier) at(row).before = row.n;
  return [...options.values()];
};

/** Share of each option among saved configurations, pulled a little towards what was saved in the range before. */
export const optionMixOf = (saved: readonly SavedRow[], earlier: readonly SavedRow[]) => {
  const rows = together(saved, earlier);
  const groups = groupsOf(rows);
  return rows
    .map(({ group, option, n, before }) => {
      const all = groups.get(group)!;
      // one more of each: an option that nobody saved before is not impossible
      const usual = (before + 1) / (all.before + all.options);
      const share = shareEstimate(n, all.n, usual, METHOD);
      return { group, option, n, before, share };
    })
    .sort((p, q) =>
      p.group === q.group ? q.n - p.n || (p.option < q.option ? -1 : 1) : p.group < q.group ? -1 : 1,
    );
};

/** The lag at which configurations surely run ahead of orders, and most so: in the same week they do not. */
export const leadWeeksOf = (indicator: readonly { lagWeeks: number; orders: Estimate }[]): number | null => {
  const sure = indicator.filter(
    ({ lagWeeks, orders }) => lagWeeks > 0 && orders.lo !== null && orders.lo > 0,
  );
  const best = sure.reduce<(typeof sure)[number] | null>(
    (most, one) => (most === null || one.orders.value! > most.orders.value! ? one : most),
    null,
  );
  return best?.lagWeeks ?? null;
};
