import type { Stack } from './stack.js';

/** One site's line of `lintel ledger`. */
export interface Books {
  site: number;
  accepted: number;
  stored: number;
  buffered: number;
  deadLettered: number;
  difference: number;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Summed over the sites. */
export const readBooks = async (stack: Stack): Promise<Omit<Books, 'site'>> => {
  const { ledger } = await stack.admin<{ ledger: Books[] }>('/api/admin/ledger');
  const sum = (name: keyof Omit<Books, 'site'>): number =>
    ledger.reduce((all, books) => all + books[name], 0);
  return {
    accepted: sum('accepted'),
    stored: sum('stored'),
    buffered: sum('buffered'),
    deadLettered: sum('deadLettered'),
    difference: sum('difference'),
  };
};

/** The books are read in several steps: a difference between them is real when it stays. */
const DIFFERENCE_MS = 10_000;

/**
 * Waits until nothing is buffered and the books are closed.
 * @returns accepted, and seconds until the buffer was empty
 * @throws when the books do not close
 */
export const settle = async (stack: Stack, everyMs = 200): Promise<{ accepted: number; seconds: number }> => {
  const started = performance.now();
  let emptyAt: number | null = null;
  for (;;) {
    const books = await readBooks(stack);
    if (books.buffered === 0) {
      emptyAt ??= performance.now();
      if (books.difference === 0) return { accepted: books.accepted, seconds: (emptyAt - started) / 1000 };
      if (performance.now() - emptyAt > DIFFERENCE_MS)
        throw new Error(`the books do not close: ${JSON.stringify(books)}`);
    }
    await pause(everyMs);
  }
};

/** Numbers of a stream that fit one word: what the generator sends stays below. */
const WORD = 64;

/**
 * What the table holds of visitors' events: the collector's own rows are not counted. Bits of a word instead of a set of
 * pairs: twenty million pairs do not fit beside the rest of the machine.
 */
export const stored = async (stack: Stack): Promise<{ rows: number; distinct: number }> => {
  const [found] = await stack.query<{ rows: string; distinct: string; most: string }>(
    `SELECT sum(n) AS rows, sum(bitCount(bits)) AS distinct, max(highest) AS most FROM (
       SELECT count() AS n, groupBitOr(bitShiftLeft(toUInt64(1), seq)) AS bits, max(seq) AS highest
       FROM lintel.events WHERE NOT startsWith(type, 'stream_') GROUP BY stream)`,
  );
  if (Number(found!.most) >= WORD)
    throw new Error(`a stream has a number ${found!.most}: it cannot be counted`);
  return { rows: Number(found!.rows), distinct: Number(found!.distinct) };
};
