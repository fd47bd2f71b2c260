import {
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  FieldConfigProperty,
  identityOverrideProcessor,
  numberOverrideProcessor,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
  type FieldConfigPropertyItem,
} from '@grafana/data';

type Process = FieldConfigPropertyItem['process'];

/** How overrides of each standard option are read; the editors, which only people at the panel editor see, are left out. */
const PROCESSORS: ReadonlyArray<[FieldConfigProperty, Process]> = [
  [FieldConfigProperty.DisplayName, displayNameOverrideProcessor as Process],
  [FieldConfigProperty.Unit, unitOverrideProcessor as Process],
  [FieldConfigProperty.Min, numberOverrideProcessor as Process],
  [FieldConfigProperty.Max, numberOverrideProcessor as Process],
  [FieldConfigProperty.FieldMinMax, booleanOverrideProcessor as Process],
  [FieldConfigProperty.Decimals, numberOverrideProcessor as Process],
  [FieldConfigProperty.Thresholds, thresholdsOverrideProcessor as Process],
  [FieldConfigProperty.Mappings, valueMappingsOverrideProcessor as Process],
  [FieldConfigProperty.NoValue, stringOverrideProcessor as Process],
  [FieldConfigProperty.Links, dataLinksOverrideProcessor as Process],
  [FieldConfigProperty.Color, identityOverrideProcessor as Process],
  [FieldConfigProperty.Filterable, booleanOverrideProcessor as Process],
];

export const standardFields = (): FieldConfigPropertyItem[] =>
  PROCESSORS.map(([id, process]) => ({
    id,
    path: id,
    name: id,
    description: '',
    editor: () => null,
    override: () => null,
    process,
    settings: {},
    shouldApply: () => true,
    category: ['Standard options'],
  })) as unknown as FieldConfigPropertyItem[];
