import { createLookup, type Found } from './lookup.js';
import type { Warning } from './question.js';

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
export const readConfigurations = createLookup<ConfigurationRow, Configuration>(
  'configurations',
  ({ config, model, parts }) => [config, { model, parts: JSON.parse(parts) as Record<string, string> }],
);

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
