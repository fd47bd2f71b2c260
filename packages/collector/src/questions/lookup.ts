import { DateTime } from 'luxon';
import { KEEP_MS, wholeDays } from './intervals.js';
import { scopeParameters, type ReadView, type Scope } from './question.js';

export type Found<Value> = Pick<ReadonlyMap<string, Value>, 'get'>;

/**
 * Looks up what stands for a key for good: the options of a configuration's hash, the name of a node's number. What a view
 * told up to a minute ago about the days of the range will do as long as it knows every key that is wanted; else the last
 * of these days is read anew, where new ones turn up, and all of them if that does not tell.
 * @param view without filters: `site`, `from`, `to`
 */
export const createLookup = <Row extends object, Value>(
  view: string,
  entryOf: (row: Row) => readonly [key: string, value: Value],
): ((readView: ReadView, scope: Scope, wanted: Promise<readonly string[]>) => Promise<Found<Value>>) => {
  // of rows that are kept, and shared: they are told apart once
  const known = new WeakMap<readonly Row[], ReadonlyMap<string, Value>>();
  const entriesOf = (rows: readonly Row[]): ReadonlyMap<string, Value> => {
    const entries = known.get(rows) ?? new Map(rows.map(entryOf));
    known.set(rows, entries);
    return entries;
  };
  return async (readView, scope, wanted) => {
    const days = wholeDays(scope);
    const read = async (from: number, keepMs: number): Promise<ReadonlyMap<string, Value>> =>
      entriesOf(await readView<Row>(view, { ...scopeParameters(scope), ...days, from }, undefined, keepMs));
    const [kept, keys] = await Promise.all([read(days.from, KEEP_MS), wanted]);
    const unknown = keys.filter((key) => !kept.has(key));
    if (unknown.length === 0) return kept;
    const lastDay = DateTime.fromMillis(scope.to - 1, { zone: scope.timeZone })
      .startOf('day')
      .toMillis();
    if (lastDay > days.from) {
      const recent = await read(lastDay, 0);
      if (unknown.every((key) => recent.has(key))) return { get: (key) => kept.get(key) ?? recent.get(key) };
    }
    return read(days.from, 0);
  };
};
