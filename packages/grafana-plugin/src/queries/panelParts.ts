import type { PanelSpec } from './panelSpec';

/** What a panel is made of besides its title and its query: equal on a page and in a dashboard. */
export interface PanelParts {
  options: Record<string, unknown>;
  fieldConfig: {
    defaults: Record<string, unknown>;
    overrides: Array<{
      matcher: { id: string; options: string };
      properties: Array<{ id: string; value: unknown }>;
    }>;
  };
  transformations: Array<{ id: string; options: Record<string, unknown> }>;
}

const reduce = (spec: PanelSpec) => ({
  reduceOptions: {
    values: spec.rows === true,
    calcs: [spec.calc ?? 'lastNotNull'],
    // '' = every number; the others are dropped by the transformation
    fields: '',
  },
});

const optionsOf = (spec: PanelSpec): Record<string, unknown> => {
  switch (spec.kind) {
    case 'stat':
      return {
        ...reduce(spec),
        colorMode: spec.thresholds ? 'value' : 'none',
        graphMode: spec.sparkline ? 'area' : 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        textMode: 'auto',
        showPercentChange: false,
        wideLayout: true,
      };
    case 'gauge':
      return { ...reduce(spec), orientation: 'auto', showThresholdLabels: false, showThresholdMarkers: true };
    case 'bargauge':
      return {
        ...reduce(spec),
        displayMode: 'basic',
        orientation: 'horizontal',
        valueMode: 'text',
        namePlacement: 'top',
        showUnfilled: true,
        sizing: 'auto',
        minVizWidth: 8,
        minVizHeight: 16,
        maxVizHeight: 300,
      };
    case 'timeseries':
      return {
        legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: false },
        tooltip: { mode: 'multi', sort: 'none' },
      };
    case 'table':
      return { showHeader: true, cellHeight: 'sm' };
  }
};

const words = (spec: PanelSpec): PanelParts['fieldConfig']['overrides'] =>
  spec.words === undefined
    ? []
    : [
        {
          matcher: { id: 'byType', options: 'string' },
          properties: [
            {
              id: 'mappings',
              value: [
                {
                  type: 'value',
                  options: Object.fromEntries(
                    Object.entries(spec.words).map(([value, text], index) => [value, { text, index }]),
                  ),
                },
              ],
            },
          ],
        },
      ];

const names = (spec: PanelSpec): PanelParts['fieldConfig']['overrides'] =>
  Object.entries(spec.names ?? {}).map(([column, name]) => ({
    matcher: { id: 'byName', options: column },
    properties: [{ id: 'displayName', value: name }],
  }));

const BARS = { drawStyle: 'bars', fillOpacity: 60, lineWidth: 1, showPoints: 'never', axisSoftMin: 0 };
const LINE = { drawStyle: 'line', fillOpacity: 10, lineWidth: 2, showPoints: 'never' };

export const panelParts = (spec: PanelSpec): PanelParts => ({
  options: optionsOf(spec),
  fieldConfig: {
    defaults: {
      unit: spec.unit,
      noValue: spec.noValue,
      color: spec.color ? { mode: 'fixed', fixedColor: spec.color } : { mode: 'thresholds' },
      ...(spec.min === undefined ? {} : { min: spec.min }),
      ...(spec.max === undefined ? {} : { max: spec.max }),
      ...(spec.decimals === undefined ? {} : { decimals: spec.decimals }),
      thresholds: { mode: 'absolute', steps: spec.thresholds ?? [{ value: null, color: 'text' }] },
      ...(spec.kind === 'timeseries' ? { custom: spec.draw === 'bars' ? BARS : LINE } : {}),
    },
    overrides: [...words(spec), ...names(spec)],
  },
  transformations: [
    ...(spec.where === undefined
      ? []
      : [
          {
            id: 'filterByValue',
            options: {
              type: 'include',
              match: 'any',
              filters: [
                {
                  fieldName: spec.where.column,
                  config: { id: 'equal', options: { value: spec.where.equals } },
                },
              ],
            },
          },
        ]),
    { id: 'filterFieldsByName', options: { include: { names: [...spec.columns] } } },
  ],
});
