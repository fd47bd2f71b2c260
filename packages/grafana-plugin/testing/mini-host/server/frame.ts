import type { Column } from './rowBinary.js';

type Kind = 'number' | 'string' | 'time' | 'boolean' | 'other';

const kindOf = (type: string): Kind => {
  const plain = type.replace(/^(?:(?:Nullable|LowCardinality)\()+/, '');
  if (/^(U?Int|Float|Decimal)/.test(plain)) return 'number';
  if (/^Date/.test(plain)) return 'time';
  if (plain.startsWith('Bool')) return 'boolean';
  return /^(String|FixedString|Enum|UUID)/.test(plain) ? 'string' : 'other';
};

const finite = (value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;

/** A data frame as Grafana's backend sends it. */
export const frameOf = (refId: string, sql: string, columns: readonly Column[]) => ({
  schema: {
    refId,
    meta: { executedQueryString: sql },
    fields: columns.map(({ name, type }) => ({ name, type: kindOf(type) })),
  },
  data: { values: columns.map(({ values }) => values.map(finite)) },
});
