import { createLookup } from './lookup.js';

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

/** What configurations hold, by hash. */
export const readConfigurations = createLookup<ConfigurationRow, Configuration>(
  'configurations',
  ({ config, model, parts }) => [config, { model, parts: JSON.parse(parts) as Record<string, string> }],
);
