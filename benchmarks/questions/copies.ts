/**
 * The same visits again, of other people: every identity gets another value that depends on the number of the copy, the
 * order of its visit moves along, so whatever is joined stays joined. Statements for the migrator.
 */

/** Tables as they are; the rest of a row is copied. `k` is the number of the copy, from 1. */
const visitor = (k: number): string => `if(visitor = 0, 0, sipHash64(visitor, ${k}))`;
const uuid = (column: string, k: number): string => `reinterpretAsUUID(sipHash128(${column}, ${k}))`;
const NONE = `toUUID('00000000-0000-0000-0000-000000000000')`;

/** A month at a time, so that no part of the insert outgrows the memory. @param month YYYYMM */
export const copyEvents = (columns: readonly string[], k: number, month: number): string => {
  const other: Readonly<Record<string, string>> = {
    visitor: visitor(k),
    session: `if(session = 0, 0, sipHash64(session, ${k}))`,
    stream: uuid('stream', k),
    batch: `sipHash64(batch, ${k})`,
    // inquiries carry their id here, orders their number
    ref: `multiIf(ref = '', '', toUUIDOrZero(ref) = ${NONE}, concat(ref, '-${k}'), toString(${uuid('toUUIDOrZero(ref)', k)}))`,
  };
  return `
INSERT INTO events (${columns.join(', ')})
SELECT ${columns.map((name) => (other[name] ? `${other[name]} AS ${name}` : `events.${name}`)).join(', ')}
FROM events
WHERE toYYYYMM(ts) = ${month} AND site_id = 1 AND batch IN (SELECT batch FROM originals)
SETTINGS max_insert_threads = 1, max_threads = 1, prefer_column_name_to_alias = 1`;
};

export const copyOrders = (columns: readonly string[], k: number): string => {
  const other: Readonly<Record<string, string>> = {
    visitor: visitor(k),
    order_id: `concat(order_id, '-${k}')`,
    inquiry_id: `if(inquiry_id IS NULL, NULL, ${uuid('assumeNotNull(inquiry_id)', k)})`,
  };
  return `
INSERT INTO orders (${columns.join(', ')})
SELECT ${columns.map((name) => (other[name] ? `${other[name]} AS ${name}` : name)).join(', ')}
FROM orders
WHERE NOT match(order_id, '-[0-9]+-[0-9]+$') AND match(order_id, '^W-[0-9]+$')
SETTINGS prefer_column_name_to_alias = 1`;
};
