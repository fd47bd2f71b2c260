import { TypeGuard, type Static, type TObject, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { BadParameter } from '../errors.js';

type Query = Readonly<Record<string, unknown>>;

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap(texts) : [String(value)]);

const literals = (schema: TSchema): string[] | null =>
  TypeGuard.IsUnion(schema) && schema.anyOf.every(TypeGuard.IsLiteral)
    ? schema.anyOf.map((one) => String((one as { const: unknown }).const))
    : null;

const parse = (name: string, schema: TSchema, raw: unknown): unknown => {
  const all = texts(raw);
  if (TypeGuard.IsArray(schema)) {
    // given again and again, a value may hold a comma, as paths and names do
    const values = all.length > 1 ? all : all.flatMap((text) => text.split(','));
    return values.filter((text) => text !== '');
  }
  if (all.length > 1) throw new BadParameter(name, `${name} must be given once`);
  const text = all[0]!;
  if (TypeGuard.IsInteger(schema) || TypeGuard.IsNumber(schema))
    return text.trim() === '' ? NaN : Number(text);
  return text;
};

const exampleOf = ({ examples }: TSchema): string =>
  Array.isArray(examples) ? `, for instance ${String(examples[0])}` : '';

/** What would be right, in words. */
const expectation = (schema: TSchema): string => {
  const allowed = literals(schema);
  if (allowed)
    return `must be one of ${allowed.map((text) => (text === '' ? "'' (none)" : text)).join(', ')}`;
  if (TypeGuard.IsInteger(schema))
    return `must be an integer from ${schema.minimum ?? '-∞'} to ${schema.maximum ?? '∞'}`;
  if (TypeGuard.IsNumber(schema))
    return `must be a number from ${schema.minimum ?? '-∞'} to ${schema.maximum ?? '∞'}`;
  if (TypeGuard.IsArray(schema)) {
    const items = schema.items as TSchema;
    const each =
      literals(items) || typeof items['pattern'] === 'string' ? `, each of which ${expectation(items)}` : '';
    return `must be a comma-separated list of ${schema.minItems ?? 0} to ${schema.maxItems ?? 'many'} values${each}`;
  }
  if (typeof schema['pattern'] === 'string') return `must match ${schema['pattern']}${exampleOf(schema)}`;
  const length = schema['maxLength'] as number | undefined;
  return length === undefined ? 'must be text' : `must be text of at most ${length} characters`;
};

/**
 * Query parameters as the schema types them, defaults filled in.
 * @throws {BadParameter} naming the parameter and what is allowed; also for a parameter that does not exist
 */
export const parseParameters = <P extends TObject>(schema: P, query: Query): Static<P> => {
  const names = Object.keys(schema.properties);
  const unknown = Object.keys(query).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new BadParameter(unknown, `unknown parameter ${unknown}; known are ${names.join(', ')}`);
  }
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    const raw = query[name];
    if (raw === undefined) {
      if ('default' in property) result[name] = structuredClone(property['default']);
      else if (!TypeGuard.IsOptional(property))
        throw new BadParameter(name, `${name} is required: it ${expectation(property)}`);
      continue;
    }
    const value = parse(name, property, raw);
    if (!Value.Check(property, value)) throw new BadParameter(name, `${name} ${expectation(property)}`);
    result[name] = value;
  }
  return result as Static<P>;
};
