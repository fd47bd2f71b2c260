import { Kind, Type, TypeRegistry, type TSchema } from '@sinclair/typebox';
import { LIMITS } from './limits.js';

/** Building blocks of the wire. A bound here is the bound of the column the value ends in (`columns.ts`). */

const UUID_PATTERN = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';

export const text = (description: string, maxLength: number = LIMITS.stringLength) =>
  Type.String({ maxLength, description });
export const name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });
export const uuid = (description: string) => Type.String({ pattern: UUID_PATTERN, description });
export const integer = (description: string, maximum: number, minimum = 0) =>
  Type.Integer({ minimum, maximum, description });
export const uint16 = (description: string) => integer(description, 65_535);
export const uint32 = (description: string) => integer(description, 4_294_967_295);
export const cents = (description: string) => integer(description, 1_000_000_000_000);
export const signedCents = (description: string) =>
  integer(description, 1_000_000_000_000, -1_000_000_000_000);
/** JSON has no NaN or infinity; 1e999 parses to Infinity, which these bounds refuse. */
export const float = (description: string, minimum = -1e15, maximum = 1e15) =>
  Type.Number({ minimum, maximum, description });
export const percent = (description: string) => integer(description, 100);
/** A closed set prints as `enum` in JSON Schema and compiles to one look-up; TypeBox alone would make a union. */
TypeRegistry.Set<{ enum: string[] }>('OneOf', (schema, value) => schema.enum.includes(value as string));
export const oneOf = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Unsafe<T[number]>({ [Kind]: 'OneOf', type: 'string', enum: [...values], description });
export const currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' });
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const optional = Type.Optional;

/** Free-form map of a custom event; keys and sizes are checked by `validate.ts`, values are stored as text. */
export const props = Type.Record(Type.String(), Type.Unknown(), {
  maxProperties: LIMITS.props,
  description: `at most ${LIMITS.props} keys of ${LIMITS.keyLength} characters`,
});
