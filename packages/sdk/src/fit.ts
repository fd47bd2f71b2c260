import { FORBIDDEN_KEYS, LIMITS } from '@lintel/protocol/limits';

/** The body, its list of events and the event itself are levels of their own. */
const DEPTH = LIMITS.depth - 3;

/** Names shorter than any other text, by field; what the tables store. */
const LENGTHS: Record<string, number> = {
  group: 256,
  option: 256,
  name: 256,
  experiment: 256,
  variant: 256,
  previous: 128,
  model: 128,
  unit: 128,
  id: 64,
  catalogue: 64,
};

/** The same value when all of it fits: a copy is made only where a string is cut. */
const fitted = (value: unknown, most: number, depth: number): unknown => {
  if (typeof value === 'string') return value.slice(0, most);
  if (typeof value === 'number' && !Number.isFinite(value)) throw TypeError();
  if (typeof value !== 'object' || !value) return value;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return fitted(toJSON.call(value), most, depth);
  const names = Object.keys(value);
  const isList = Array.isArray(value);
  if (depth > DEPTH || (depth && !isList && names.length > LIMITS.props)) throw TypeError();
  const all = value as Record<string, unknown>;
  let copy = all;
  for (const name of names) {
    if (name.length > LIMITS.keyLength || FORBIDDEN_KEYS.includes(name)) throw TypeError();
    const next = fitted(all[name], (!depth && LENGTHS[name]) || LIMITS.stringLength, depth + 1);
    if (next === all[name]) continue;
    if (copy === all) copy = (isList ? [...value] : { ...value }) as Record<string, unknown>;
    copy[name] = next;
  }
  return copy;
};

/**
 * An event as JSON that the collector will take, with strings cut to their limits; decided before it gets a number.
 * @throws {TypeError} when it is too deep, too wide or not data; the event counts as `invalid`
 */
export const fit = (fields: Record<string, unknown>): string => {
  // values of a free-form map are stored as text, so it is their text that has a limit
  for (const value of Object.values(fields['props'] ?? {}))
    if (typeof value === 'object' && JSON.stringify(value).length > LIMITS.stringLength) throw TypeError();
  return JSON.stringify(fitted(fields, 0, 0));
};
