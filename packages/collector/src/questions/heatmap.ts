import { Type } from '@sinclair/typebox';
import { benjaminiHochberg, twoProportionTest } from '../statistics/index.js';
import { EstimateSchema, FEWEST_TRIALS, insufficient, rateEstimate, type Estimate } from './estimate.js';
import { inferred } from './inferred.js';
import { noData } from './no-data.js';
import { defineQuestion, scopeParameters, type Scope, type ViewParameter } from './question.js';

interface ElementRow {
  element: string;
  label: string;
  fixed: number;
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

const parameters = Type.Object({
  page: Type.String({
    minLength: 1,
    maxLength: 1024,
    default: '/',
    description: 'path of the page',
    examples: ['/konfigurator'],
  }),
  kind: Type.Union([Type.Literal('click'), Type.Literal('rage'), Type.Literal('dead')], {
    default: 'click',
    description: 'which clicks',
  }),
  compare: Type.Union([Type.Literal(''), Type.Literal('inquiry'), Type.Literal('returning')], {
    default: '',
    description:
      'inquiry = who asked against who did not; returning = who came before against new visitors, both with consent',
  }),
});
const CLICKS: Readonly<Record<string, string>> = {
  click: 'clicks',
  rage: 'rage clicks',
  dead: 'dead clicks',
};

interface Parameters {
  page: string;
  kind: string;
}

const viewParameters = (scope: Scope, { page, kind }: Parameters): Record<string, ViewParameter> => ({
  ...scopeParameters(scope),
  page,
  kind,
});

interface GroupRow {
  element: string;
  first: number;
  second: number;
  first_total: number;
  second_total: number;
}

const RATIO = 'ratio of shares, log-normal';
/** Whether somebody came before is known of those only whose id outlives a day. */
const METHODS = { '': RATIO, inquiry: RATIO, returning: `${RATIO}, consented visitors` };

/** Ratio of two shares of visitors, bounds on the log scale (Katz et al. 1978). */
const ratioOf = (row: GroupRow, method: string): Estimate => {
  const { first, second, first_total: n1, second_total: n2 } = row;
  const least = Math.min(n1, n2);
  if (least < FEWEST_TRIALS || first === 0 || second === 0) return insufficient(least, method);
  const value = first / n1 / (second / n2);
  const half = 1.959964 * Math.sqrt(Math.max(0, 1 / first - 1 / n1 + 1 / second - 1 / n2));
  const low = least < 100 || Math.min(first, second) < 5;
  return {
    value,
    lo: value * Math.exp(-half),
    hi: value * Math.exp(half),
    n: least,
    method,
    quality: low ? 'low_n' : 'ok',
  };
};

/** Which elements one group clicks more than the other; q is corrected for looking at all of them. */
const differenceOf = (
  rows: readonly GroupRow[],
  method: string,
): { element: string; ratio: Estimate; q: number }[] => {
  const usable = rows.filter((row) => Math.min(row.first_total, row.second_total) >= FEWEST_TRIALS);
  // a visitor may click without a page view that was kept: never more than all
  const arm = (k: number, n: number) => ({ successes: Math.min(k, n), trials: n });
  const q = benjaminiHochberg(
    usable.map(
      (row) => twoProportionTest(arm(row.first, row.first_total), arm(row.second, row.second_total)).pPooled,
    ),
  );
  return usable
    .map((row, i) => ({ element: row.element, ratio: ratioOf(row, method), q: q[i]! }))
    .sort((p, r) => p.q - r.q || (p.element < r.element ? -1 : 1));
};

export const heatmap = defineQuestion({
  name: 'heatmap',
  summary: 'What is clicked, missed, hammered, never seen?',
  parameters,
  data: Type.Object({
    elements: Type.Array(
      Type.Object({
        element: Type.String(),
        label: Type.String(),
        fixed: Type.Boolean({ description: 'stays in place while the page scrolls' }),
        box: Type.Object({
          left: Type.Number(),
          top: Type.Number(),
          width: Type.Number(),
          height: Type.Number(),
        }),
        n: Type.Number(),
        visitors: Type.Number(),
      }),
    ),
    cells: Type.Array(
      Type.Object({
        element: Type.String(),
        gx: Type.Number({ description: '0…15 from the left edge of the element' }),
        gy: Type.Number({ description: '0…15 from its top' }),
        n: Type.Number(),
        visitors: Type.Number({ description: 'never below 3' }),
      }),
    ),
    scroll: Type.Array(
      Type.Object({ depth: Type.Number({ description: 'percent of the page' }), share: EstimateSchema }),
    ),
    difference: Type.Optional(
      Type.Array(
        Type.Object({
          element: Type.String(),
          ratio: EstimateSchema,
          q: inferred('Benjamini–Hochberg; below .05 the difference counts'),
        }),
      ),
    ),
  }),
  table: (scope, p) => ({ view: 'heatmap_cells', parameters: viewParameters(scope, p) }),
  ask: async (scope, p, { readView }) => {
    const own = viewParameters(scope, p);
    const [elements, cells, scroll, groups] = await Promise.all([
      readView<ElementRow>('heatmap_elements', own),
      readView<CellRow>('heatmap_cells', own),
      readView<{ depth: number; n: number; total: number }>('scroll_depth', {
        ...scopeParameters(scope),
        page: p.page,
      }),
      p.compare === '' ? null : readView<GroupRow>('heatmap_groups', { ...own, compare: p.compare }),
    ]);
    return {
      data: {
        elements: elements.map(({ element, label, fixed, left, top, width, height, n, visitors }) => ({
          element,
          label,
          fixed: Boolean(fixed),
          box: { left, top, width, height },
          n,
          visitors,
        })),
        cells: cells.map(({ element, gx, gy, n, visitors }) => ({ element, gx, gy, n, visitors })),
        scroll: scroll.map(({ depth, n, total }) => ({
          depth,
          share: rateEstimate(n, total, undefined, 'jeffreys, page instances'),
        })),
        ...(groups ? { difference: differenceOf(groups, METHODS[p.compare as keyof typeof METHODS]) } : {}),
      },
      warnings:
        elements.length > 0
          ? []
          : [noData(scope, `element of ${p.page} with ${CLICKS[p.kind]!} of three visitors`)],
    };
  },
});
