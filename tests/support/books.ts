import { expect } from 'chai';
import type { Collector } from './collector.js';
import type { Acknowledged } from './load.js';
import { settled } from './settled.js';
import { SITE } from './site.js';

interface StoredStream {
  stream: string;
  rows: number;
  distinct: number;
  highest: number;
}

/** Compares what visitors were told with what lies in `events`, identity by identity, and with the ledger. */
export const expectExactlyOnce = async (
  collector: Collector,
  acknowledged: Acknowledged,
): Promise<{ events: number; streams: number }> => {
  const line = await settled(collector);
  const rows = await collector.database.rows<StoredStream>(
    `SELECT toString(stream) AS stream, count() AS rows, uniqExact(seq) AS distinct, max(seq) AS highest
     FROM lintel.events WHERE site_id = ${SITE.id} AND NOT startsWith(type, 'stream_') GROUP BY stream`,
  );
  const stored = new Map(rows.map((row) => [row.stream, row]));
  const total = [...acknowledged.values()].reduce((sum, count) => sum + count, 0);

  const wrong = [...acknowledged].flatMap(([stream, count]) => {
    const { rows: n = 0, distinct = 0, highest = -1 } = stored.get(stream) ?? {};
    return n === count && distinct === count && highest === count - 1
      ? []
      : [{ stream, acknowledged: count, rows: n, distinct }];
  });
  expect(wrong, 'streams of which an event is missing or doubled').to.deep.equal([]);
  expect(stored.size, 'streams nobody was told about').to.equal(acknowledged.size);
  expect(line).to.deep.include({
    accepted: total,
    stored: total,
    buffered: 0,
    deadLettered: 0,
    difference: 0,
  });
  return { events: total, streams: stored.size };
};
