import { Type } from '@sinclair/typebox';
import { benjaminiHochberg, twoProportionTest } from '../statistics/index.js';
import { EstimateSchema, FEWEST_TRIALS, insufficient, rateEstimate, type Estimate } from './estimate.js';
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
  page: Type.String({ minLength: 1, maxLength: 1024, default: '/', description: 'path of the page' }),
  kind: Type.Union([Type.Literal('click'), Type.Literal('rage'), Type.Literal('dead')], { default: 'click' }),
  compare: Type.Union([Type.Literal(''), Type.Literal('previous')], {
    default: '',
    description: 'previous = differences to the same length of time before',
  }),
});
interface Parameters {
  page: string;
  kind: string;
}

const viewParameters = (scope: Scope, { page, kind }: Parameters): Record<string, ViewParameter> => ({
  ...scopeParameters(scope),
  page,
  kind,
});

/** Ratio of two shares of visitors, bounds on the log scale (Katz et al. 1978). */
const ratioOf = (k: number, n: number, before: number, nBefore: number): Estimate => {
  const method = 'ratio of shares, log-normal';
  const least = Math.min(n, nBefore);
  if (least < FEWEST_TRIALS || k === 0 || before === 0) return insufficient(least, method);
  const value = k / n / (before / nBefore);
  const half = 1.959964 * Math.sqrt(Math.max(0, 1 / k - 1 / n + 1 / before - 1 / nBefore));
  const low = least < 100 || Math.min(k, before) < 5;
  return {
    value,
    lo: value * Math.exp(-half),
    hi: value * Math.exp(half),
    n: least,
    method,
    quality: low ? 'low_n' : 'ok',
  };
};

interface Group {
  elements: readonly ElementRow[];
  visitors: number;
}

/** Which elements are clicked by another share of visitors than before; q is corrected for looking at all of them. */
const differenceOf = (now: Group, before: Group): { element: string; ratio: Estimate; q: number }[] => {
  if (Math.min(now.visitors, before.visitors) < FEWEST_TRIALS) return [];
  const past = new Map(before.elements.map((row) => [row.element, row.visitors]));
  const current = new Map(now.elements.map((row) => [row.element, row.visitors]));
  const elements = [...new Set([...current.keys(), ...past.keys()])];
  const arm = (successes: number, trials: number) => ({ successes: Math.min(successes, trials), trials });
  const q = benjaminiHochberg(
    elements.map(
      (element) =>
        twoProportionTest(
          arm(current.get(element) ?? 0, now.visitors),
          arm(past.get(element) ?? 0, before.visitors),
        ).pPooled,
    ),
  );
  return elements
    .map((element, i) => ({
      element,
      ratio: ratioOf(current.get(element) ?? 0, now.visitors, past.get(element) ?? 0, before.visitors),
      q: q[i]!,
    }))
    .sort((p, r) => p.q - r.q);
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
          q: Type.Number({ description: 'Benjamini–Hochberg; below .05 the difference counts' }),
        }),
      ),
    ),
  }),
  table: (scope, p) => ({ view: 'heatmap_cells', parameters: viewParameters(scope, p) }),
  ask: async (scope, p, { readView }) => {
    const before: Scope = { ...scope, from: scope.from - (scope.to - scope.from), to: scope.from };
    const groupOf = async (of: Scope): Promise<Group> => {
      const [elements, [total]] = await Promise.all([
        readView<ElementRow>('heatmap_elements', viewParameters(of, p)),
        readView<{ visitors: number }>('overview_total', scopeParameters(of)),
      ]);
      return { elements, visitors: total?.visitors ?? 0 };
    };
    const compares = p.compare === 'previous';
    const [elements, cells, scroll, groups] = await Promise.all([
      readView<ElementRow>('heatmap_elements', viewParameters(scope, p)),
      readView<CellRow>('heatmap_cells', viewParameters(scope, p)),
      readView<{ depth: number; n: number; total: number }>('scroll_depth', {
        ...scopeParameters(scope),
        page: p.page,
      }),
      compares ? Promise.all([groupOf(scope), groupOf(before)]) : null,
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
        ...(groups ? { difference: differenceOf(...groups) } : {}),
      },
    };
  },
});
