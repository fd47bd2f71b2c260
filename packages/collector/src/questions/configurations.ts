import { createLookup, type Found } from './lookup.js';
import { scopeParameters, type ReadView, type Scope, type Warning } from './question.js';

/** Line of the view `configurations`. */
interface ConfigurationRow {
  config: string;
  model: string;
  /** JSON */
  parts: string;
}

export interface Configuration {
  model: string;
  /** An option of each group. */
  parts: Readonly<Record<string, string>>;
}

export type Configurations = Found<Configuration>;

/** What configurations hold, by hash. */
const readConfigurations = createLookup<ConfigurationRow, Configuration>(
  'configurations',
  ({ config, model, parts }) => [config, { model, parts: JSON.parse(parts) as Record<string, string> }],
);

/** Lines of a view that tells of configurations, and what those hold. */
export const readOfConfigurations = async <Row extends { config: string }>(
  readView: ReadView,
  scope: Scope,
  view: string,
): Promise<[rows: Row[], configurations: Configurations]> => {
  const reading = readView<Row>(view, scopeParameters(scope));
  return Promise.all([
    reading,
    readConfigurations(
      readView,
      scope,
      reading.then((rows) => rows.map(({ config }) => config)),
    ),
  ]);
};

/** As many lines as the views `configurations_built` and `configuration_ends` give. */
const MOST_LINES = 500_000;

/** Options are counted from configurations, the most frequent first: a question says when the rarest are missing. */
export const truncationOf = (lines: readonly unknown[]): Warning[] =>
  lines.length < MOST_LINES
    ? []
    : [
        {
          code: 'TRUNCATED',
          text: `only the ${MOST_LINES} most frequent configurations are counted: choose a shorter range or a filter`,
        },
      ];
