import type { BoundValue } from './clickhouse.js';

/** Names and ClickHouse types of the `{name:Type}` in a statement; a type may hold commas and quotes, never braces. */
export const parametersOf = (sql: string): Map<string, string> =>
  new Map([...sql.matchAll(/\{(\w+):([^{}]+)\}/g)].map(([, name, type]) => [name!, type!.trim()] as const));

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\b': '\\b',
  '\f': '\\f',
  '\0': '\\0',
};

const escape = (text: string): string =>
  text.replace(/[\\'\t\n\r\b\f\0]/g, (character) => ESCAPES[character]!);

/** Epoch milliseconds, from 1970 on, as ClickHouse reads a DateTime64(3): seconds with three decimals. */
const milliseconds = (epochMs: number): string => {
  const digits = String(Math.max(0, Math.trunc(epochMs))).padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
};

const element = (value: string | number): string =>
  typeof value === 'string' ? `'${escape(value)}'` : String(value);

/**
 * Text of one `param_<name>`: strings as in TabSeparated, arrays as literals whose strings are quoted,
 * numbers bound to a DateTime64 as epoch milliseconds.
 * @param type as written in the statement, e.g. `DateTime64(3,'UTC')`
 */
export const encodeParameter = (value: BoundValue, type: string): string => {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'object') return `[${value.map(element).join(',')}]`;
  if (typeof value === 'number' && type.startsWith('DateTime64')) return milliseconds(value);
  if (typeof value === 'number' && type.startsWith('DateTime')) return String(Math.trunc(value / 1000));
  return String(value);
};
