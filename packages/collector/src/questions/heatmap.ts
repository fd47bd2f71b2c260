import { Type } from '@sinclair/typebox';
import { benjaminiHochberg, twoProportionTest } from '../statistics/index.js';
import { EstimateSchema, insufficient, rateEstimate, type Estimate } from './estimate.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';

interface ElementRow {
  element: string;
  label: string;
  fixed: boolean | number;
  left: number;
  top: number;
  width: number;
  height: number;
  n: number;
  visitors: number;
}
interface CellRow {
  element: string;
  gx: number;
  gy: number;
  n: number;
  visitors: number;
}
interface GroupRow {
  element: string;
  first: number;
  second: number;
  first_total: number;
  second_total: number;
}

interface Parameters {
  page: string;
  kind: string;
  compare: string;
}

const pageParameters = (scope: Scope, p: Parameters): Record<string, ViewParameter> => ({
  ...scopeParameters(scope),
  page: p.page,
  kind: p.kind,
});

/**
 * Elements that one group clicks more often than the other: ratio of the shares of visitors with its interval on the
 * log scale, and the false-discovery-adjusted p of the two-proportion test.
 */
const differenceOf = (rows: readonly GroupRow[]): { element: string; ratio: Estimate; q: number }[] => {
  const method = 'ratio of shares, Benjamini–Hochberg';
  const tested = rows.filter((row) => row.first_total > 0 && row.second_total > 0);
  const adjusted = benjaminiHochberg(
    tested.map(
      (row) =>
        twoProportionTest(
          { successes: row.first, trials: row.first_total },
          { successes: row.second, trials: row.second_total },
        ).pPooled,
    ),
  );
  return tested.map((row, index) => {
    const n = row.first + row.second;
    if (row.first === 0 || row.second === 0)
      return { element: row.element, ratio: insufficient(n, method), q: adjusted[index]! };
    const value = row.first / row.first_total / (row.second / row.second_total);
    const error = Math.sqrt(1 / row.first - 1 / row.first_total + 1 / row.second - 1 / row.second_total);
    const reach = Math.exp(1.959964 * error);
    return {
      element: row.element,
      ratio: {
        value,
        lo: value / reach,
        hi: value * reach,
        n,
        method,
        quality: Math.min(row.first, row.second) < 5 ? 'low_n' : 'ok',
      },
      q: adjusted[index]!,
    };
  });
};

export const heatmap = defineQuestion({
  name: 'heatmap',
  summary: 'What is clicked, missed, hammered, never seen?',
  parameters: Type.Object({
    page: Type.String({ minLength: 1, maxLength: 1024, default: '/', description: 'path of the page' }),
    kind: Type.Union(
      ['click', 'rage', 'dead'].map((name) => Type.Literal(name)),
      { default: 'click' },
    ),
    compare: Type.Union(
      ['', 'inquiry', 'returning'].map((name) => Type.Literal(name)),
      {
        default: '',
        description:
          'adds the difference of two groups: visitors with and without an inquiry, returning and new visitors',
      },
    ),
  }),
  data: Type.Object({
    elements: Type.Array(
      Type.Object({
        element: Type.String(),
        label: Type.String(),
        fixed: Type.Boolean(),
        box: Type.Array(Type.Number(), { description: 'left, top, width, height in page pixels, medians' }),
        n: Type.Number(),
        visitors: Type.Number({ description: 'at least 3: smaller groups are not shown' }),
      }),
    ),
    cells: Type.Array(
      Type.Object({
        element: Type.String(),
        gx: Type.Number({ description: '0…15, left to right' }),
        gy: Type.Number({ description: '0…15, top to bottom' }),
        n: Type.Number(),
        visitors: Type.Number(),
      }),
    ),
    scroll: Type.Array(
      Type.Object({ depth: Type.Number({ description: 'percent' }), share: EstimateSchema }),
    ),
    difference: Type.Optional(
      Type.Array(
        Type.Object({
          element: Type.String(),
          ratio: EstimateSchema,
          q: Type.Number({ description: 'below 0.05: the groups differ here' }),
        }),
      ),
    ),
  }),
  table: (scope, p) => ({ view: 'heatmap_cells', parameters: pageParameters(scope, p as Parameters) }),
  ask: async (scope, p, { readView }) => {
    const all = pageParameters(scope, p as Parameters);
    const [elements, cells, scroll, groups] = await Promise.all([
      readView<ElementRow>('heatmap_elements', all),
      readView<CellRow>('heatmap_cells', all),
      readView<{ depth: number; n: number; total: number }>('scroll_depth', {
        ...scopeParameters(scope),
        page: p.page,
      }),
      p.compare === '' ? null : readView<GroupRow>('heatmap_groups', { ...all, compare: p.compare }),
    ]);
    return {
      data: {
        elements: elements.map((row) => ({
          element: row.element,
          label: row.label,
          fixed: Boolean(row.fixed),
          box: [row.left, row.top, row.width, row.height],
          n: row.n,
          visitors: row.visitors,
        })),
        cells: cells.map(({ element, gx, gy, n, visitors }) => ({ element, gx, gy, n, visitors })),
        scroll: scroll.map((row) => ({ depth: row.depth, share: rateEstimate(row.n, row.total) })),
        ...(groups === null ? {} : { difference: differenceOf(groups) }),
      },
    };
  },
});
