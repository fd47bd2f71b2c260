import type { Dropped, Reason } from '../types.js';
import type { Outbox } from './outbox.js';
import type { Row, RowKey, StreamRecord } from './row.js';

/** The first `limit` rows of all pages, rank 0 first, then oldest. */
export const readRows = ({ ask, mine }: Outbox, limit: number): Promise<Row[]> =>
  ask((log) => log.read(limit), mine);

export const keysOf = ({ ask, mine, take }: Outbox): Promise<RowKey[]> => {
  const before = mine().map(({ k }) => k);
  return ask(
    async (log) => {
      const stored = await log.keys();
      const names = new Set(stored.map(String));
      // what another tab drained is gone from the log, and from here
      for (const key of before) if (!names.has(key.join())) take(key.join());
      return stored;
    },
    () => before,
  );
};

/** Totals only grow: of two states the larger one is the later one. */
const larger = (p: Dropped, q: Dropped = {}): Dropped => {
  const all = { ...p };
  for (const reason in q) all[reason as Reason] = Math.max(q[reason as Reason]!, all[reason as Reason] ?? 0);
  return all;
};

export const recordsOf = async ({ ask, own }: Outbox): Promise<Map<string, StreamRecord>> => {
  const stored = await ask(
    (log) => log.records(),
    () => [],
  );
  const all = new Map(stored.map((record) => [record.id, record]));
  // this page knows its own streams best, except what others gave up in its name
  for (const record of own())
    all.set(record.id, { ...record, lost: larger(record.lost, all.get(record.id)?.lost) });
  return all;
};

/** Rows are given up for a reason, which is counted in their streams. */
export const lose = (outbox: Outbox, keys: readonly RowKey[], reason: Reason): Promise<void> => {
  const lost = new Map<string, number>();
  for (const key of keys) lost.set(key[5], (lost.get(key[5]) ?? 0) + key[3]);
  return outbox.change(keys, [], [...lost.keys()], (record) => ({
    ...record,
    news: true,
    lost: { ...record.lost, [reason]: (record.lost[reason] ?? 0) + lost.get(record.id)! },
  }));
};
