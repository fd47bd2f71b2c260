/**
 * The event reference, from the schemas that the collector checks with: `npm run reference` writes `EVENTS.md`, and a
 * test fails while it is not what the schemas say.
 */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { EXAMPLES, jsonSchemas, LIMITS, type EventType } from '@lintel/protocol';

interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  enum?: string[];
  anyOf?: Schema[];
  items?: Schema | Schema[];
  patternProperties?: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
}

const range = ({ minimum, maximum }: Schema): string =>
  minimum === undefined || maximum === undefined ? '' : ` ${minimum}…${maximum}`;

/** A value in a few words: type and bounds. */
const kindOf = (schema: Schema): string => {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' ');
  if (schema.anyOf) return schema.anyOf.map(kindOf).join(' or ');
  if (schema.type === 'integer' || schema.type === 'number') return schema.type + range(schema);
  if (schema.type === 'string')
    return schema.pattern
      ? `text like \`${schema.pattern}\``
      : `text ≤ ${String(schema.maxLength ?? LIMITS.stringLength)}`;
  if (schema.type === 'array') {
    const { items, maxItems } = schema;
    const of = Array.isArray(items) ? items.map(kindOf).join(', ') : items ? kindOf(items) : '';
    return `list${maxItems === undefined ? '' : ` ≤ ${maxItems}`}${of && ` of ${of}`}`;
  }
  if (schema.type === 'object')
    return schema.properties ? `{ ${Object.keys(schema.properties).join(', ')} }` : 'map';
  return schema.type ?? 'any';
};

const COMMON = ['type', 'seq', 'at', 'path', 'after', 'rate'];

const row = (name: string, schema: Schema, required: boolean): string =>
  `| \`${name}\`${required ? ' *' : ''} | ${kindOf(schema).replaceAll('|', '\\|')} | ${schema.description ?? ''} |`;
const table = (rows: readonly string[]): string =>
  ['| field | value | meaning |', '|---|---|---|', ...rows].join('\n');

const fieldsOf = (schema: Schema, wanted: (name: string) => boolean): string[] =>
  Object.entries(schema.properties ?? {})
    .filter(([name]) => wanted(name))
    .map(([name, field]) => row(name, field, schema.required?.includes(name) ?? false));

const section = (type: EventType, schema: Schema): string => {
  const rows = fieldsOf(schema, (name) => !COMMON.includes(name));
  const example = JSON.stringify({ seq: 0, at: 1_763_799_999_000, ...EXAMPLES[type] }, null, 1)
    .replace(/\n\s*/g, ' ')
    .replaceAll('[ ', '[')
    .replaceAll(' ]', ']');
  return [
    `## ${type}`,
    schema.description ?? '',
    rows.length ? table(rows) : '',
    `\`\`\`json\n${example}\n\`\`\``,
  ]
    .filter(Boolean)
    .join('\n\n');
};

/** The whole reference as Markdown. */
export const eventReference = (): string => {
  const events = jsonSchemas().events as Record<EventType, Schema>;
  const [first] = Object.values(events);
  return `${[
    '# Events',
    'Written by `npm run reference` from the schemas of `@lintel/protocol`; do not edit. Fields with * are required.',
    '## Every event',
    table(fieldsOf(first!, (name) => COMMON.includes(name))),
    ...Object.entries(events).map(([type, schema]) => section(type as EventType, schema)),
  ].join('\n\n')}\n`;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(new URL('../EVENTS.md', import.meta.url), eventReference());
