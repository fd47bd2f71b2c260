import { LRUCache } from 'lru-cache';

/** Answers and rows that are kept at once. */
const MOST = { answers: 500, rows: 300_000 };

/**
 * Keeps rows for whoever asks the same again: for what is over, and for what many questions ask at the same moment. Those
 * who ask while it is read wait for that reading. One that failed is not kept, nor one that found nothing: a history that is
 * just being told must show at once.
 * @param now milliseconds, for the age of what is kept
 */
export const createKeptRows = (
  now: () => number = () => performance.now(),
): (<Row>(key: string, keepMs: number, read: () => Promise<Row[]>) => Promise<Row[]>) => {
  const kept = new LRUCache<string, readonly unknown[], () => Promise<readonly unknown[]>>({
    max: MOST.answers,
    maxSize: MOST.rows,
    sizeCalculation: (rows) => rows.length + 1,
    perf: { now },
    // else it looks at its clock once a millisecond only
    ttlResolution: 0,
    fetchMethod: async (_key, _stale, { context: read, options }) => {
      const rows = await read();
      // 0 would be for ever
      if (rows.length === 0) options.ttl = 1e-6;
      return rows;
    },
  });
  return async <Row>(key: string, keepMs: number, read: () => Promise<Row[]>): Promise<Row[]> =>
    (await kept.forceFetch(key, {
      ttl: keepMs,
      // shared by everybody who asks
      context: async () => Object.freeze(await read()),
    })) as Row[];
};
