import type { ClickHouse } from '../schema/clickhouse.js';
import { memberLines, rowHead } from './members.js';
import { OWN_ROWS_FROM } from './events-table.js';

/** Streams asked about at once: their ids travel in the URL, 39 bytes each. */
const STREAMS_PER_QUESTION = 500;

/** Rows of a doubtful part that are stored already, or stand in it twice. */
export interface Known {
  /** 0-based over the joined members, ascending. */
  cut: number[];
  /** Events among them, per site id. */
  sites: Map<number, number>;
}

const askStored = async (clickhouse: ClickHouse, streams: readonly string[]): Promise<Set<string>> => {
  const stored = new Set<string>();
  for (let first = 0; first < streams.length; first += STREAMS_PER_QUESTION) {
    const rows = await clickhouse.rows<{ name: string; seq: number }>(
      // the alias must not be `stream`: it would hide the column, and text equals no UUID
      'SELECT toString(stream) AS name, seq FROM events WHERE stream IN {streams:Array(UUID)}',
      { parameters: { streams: streams.slice(first, first + STREAMS_PER_QUESTION) } },
    );
    for (const { name, seq } of rows) stored.add(`${name}:${seq}`);
  }
  return stored;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Finds the rows of a doubtful part that need not be sent. Rows that cannot be read stay: ClickHouse will say why.
 * @param cut rows that are left out already   @throws {ClickHouseError|ClickHouseUnreachable}
 */
export const findKnown = async (
  clickhouse: ClickHouse,
  members: readonly Uint8Array[],
  cut: readonly number[],
): Promise<Known> => {
  const out = new Set(cut);
  const heads = members.flatMap((member) => memberLines(member).map(rowHead));
  const asked = heads.map((head, index) => (head && UUID.test(head.stream) && !out.has(index) ? head : null));
  const streams = new Set(asked.flatMap((head) => (head ? [head.stream.toLowerCase()] : [])));
  const seen = await askStored(clickhouse, [...streams]);
  const known: Known = { cut: [], sites: new Map() };
  asked.forEach((head, index) => {
    if (!head) return;
    const name = `${head.stream.toLowerCase()}:${head.seq}`;
    if (!seen.has(name)) {
      seen.add(name);
      return;
    }
    known.cut.push(index);
    if (head.seq < OWN_ROWS_FROM) known.sites.set(head.site, (known.sites.get(head.site) ?? 0) + 1);
  });
  return known;
};
