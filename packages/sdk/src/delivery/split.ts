import type { Outbox } from './outbox.js';
import { eventsOf } from './pack.js';
import { rowName, type Row } from './row.js';
import { countOf } from './rows.js';
import { change, lose } from './shared.js';

/**
 * Rows with several events become rows of one; a single one that is refused again is given up.
 * @param refused what the last call answered   @returns most events of the next request, and what was refused
 */
export const split = async (
  outbox: Outbox,
  rows: readonly Row[],
  to: 'half' | 'single',
  refused: string,
): Promise<[most: number, refused: string]> => {
  const count = countOf(rows);
  const most = to === 'half' ? count >> 1 || 1 : 1;
  if (count === 1) {
    const name = rowName(rows[0]!);
    if (to === 'half') await lose(outbox, [rows[0]!.k], 'too_large');
    else if (refused === name) await lose(outbox, [rows[0]!.k], 'refused');
    return [most, name];
  }
  for (const row of rows) {
    const [rank, at, salt, n, , stream] = row.k;
    if (n <= most) continue;
    const single = (await eventsOf(row)).map((t, place): Row => ({
      ...row,
      k: [rank, at, salt + (place + 1) / n, 1, t.length, stream],
      t,
    }));
    await change(outbox, [row.k], single);
  }
  return [most, refused];
};
