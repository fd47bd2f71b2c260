import { Type, type TSchema } from '@sinclair/typebox';

const MARK = 'x-inferred';

/** A number that was inferred but has no interval: a chance, a p-value. Null where the data cannot carry it. */
export const inferred = (description: string) =>
  Type.Union([Type.Number(), Type.Null()], { description, [MARK]: true });

/** A schema and everything that it is made of: parts of an intersection, choices of a union. */
const parts = (schema: TSchema): TSchema[] => [
  schema,
  ...[
    ...((schema['allOf'] as TSchema[] | undefined) ?? []),
    ...((schema['anyOf'] as TSchema[] | undefined) ?? []),
  ].flatMap(parts),
];

/** Schemas that a member of an object, or of a list, may have. */
const membersOf = (schemas: readonly TSchema[], key: string): TSchema[] =>
  schemas.flatMap((schema) => {
    const { items, properties, patternProperties } = schema as {
      items?: TSchema;
      properties?: Record<string, TSchema>;
      patternProperties?: Record<string, TSchema>;
    };
    const own = properties?.[key] ? [properties[key]] : Object.values(patternProperties ?? {});
    return [...own, ...(items ? [items] : [])].flatMap(parts);
  });

const blank = (value: unknown, schemas: readonly TSchema[]): unknown => {
  if (value === null) return null;
  if (typeof value === 'number') return schemas.some((schema) => schema[MARK] === true) ? null : value;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((inner) => blank(inner, membersOf(schemas, '')));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, blank(inner, membersOf(schemas, key))] as const),
  );
};

/** An answer without the numbers that its schema calls {@link inferred}. */
export const withoutInferred = <D>(data: D, schema: TSchema): D => blank(data, parts(schema)) as D;
