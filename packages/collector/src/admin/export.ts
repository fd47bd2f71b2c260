import type { Scope, ViewParameter } from '../questions/index.js';
import type { Streamed } from './route.js';

export const EXPORT_FORMATS = ['csv', 'parquet', 'arrow'] as const;

/** Bytes of `SELECT * FROM <view>(…) FORMAT <format>`. */
export type ReadBytes = (
  view: string,
  parameters: Readonly<Record<string, ViewParameter>>,
  format: 'Parquet' | 'ArrowStream' | 'JSONCompactEachRowWithNames',
) => AsyncIterable<Uint8Array>;

/** A spreadsheet runs a cell that starts like this; a quote in front makes it text again. */
const FORMULA = /^[=+\-@\t\r\n]/;

const cell = (value: unknown): string => {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

async function* csv(lines: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder();
  let rest = '';
  const convert = (text: string): Uint8Array =>
    Buffer.from(`${(JSON.parse(text) as unknown[]).map(cell).join(',')}\r\n`);
  for await (const chunk of lines) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop()!;
    for (const line of parts) if (line !== '') yield convert(line);
  }
  if (rest !== '') yield convert(rest);
}

const KINDS = {
  csv: {
    contentType: 'text/csv; charset=utf-8',
    extension: 'csv',
    clickhouse: 'JSONCompactEachRowWithNames',
  },
  parquet: { contentType: 'application/vnd.apache.parquet', extension: 'parquet', clickhouse: 'Parquet' },
  arrow: {
    contentType: 'application/vnd.apache.arrow.stream',
    extension: 'arrow',
    clickhouse: 'ArrowStream',
  },
} as const;

/** The table of a question as a file, streamed from the database. */
export const exportStream = (o: {
  name: string;
  scope: Scope;
  view: string;
  parameters: Readonly<Record<string, ViewParameter>>;
  format: string;
  readBytes: ReadBytes;
}): Streamed => {
  const kind = KINDS[o.format as keyof typeof KINDS];
  const bytes = o.readBytes(o.view, o.parameters, kind.clickhouse);
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return {
    contentType: kind.contentType,
    fileName: `lintel-${o.name}-${day(o.scope.from)}-${day(o.scope.to)}.${kind.extension}`,
    body: o.format === 'csv' ? csv(bytes) : bytes,
  };
};
