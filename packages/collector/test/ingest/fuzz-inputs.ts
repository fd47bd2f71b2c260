import { gzipSync } from 'node:zlib';
import { EVENT_SCHEMAS, EVENT_TYPES, EXAMPLES, FORBIDDEN_KEYS, LIMITS } from '@lintel/protocol';
import type { TSchema } from '@sinclair/typebox';
import fc from 'fast-check';
import { aBatch, NOW } from './support.js';

/** What people, broken programs and attackers put where something else belongs. */
export const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 6 }),
  fc.constantFrom<unknown>(
    null,
    -1,
    0.5,
    1e308,
    4_294_967_296,
    '\u0000',
    '\ud800',
    'x'.repeat(1025),
    [],
    {},
    '__proto__',
    '11111111-1111-4111-8111-111111111111',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

const key = fc.stringMatching(/^[a-z]{1,10}$/).filter((name) => !FORBIDDEN_KEYS.includes(name));

interface ArraySchema {
  minItems?: number;
  maxItems?: number;
  /** A list for a tuple. */
  items: TSchema | TSchema[];
}

/** Values that a schema of the wire allows, its bounds more often than chance would have them. */
export const fromSchema = (schema: TSchema): fc.Arbitrary<unknown> => {
  const { minimum = 0, maximum = 0 } = schema as { minimum?: number; maximum?: number };
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  if (schema['const'] !== undefined) return fc.constant(schema['const']);
  if (Array.isArray(schema['anyOf'])) return fc.oneof(...(schema['anyOf'] as TSchema[]).map(fromSchema));
  switch (schema['type']) {
    case 'integer':
      return fc.oneof(fc.constantFrom(minimum, maximum), fc.integer({ min: minimum, max: maximum }));
    case 'number':
      return fc.oneof(
        fc.constantFrom(minimum, maximum),
        fc.double({ min: minimum, max: maximum, noNaN: true }),
      );
    case 'string': {
      if (typeof schema['pattern'] === 'string')
        return schema['pattern'].includes('a-f')
          ? fc.uuid()
          : fc.stringMatching(new RegExp(schema['pattern']));
      const { minLength = 0, maxLength = 40 } = schema as { minLength?: number; maxLength?: number };
      const usual = fc.string({ minLength, maxLength: Math.min(maxLength, 40) });
      return fc.oneof({ weight: 5, arbitrary: usual }, fc.constant('x'.repeat(maxLength)));
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const { minItems = 0, maxItems = 4, items } = schema as unknown as ArraySchema;
      if (Array.isArray(items)) return fc.tuple(...items.map(fromSchema));
      return fc.array(fromSchema(items), {
        minLength: minItems,
        maxLength: Math.min(maxItems, minItems + 4),
      });
    }
    case 'object': {
      const { patternProperties, properties, required } = schema as {
        patternProperties?: Record<string, TSchema>;
        properties?: Record<string, TSchema>;
        required?: string[];
      };
      if (patternProperties)
        return fc.dictionary(key, fromSchema(Object.values(patternProperties)[0]!), { maxKeys: 4 });
      const fields = Object.entries(properties ?? {}).map(([name, of]) => [name, fromSchema(of)] as const);
      return fc.record(Object.fromEntries(fields), { requiredKeys: required ?? [] });
    }
    default:
      return fc
        .jsonValue({ maxDepth: 2 })
        .filter((value) => JSON.stringify(value).length <= LIMITS.stringLength);
  }
};

/** An event of any type that its schema allows; number and time are ours. */
export const validEvent: fc.Arbitrary<Record<string, unknown>> = fc
  .oneof(...EVENT_TYPES.map((type) => fromSchema(EVENT_SCHEMAS[type])))
  .map((event) => ({ ...(event as Record<string, unknown>), at: NOW }));

const FIELDS = [...new Set(Object.values(EXAMPLES).flatMap((example) => Object.keys(example)))];

/** A valid event with some of its fields replaced by anything. */
export const damagedEvent: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    fc.oneof(validEvent, fc.constantFrom<Record<string, unknown>>(...Object.values(EXAMPLES))),
    fc.dictionary(fc.constantFrom('seq', 'at', 'type', 'props', 'options', ...FIELDS), oddValue, {
      minKeys: 1,
      maxKeys: 3,
    }),
  )
  .map(([event, odd]) => ({ at: NOW, ...event, ...odd }));

const ENVELOPE = [
  'key',
  'sentAt',
  'stream',
  'visitor',
  'session',
  'consent',
  'page',
  'ended',
  'dropped',
  'events',
] as const;

/** A batch some of whose events and fields are anything. */
export const anyBatch = fc
  .tuple(
    fc.uuid(),
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: damagedEvent },
        { weight: 3, arbitrary: validEvent },
        { weight: 1, arbitrary: oddValue },
      ),
      { maxLength: 8 },
    ),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      fc.dictionary(fc.constantFrom(...ENVELOPE), oddValue, { maxKeys: 2 }),
    ),
  )
  .map(([stream, events, odd]) =>
    aBatch({
      stream,
      events: events.map((event, seq) =>
        event !== null && typeof event === 'object' && !Array.isArray(event) ? { seq, ...event } : event,
      ),
      ...odd,
    }),
  );

/** Characters that mean something to a JSON reader. */
const meaning = fc.constantFrom(
  ...'{}[]",:\\/eE+-.0179nulltrue \t\n\u0000é\u2028',
  '\\u',
  '\\ud800',
  '1e999',
);

type Edit = (text: string) => string;
const at = fc.double({ min: 0, max: 0.999_999, noNaN: true });
const place = (text: string, share: number): number => Math.floor(share * (text.length + 1));

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(at, meaning).map(
    ([share, piece]) =>
      (text: string) =>
        text.slice(0, place(text, share)) + piece + text.slice(place(text, share)),
  ),
  fc.tuple(at, fc.integer({ min: 1, max: 20 })).map(
    ([share, length]) =>
      (text: string) =>
        text.slice(0, place(text, share)) + text.slice(place(text, share) + length),
  ),
  fc.tuple(at, at, fc.integer({ min: 1, max: 60 })).map(([from, to, length]) => (text: string) => {
    const piece = text.slice(place(text, from), place(text, from) + length);
    return text.slice(0, place(text, to)) + piece + text.slice(place(text, to));
  }),
  fc.tuple(at, meaning).map(([share, piece]) => (text: string) => {
    const start = place(text, share);
    return text.slice(0, start) + piece + text.slice(start + 1);
  }),
);

/** JSON of a batch, edited in up to four places. */
export const damagedJson: fc.Arbitrary<Buffer> = fc
  .tuple(anyBatch, fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([batch, edits]) => Buffer.from(edits.reduce((text, one) => one(text), JSON.stringify(batch))));

const flip = (bytes: Buffer, share: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  const index = Math.floor(share * copy.length);
  copy[index] = copy[index]! ^ (1 << bit);
  return copy;
};

/** Gzip that was flipped, cut, joined, lengthened, packed twice or is none. */
export const damagedGzip: fc.Arbitrary<Buffer> = fc
  .tuple(
    anyBatch.map((batch) => gzipSync(JSON.stringify(batch))),
    fc.oneof(
      fc.tuple(at, fc.nat(7)).map(
        ([share, bit]) =>
          (bytes: Buffer) =>
            flip(bytes, share, bit),
      ),
      // head and tail: method, flags, length and checksum
      fc.tuple(fc.nat(9), fc.nat(255)).map(([index, byte]) => (bytes: Buffer) => {
        const copy = Buffer.from(bytes);
        copy[index] = byte;
        return copy;
      }),
      fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(255)).map(([back, byte]) => (bytes: Buffer) => {
        const copy = Buffer.from(bytes);
        copy[copy.length - back] = byte;
        return copy;
      }),
      at.map((share) => (bytes: Buffer) => bytes.subarray(0, Math.floor(share * bytes.length))),
      fc
        .uint8Array({ minLength: 1, maxLength: 40 })
        .map((more) => (bytes: Buffer) => Buffer.concat([bytes, more])),
      fc.constant((bytes: Buffer) => Buffer.concat([gzipSync(' '), bytes, gzipSync('')])),
      fc.constant((bytes: Buffer) => Buffer.concat([bytes, bytes])),
      fc.constant((bytes: Buffer) => gzipSync(bytes)),
      fc.uint8Array({ maxLength: 100 }).map((other) => () => Buffer.from(other)),
    ),
  )
  .map(([bytes, damage]) => damage(bytes));

const HEADS = [
  'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}',
  'POST /v1/events?z=gzip HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  'POST /v1/server/events HTTP/1.1\r\nHost: x\r\nLintel-Key: sk_shop\r\nContent-Length: 2\r\n\r\n{}',
  'POST /v1/inquiries HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
  'OPTIONS /v1/events HTTP/1.1\r\nHost: x\r\nOrigin: https://nest.example\r\n\r\n',
  'GET /v1/settings?key=pk_test HTTP/1.1\r\nHost: x\r\nIf-None-Match: "x"\r\n\r\n',
] as const;

/** Bytes on a connection: requests edited, doubled and cut, or nothing of the kind. */
export const damagedHttp: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.array(fc.constantFrom<string>(...HEADS), { minLength: 1, maxLength: 3 }),
        fc.array(
          fc.oneof(
            edit,
            fc
              .tuple(
                at,
                fc.constantFrom(
                  '\r\n',
                  '\r\n\r\n',
                  '\n',
                  ':',
                  ' ',
                  'Content-Length: 7\r\n',
                  '\u0000',
                  'x'.repeat(9000),
                ),
              )
              .map(
                ([share, piece]) =>
                  (text: string) =>
                    text.slice(0, place(text, share)) + piece + text.slice(place(text, share)),
              ),
          ),
          { minLength: 1, maxLength: 3 },
        ),
      )
      .map(([heads, edits]) =>
        Buffer.from(
          edits.reduce((text, one) => one(text), heads.join('')),
          'latin1',
        ),
      ),
  },
);
