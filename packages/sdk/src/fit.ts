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

/**
 * A copy that the collector will take, with strings cut to their limits.
 * @throws {TypeError} when it is too deep, too wide or not data; the event counts as `invalid`
 */
const fitted = (value: unknown, most: number, depth: number): unknown => {
  if (typeof value === 'string') return value.slice(0, most);
  if (typeof value === 'number' ? !Number.isFinite(value) : typeof value === 'bigint') throw TypeError();
  if (typeof value !== 'object' || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return fitted(toJSON.call(value), most, depth);
  if (depth > DEPTH) throw TypeError();
  if (Array.isArray(value)) return value.map((one) => fitted(one, most, depth + 1));
  const entries = Object.entries(value);
  if (entries.length > LIMITS.props) throw TypeError();
  return Object.fromEntries(
    entries.map(([key, one]) => {
      if (key.length > LIMITS.keyLength || FORBIDDEN_KEYS.includes(key)) throw TypeError();
      return [key, fitted(one, most, depth + 1)];
    }),
  );
};

/** Values of free-form maps are stored as text, so it is their text that has a limit. */
const checkMap = (map: unknown): void => {
  for (const value of Object.values(map ?? {}))
    if (typeof value === 'object' && JSON.stringify(value).length > LIMITS.stringLength) throw TypeError();
};

/** Fields of an event within the limits of the wire, decided before it gets a number. */
export const fit = (fields: object): Record<string, unknown> => {
  const all: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields))
    all[key] = fitted(value, LENGTHS[key] ?? LIMITS.stringLength, 1);
  checkMap(all['props']);
  return all;
};
