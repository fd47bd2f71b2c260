/** A column of the table `events`, in the order rows are written. */
export interface Column {
  name: string;
  /** ClickHouse type, aliases expanded as `system.columns` prints them. */
  type: string;
}

const LABEL = 'LowCardinality(String)';
const MS = "DateTime64(3, 'UTC')";
const SEC = "DateTime('UTC')";

/**
 * Columns of `events` except `batch`, which the flush adds. The database is lenient where it hurts (4294967296 into
 * UInt32 becomes 0, null becomes the default), so what the edge lets through must fit: a test compares this table
 * with `system.columns`.
 */
export const EVENT_COLUMNS: readonly Column[] = (
  [
    ['site_id', 'UInt16'],
    ['ts', MS],
    ['received', SEC],
    ['skew_ms', 'Int64'],
    ['stream', 'UUID'],
    ['seq', 'UInt32'],
    ['sdk', LABEL],
    ['type', LABEL],
    ['name', LABEL],
    ['kind', LABEL],
    ['visitor', 'UInt64'],
    ['session', 'UInt64'],
    ['consent', "Enum8('none' = 0, 'statistics' = 1, 'all' = 2)"],
    ['consent_text', LABEL],
    ['bot', 'UInt16'],
    ['path', 'String'],
    ['route', LABEL],
    ['view', 'UInt32'],
    ['after', 'UInt32'],
    ['rate', 'Float32'],
    ['ref_host', LABEL],
    ['channel', LABEL],
    ['source', LABEL],
    ['medium', LABEL],
    ['campaign', LABEL],
    ['country', LABEL],
    ['region', LABEL],
    ['language', LABEL],
    ['device', LABEL],
    ['browser', LABEL],
    ['os', LABEL],
    ['model', LABEL],
    ['option_group', LABEL],
    ['option', LABEL],
    ['config_hash', 'UInt64'],
    ['parts', `Map(${LABEL}, ${LABEL})`],
    ['price_cents', 'Int64'],
    ['currency', LABEL],
    ['ref', 'String'],
    ['experiment', LABEL],
    ['variant', LABEL],
    ['value', 'Float64'],
    ['duration_ms', 'UInt32'],
    ['depth', 'UInt8'],
    ['times', 'UInt16'],
    ['element', 'String'],
    ['label', LABEL],
    ['ex', 'UInt16'],
    ['ey', 'UInt16'],
    ['px', 'UInt16'],
    ['py', 'UInt32'],
    ['box', 'Array(UInt32)'],
    ['vw', 'UInt16'],
    ['vh', 'UInt16'],
    ['dh', 'UInt32'],
    ['fixed', 'Bool'],
    ['host', LABEL],
    ['method', LABEL],
    ['status', 'UInt16'],
    ['failure', LABEL],
    ['ttfb_ms', 'Float32'],
    ['bytes', 'UInt32'],
    ['fingerprint', 'UInt64'],
    ['message', 'String'],
    ['stack', 'String'],
    ['props', `Map(${LABEL}, String)`],
  ] as const
).map(([name, type]) => ({ name, type }));

/** Smallest and largest value of an integer column, or null for any other type. */
export const integerBounds = (type: string): { min: bigint; max: bigint } | null => {
  const match = /^(U?)Int(8|16|32|64)$/.exec(type);
  if (!match) return null;
  const bits = BigInt(match[2]!);
  return match[1]
    ? { min: 0n, max: (1n << bits) - 1n }
    : { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n };
};
