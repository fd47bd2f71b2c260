/** A JSON Schema as the OpenAPI document prints it. */
export type JsonSchema = Record<string, unknown> & {
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  const?: unknown;
  patternProperties?: Record<string, JsonSchema>;
};

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/** Names that an object may have by any part of its schema. */
const namesOf = (schema: JsonSchema): string[] => [
  ...Object.keys(schema.properties ?? {}),
  ...(schema.allOf ?? []).flatMap(namesOf),
];

/**
 * Where `value` is not what `schema` says, as a reader without our types would find out; a member that the schema does
 * not name is a mistake, too.
 * @returns null when it fits
 */
export const mismatch = (schema: JsonSchema, value: unknown, path = '$', closed = true): string | null => {
  if ('const' in schema)
    return value === schema.const ? null : `${path} is not ${JSON.stringify(schema.const)}`;
  if (schema.anyOf) {
    const found = schema.anyOf.map((one) => mismatch(one, value, path));
    return found.includes(null) ? null : found.join(' and ');
  }
  if (schema.allOf) {
    const found = schema.allOf.map((one) => mismatch(one, value, path, false)).find((text) => text !== null);
    if (found) return found;
    const extra = Object.keys(value as object).find((name) => !namesOf(schema).includes(name));
    return extra === undefined ? null : `${path}.${extra} is not documented`;
  }
  if (schema.type === undefined) return null;
  const type = typeOf(value);
  if (schema.type === 'integer')
    return Number.isInteger(value) ? null : `${path} is ${JSON.stringify(value)}, not an integer`;
  if (type !== schema.type) return `${path} is ${JSON.stringify(value)}, not ${schema.type}`;
  if (type === 'array') {
    for (const [i, one] of (value as unknown[]).entries()) {
      const wrong = schema.items ? mismatch(schema.items, one, `${path}[${i}]`) : null;
      if (wrong) return wrong;
    }
  }
  if (type === 'object') {
    const members = value as Record<string, unknown>;
    const missing = (schema.required ?? []).find((name) => !(name in members));
    if (missing !== undefined) return `${path}.${missing} is missing`;
    const [any] = Object.values(schema.patternProperties ?? {});
    for (const [name, member] of Object.entries(members)) {
      const own = schema.properties?.[name] ?? any;
      if (own) {
        const wrong = mismatch(own, member, `${path}.${name}`);
        if (wrong) return wrong;
      } else if (closed && schema.properties) return `${path}.${name} is not documented`;
    }
  }
  return null;
};
