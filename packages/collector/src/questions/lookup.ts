import { KEEP_MS, wholeDays } from './intervals.js';
import { scopeParameters, type ReadView, type Scope } from './question.js';

/**
 * Looks up what stands for a key for good: the options of a configuration's hash, the name of a node's number. What a view
 * told up to a minute ago about the days of the range will do as long as it knows every key that is wanted; else it is read
 * anew.
 * @param view without filters: `site`, `from`, `to`
 */
export const createLookup = <Row extends object, Value>(
  view: string,
  entryOf: (row: Row) => readonly [key: string, value: Value],
): ((
  readView: ReadView,
  scope: Scope,
  wanted: Promise<readonly string[]>,
) => Promise<ReadonlyMap<string, Value>>) => {
  // of rows that are kept, and shared: they are told apart once
  const known = new WeakMap<readonly Row[], ReadonlyMap<string, Value>>();
  const entriesOf = (rows: readonly Row[]): ReadonlyMap<string, Value> => {
    const entries = known.get(rows) ?? new Map(rows.map(entryOf));
    known.set(rows, entries);
    return entries;
  };
  return async (readView, scope, wanted) => {
    const read = async (keepMs: number): Promise<ReadonlyMap<string, Value>> =>
      entriesOf(
        await readView<Row>(view, { ...scopeParameters(scope), ...wholeDays(scope) }, undefined, keepMs),
      );
    const [kept, keys] = await Promise.all([read(KEEP_MS), wanted]);
    return keys.every((key) => kept.has(key)) ? kept : read(0);
  };
};
