import { LIMITS } from '@lintel/protocol/limits';

/** The body, its list of events and the event itself are levels of their own. */
const DEPTH = LIMITS.depth - 3;
const PRICE_MAX = 1e12;
/** Keys that the collector refuses everywhere. */
const FORBIDDEN = /^(__proto__|constructor|prototype)$/;

/** Names shorter than any other text, by field; what the tables store. Those of experiments come cut. */
const LENGTHS: Record<string, number> = {
  group: 256,
  option: 256,
  name: 256,
  previous: 128,
  model: 128,
  id: 64,
  catalogue: 64,
};

/** What must not be missing, by type. */
const NEEDED: Record<string, readonly string[] | undefined> = {
  custom: ['name'],
  option_select: ['group', 'option'],
  price_view: ['priceCents'],
  config: ['model', 'priceCents'],
};

/**
 * An event as JSON that the collector will take, with strings cut to their limits; decided before it gets a number.
 * @throws {TypeError} when it is too deep, too wide or not data, or lacks what its type needs; it counts as `invalid`
 */
export const fit = (fields: Record<string, unknown>): string => {
  const check = (fits: unknown): void => {
    if (!fits) throw TypeError();
  };
  for (const name of NEEDED[fields['type'] as string] ?? []) {
    const value = fields[name];
    check(LENGTHS[name] ? value && typeof value === 'string' : value !== undefined);
  }
  const depths = new Map<unknown, number>();
  return JSON.stringify(fields, function (this: unknown, name, value: unknown) {
    const depth = depths.get(this) ?? 0;
    const isField = depth === 1 && value !== undefined;
    check(name.length <= LIMITS.keyLength && !FORBIDDEN.test(name));
    if (isField && /^price(Delta)?Cents$/.test(name)) {
      // money is whole and within reason
      value = Math.round(value as number);
      check((value as number) <= PRICE_MAX && (value as number) >= (name === 'priceCents' ? 0 : -PRICE_MAX));
    }
    if (isField && name === 'currency' && !/^[A-Z]{3}$/.test(value as string)) return undefined;
    if (typeof value === 'string') return value.slice(0, (isField && LENGTHS[name]) || LIMITS.stringLength);
    check(typeof value !== 'number' || isFinite(value));
    if (value && typeof value === 'object') {
      // values of a free-form map are stored as text, so it is their text that has a limit
      check(depth !== 2 || JSON.stringify(value).length <= LIMITS.stringLength);
      check(depth <= DEPTH && (!depth || Array.isArray(value) || Object.keys(value).length <= LIMITS.props));
      depths.set(value, depth + 1);
    }
    return value;
  });
};
