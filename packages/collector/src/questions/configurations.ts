import { KEEP_MS, wholeDays } from './intervals.js';
import { scopeParameters, type ReadView, type Scope } from './question.js';

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
type Configurations = ReadonlyMap<string, Configuration>;

/** Of rows that are kept, and shared: they are told apart once. */
const known = new WeakMap<readonly ConfigurationRow[], Configurations>();

const byHash = (rows: readonly ConfigurationRow[]): Configurations => {
  const before = known.get(rows);
  if (before) return before;
  const configurations = new Map(
    rows.map(({ config, model, parts }) => [
      config,
      { model, parts: JSON.parse(parts) as Record<string, string> },
    ]),
  );
  known.set(rows, configurations);
  return configurations;
};

/**
 * What configurations hold, by hash. A hash stands for its options, so what was read up to a minute ago will do as long as
 * it knows every one of `hashes`.
 */
export const readConfigurations = async (
  readView: ReadView,
  scope: Scope,
  hashes: Promise<readonly string[]>,
): Promise<Configurations> => {
  const read = async (keepMs: number): Promise<Configurations> =>
    byHash(
      await readView<ConfigurationRow>(
        'configurations',
        { ...scopeParameters(scope), ...wholeDays(scope) },
        undefined,
        keepMs,
      ),
    );
  const [kept, wanted] = await Promise.all([read(KEEP_MS), hashes]);
  return wanted.every((hash) => kept.has(hash)) ? kept : read(0);
};
