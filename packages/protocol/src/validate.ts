import { TypeCompiler, ValueErrorType, type TypeCheck, type ValueError } from '@sinclair/typebox/compiler';
import type { TSchema } from '@sinclair/typebox';
import { BatchSchema, type Batch } from './batch.js';
import { EVENT_SCHEMAS, type Event, type EventType } from './events.js';
import { FORBIDDEN_KEYS, LIMITS } from './limits.js';
import type { EventReason } from './reasons.js';

/** What is wrong with a value: the field as a dotted path, the limit in words. */
export interface Problem {
  reason: EventReason;
  field: string;
  message: string;
}
export type Checked<T> = { kind: 'valid'; value: T } | ({ kind: 'invalid' } & Problem);

const batchCheck = TypeCompiler.Compile(BatchSchema);
const eventChecks = new Map<string, TypeCheck<TSchema>>(
  Object.entries(EVENT_SCHEMAS).map(([type, schema]) => [type, TypeCompiler.Compile(schema as TSchema)]),
);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const reasonOf = (error: ValueError): EventReason => {
  if (error.path === '/seq') return 'seq';
  if (/^\/(props|options|attribution)/.test(error.path)) return 'props';
  if (typeof error.value === 'number') {
    return error.schema['type'] === 'integer' || error.schema['type'] === 'number' ? 'number' : 'schema';
  }
  return error.type === ValueErrorType.StringMaxLength ? 'string' : 'schema';
};

/** TypeBox reports a union only as "expected union value"; the first inner error says more. */
const deepest = (error: ValueError): ValueError => {
  for (const inner of error.errors) {
    const first = inner.First();
    if (first && first.schema['type'] !== 'null') return deepest(first);
  }
  return error;
};

const limitOf = (error: ValueError): string => {
  const { minimum, maximum, maxLength, maxItems, maxProperties, pattern, type } = error.schema as Record<
    string,
    unknown
  >;
  const values = error.schema['enum'] as unknown[] | undefined;
  if (error.type === ValueErrorType.ObjectRequiredProperty) return 'is required';
  if (values) return `must be one of ${values.join(', ')}`;
  if (error.type === ValueErrorType.StringMaxLength)
    return `must have at most ${String(maxLength)} characters`;
  if (error.type === ValueErrorType.ArrayMaxItems) return `must have at most ${String(maxItems)} entries`;
  if (error.type === ValueErrorType.ObjectMaxProperties)
    return `must have at most ${String(maxProperties)} keys`;
  if (type === 'integer' || type === 'number') {
    return `must be ${type === 'integer' ? 'an integer' : 'a number'} from ${String(minimum)} to ${String(maximum)}`;
  }
  if (pattern !== undefined) return `must match ${String(pattern)}`;
  return error.message.charAt(0).toLowerCase() + error.message.slice(1);
};

const problem = (error: ValueError): Problem => {
  const inner = deepest(error);
  const field = inner.path.slice(1).replaceAll('/', '.');
  return { reason: reasonOf(inner), field, message: `${field || 'value'} ${limitOf(inner)}` };
};

const props = (field: string, message: string): Problem => ({
  reason: 'props',
  field,
  message: `${field} ${message}`,
});

/** Free-form maps: keys by length and name, values by the size of what will be stored. */
const checkMap = (field: string, map: Record<string, unknown>): Problem | null => {
  for (const key of Object.keys(map)) {
    if (key.length > LIMITS.keyLength) return props(field, `has a key over ${LIMITS.keyLength} characters`);
    if (FORBIDDEN_KEYS.includes(key)) return props(field, `must not have the key ${key}`);
    const value = map[key];
    const stored = typeof value === 'string' ? value : JSON.stringify(value);
    if (stored.length > LIMITS.stringLength) {
      return {
        reason: 'string',
        field: `${field}.${key}`,
        message: `${field}.${key} must have at most ${LIMITS.stringLength} characters`,
      };
    }
  }
  return null;
};

/**
 * Checks the envelope of a batch; the events in it stay unchecked.
 * @returns the batch itself, or the first problem (its `reason` is that of an event; the request's is `envelope`)
 */
export const checkBatch = (value: unknown): Checked<Batch> => {
  if (batchCheck.Check(value)) return { kind: 'valid', value };
  const error = batchCheck.Errors(value).First();
  return {
    kind: 'invalid',
    ...(error ? problem(error) : { reason: 'schema', field: '', message: 'not a batch' }),
  };
};

/** Checks one event against the schema of its type. Unknown fields are allowed and not read. */
export const checkEvent = (value: unknown): Checked<Event> => {
  if (!isRecord(value))
    return { kind: 'invalid', reason: 'schema', field: '', message: 'an event must be an object' };
  const type = value['type'];
  const check = typeof type === 'string' ? eventChecks.get(type) : undefined;
  if (!check) {
    return {
      kind: 'invalid',
      reason: 'type',
      field: 'type',
      message: `type must be one of ${[...eventChecks.keys()].join(', ')}`,
    };
  }
  if (!check.Check(value)) {
    const error = check.Errors(value).First();
    return {
      kind: 'invalid',
      ...(error ? problem(error) : { reason: 'schema', field: '', message: 'not an event' }),
    };
  }
  for (const field of ['props', 'options', 'attribution']) {
    const map = value[field];
    const found = isRecord(map) ? checkMap(field, map) : null;
    if (found) return { kind: 'invalid', ...found };
  }
  return { kind: 'valid', value: value as Event };
};

/** JSON Schema of everything that travels, for documentation and other languages. */
export const jsonSchemas = (): { batch: object; events: Record<EventType, object> } =>
  JSON.parse(JSON.stringify({ batch: BatchSchema, events: EVENT_SCHEMAS })) as {
    batch: object;
    events: Record<EventType, object>;
  };
