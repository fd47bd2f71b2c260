import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Clock } from '../clock.js';
import { ClickHouseError } from '../errors.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import type { ClickHouse } from '../schema/clickhouse.js';
import { OWN_ROWS_FROM } from './events-table.js';
import { classify } from './failure.js';
import { PLAIN_INSERT } from './insert-statement.js';
import { openQuarantine } from './quarantine.js';
import type { ReplayLog } from './replay-log.js';
import { replayUnits, type ReplayedRow } from './replay.js';
import type { Buffer as LintelBuffer } from '../buffer/buffer.js';

/** A row on its way out of the pipeline. (batch, row) names it: keeping it twice is keeping it once. */
export interface RefusedRow {
  batch: string;
  /** 0-based over the joined members. */
  row: number;
  site: number;
  /** UUID, or empty when the line cannot be read. */
  stream: string;
  seq: number;
  /** UInt64 as decimal text. */
  visitor: string;
  /** Event type; `@<table>` for a row of a side lane. */
  type: string;
  /** ClickHouse's own code. */
  code: number;
  reason: 'poison' | 'poison_alone';
  error: string;
  raw: Uint8Array;
}

/** What an admin sees. */
export interface DeadLetter {
  id: string;
  site: number;
  /** Epoch ms. */
  at: number;
  batch: string;
  stream: string;
  seq: number;
  type: string;
  code: number;
  reason: string;
  error: string;
  state: 'open' | 'replayed' | 'discarded';
  /** Bytes that are no UTF-8 are shown as U+FFFD; `replay` sends the bytes themselves. */
  raw: string;
}

export interface DeadLetters {
  /** Newest first. @throws {ClickHouseError|ClickHouseUnreachable} */
  list(options: { limit: number }): Promise<DeadLetter[]>;
  /**
   * Appends open letters to the buffer again, in doubt lanes, then marks them. A letter that cannot be read stays open.
   * @returns how many were appended   @throws {BufferUnavailable|ClickHouseError|ClickHouseUnreachable}
   */
  replay(options: { ids?: readonly string[] }): Promise<number>;
  /** Durable when it resolves: in the table, or in quarantine when the table refuses. @throws when ClickHouse is away */
  keep(rows: readonly RefusedRow[]): Promise<void>;
  /** A part that ClickHouse holds in part: members and manifest go to quarantine as they are. */
  keepPart(batch: string, members: readonly Uint8Array[], manifest: unknown): void;
  /** Moves quarantined rows into the table; does nothing while it refuses. */
  returnQuarantined(): Promise<void>;
  /** Events in quarantine per site id: dead letters that the table does not know. */
  quarantined(): Map<number, number>;
}

export interface DeadLettersOptions {
  buffer: Pick<LintelBuffer, 'append'>;
  clickhouse: () => ClickHouse;
  database: string;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  dataDir: string;
  /** Default: keeps nothing. */
  replayLog?: Pick<ReplayLog, 'keep'>;
}

const NO_STREAM = '00000000-0000-0000-0000-000000000000';
const REPLAY_ROWS = 1000;

/** A stored line: a dead letter whose bytes are base64, because they may be no text at all. */
type Line = Omit<RefusedRow, 'row' | 'raw' | 'site'> & {
  id: string;
  site_id: number;
  at: number;
  version: number;
  raw: string;
};

const STRUCTURE =
  'id UUID, site_id UInt16, at Int64, batch UInt64, stream UUID, seq UInt32, visitor UInt64, type String, code Int32, reason String, error String, raw String, version UInt64';
/** Lines as `keep` writes them; a letter that is there already is folded. */
export const INSERT_DEAD_LETTERS = `
INSERT INTO dead_letters (id, site_id, at, batch, stream, seq, visitor, type, code, reason, error, raw, state, version)
SELECT id, site_id, fromUnixTimestamp64Milli(at, 'UTC'), batch, stream, seq, visitor, type, code, reason, error,
  base64Decode(raw), 'open', version FROM input('${STRUCTURE}') FORMAT JSONEachRow`;
const LIST = `
SELECT toString(id) AS id, site_id AS site, toUnixTimestamp64Milli(at) AS at, toString(batch) AS batch,
  toString(stream) AS stream, seq, type, code, reason, toValidUTF8(error) AS error, state, toValidUTF8(raw) AS raw
FROM dead_letters FINAL ORDER BY dead_letters.at DESC, id LIMIT {limit:UInt32}`;
const OPEN = `
SELECT toString(id) AS id, site_id AS site, type, base64Encode(raw) AS raw
FROM dead_letters FINAL
WHERE state = 'open' AND dead_letters.id > {after:UUID}
  AND (empty({ids:Array(UUID)}) OR dead_letters.id IN {ids:Array(UUID)})
ORDER BY dead_letters.id LIMIT {limit:UInt32}`;
const MARK = `
INSERT INTO dead_letters SELECT id, site_id, at, batch, stream, seq, visitor, type, code, reason, error, raw,
  'replayed', version + 1 FROM dead_letters FINAL
WHERE state = 'open' AND id IN {ids:Array(UUID)}`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const letterId = ({ batch, row }: RefusedRow): string => {
  const hash = createHash('sha256').update(`${batch}:${row}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
};

export const createDeadLetters = (options: DeadLettersOptions): DeadLetters => {
  const { clickhouse, clock, log, metrics } = options;
  const quarantine = openQuarantine(options.dataDir);

  const lineOf = (row: RefusedRow): Line => ({
    id: letterId(row),
    site_id: row.site,
    at: clock.now(),
    batch: row.batch,
    stream: UUID.test(row.stream) ? row.stream : NO_STREAM,
    seq: row.seq,
    visitor: BigInt(row.visitor) > 0xffff_ffff_ffff_ffffn ? '0' : row.visitor,
    type: row.type,
    code: row.code,
    reason: row.reason,
    error: row.error,
    raw: Buffer.from(row.raw).toString('base64'),
    version: clock.now() * 1000,
  });

  const insert = (ndjson: string): Promise<void> =>
    clickhouse().insert(INSERT_DEAD_LETTERS, Buffer.from(ndjson), { settings: PLAIN_INSERT });

  const keepForReplay = async (ndjson: string): Promise<void> =>
    options.replayLog?.keep(`dead-${createHash('sha256').update(ndjson).digest('hex').slice(0, 32)}`, () =>
      Promise.resolve([
        {
          batch: '0',
          table: 'dead_letters',
          month: '',
          days: 0,
          rows: ndjson.split('\n').length - 1,
          members: [gzipSync(ndjson, { level: 1 })],
        },
      ]),
    );

  /** @returns false when the table itself says no */
  const taken = async (ndjson: string): Promise<boolean> => {
    try {
      await insert(ndjson);
      await keepForReplay(ndjson);
      return true;
    } catch (error) {
      if (error instanceof ClickHouseError && classify(error).kind !== 'later') {
        log.error('dead_letters.refused', { code: error.number, error: error.message, page: true });
        return false;
      }
      throw error;
    }
  };

  const returnQuarantined = async (): Promise<void> => {
    for (const name of quarantine.refused()) {
      if (!(await taken(quarantine.read(name)))) return;
      quarantine.remove(name);
      log.info('dead_letters.returned', { file: name });
    }
  };

  return {
    list: ({ limit }) => clickhouse().rows<DeadLetter>(LIST, { parameters: { limit } }),
    replay: async ({ ids = [] }) => {
      let replayed = 0;
      for (let after = NO_STREAM; ;) {
        const rows = await clickhouse().rows<ReplayedRow>(OPEN, {
          parameters: { ids: ids.filter((id) => UUID.test(id)), after, limit: REPLAY_ROWS },
        });
        if (rows.length === 0 || (ids.length > 0 && !ids.some((id) => UUID.test(id)))) return replayed;
        const { units, ids: readable } = replayUnits(rows);
        // a doubt lane asks no bits, so every shard will do
        for (const unit of units) await options.buffer.append(0, unit);
        // a crash before the mark leaves the letters open: the next replay finds their rows known
        if (readable.length > 0) {
          await clickhouse().command(MARK, {
            parameters: { ids: readable },
            settings: { insert_deduplicate: 0 },
          });
        }
        replayed += readable.length;
        after = rows.at(-1)!.id;
      }
    },
    keep: async (rows) => {
      if (rows.length === 0) return;
      const ndjson = rows.map((row) => `${JSON.stringify(lineOf(row))}\n`).join('');
      if (!(await taken(ndjson)))
        quarantine.write(`${rows[0]!.batch}-${rows[0]!.row}.ndjson`, Buffer.from(ndjson));
      else await returnQuarantined();
      for (const { reason } of rows) metrics.deadLetters.inc({ reason });
      log.error('dead_letters.kept', { batch: rows[0]!.batch, rows: rows.length, code: rows[0]!.code });
    },
    keepPart: (batch, members, manifest) => {
      quarantine.write(`${batch}.gz`, Buffer.concat(members));
      quarantine.write(`${batch}.json`, Buffer.from(JSON.stringify(manifest)));
    },
    returnQuarantined,
    quarantined: () => {
      const sites = new Map<number, number>();
      for (const name of quarantine.refused()) {
        for (const text of quarantine.read(name).split('\n').filter(Boolean)) {
          const { site_id, seq, type } = JSON.parse(text) as Line;
          if (seq < OWN_ROWS_FROM && !type.startsWith('@')) sites.set(site_id, (sites.get(site_id) ?? 0) + 1);
        }
      }
      return sites;
    },
  };
};
