/**
 * The one interface between ingest and flush. Two implementations (`redis.ts`, `disk.ts`) pass one conformance suite.
 * A shard is a queue of members; a member is a unit that was appended; a sealed range is what one flush works on.
 */

/** Table of the rows. `events` is exactly once; side lanes are at least once into tables where a repeat is harmless. */
export type LaneTable = 'events' | 'inquiries' | 'orders' | 'keys' | 'audit' | 'monitor';

export interface Lane {
  table: LaneTable;
  /** Month partition of the rows, `YYYYMM`; empty in side lanes. One INSERT = one month = one part. */
  month: string;
  /** Acknowledged without asking the duplicate bits: the flush asks ClickHouse first. */
  doubt: boolean;
}

/** Text of a lane in queues and manifests: `events:202611`, `events:202611:doubt`, `monitor`. */
export const laneName = (lane: Lane): string =>
  [lane.table, ...(lane.month ? [lane.month] : []), ...(lane.doubt ? ['doubt'] : [])].join(':');

export const parseLane = (name: string): Lane => {
  const [table, ...rest] = name.split(':');
  const doubt = rest.at(-1) === 'doubt';
  return { table: table as LaneTable, month: doubt ? (rest.at(-2) ?? '') : (rest[0] ?? ''), doubt };
};

/** Names a row for ever: a repeat of (stream, seq) is a duplicate. */
export interface RowIdentity {
  /** UUID, lower case. */
  stream: string;
  /** 0…1,048,575; from 983,040 on the collector's own rows. */
  seq: number;
}

/** Rows of one lane that become durable together, or not at all. */
export interface Unit {
  lane: Lane;
  /** One gzip member of newline-terminated JSON rows. */
  member: Uint8Array;
  rows: number;
  /**
   * One per row, in the rows' order. Empty in side lanes and when dead letters are replayed: then the duplicate bits are
   * neither asked nor set.
   */
  identities: readonly RowIdentity[];
  /** Events per site id, without the collector's own rows: what the ledger counts. */
  sites: ReadonlyMap<number, number>;
  /** Days of the lane's month that the rows lie on, bit d − 1 = day d; 0 in side lanes. The flush marks them dirty. */
  days: number;
}

/**
 * `duplicate`: nothing was written; `at` are the positions (0-based, ascending) that are stored already or repeat an
 * earlier position of the same unit.
 */
export type Appended = { kind: 'stored' } | { kind: 'duplicate'; at: number[] };

/** Proof that a flusher holds a shard. Tokens only grow; any but the newest is refused by every writing call. */
export interface Fence {
  shard: number;
  token: number;
}

export interface SealLimits {
  rows: number;
  bytes: number;
}

/** One INSERT: all rows of one lane in a sealed range. Persisted before the first attempt. */
export interface SealedPart {
  /** UInt64 as decimal text: seal second << 32 | counter. Names exact bytes: anything cut → a new number. */
  batch: string;
  lane: Lane;
  /** Ids of the members in the shard's queue, oldest first. */
  members: string[];
  rows: number;
  /** Attempts made so far; part of the insert token from the second token on. */
  attempt: number;
  /** 0-based rows (over the joined members) that are left out: poison or known already. */
  cut: number[];
  /**
   * Events per site id in the members, as the ledger counted them when they were appended. Set by `seal`, never
   * changed: `commit` adds it to `committed`, whatever became of the rows.
   */
  accepted: Record<string, number>;
  /** Events per site id that this part stores: `accepted` at first, less with every row that is cut. */
  sites: Record<string, number>;
  /** Events per site id among the cut rows that ClickHouse had already: acknowledged twice, stored once. */
  known: Record<string, number>;
  /** Days of the lane's month, bit d − 1 = day d. */
  days: number;
}

export interface Sealed {
  shard: number;
  /** First and last member id of the range. */
  first: string;
  last: string;
  parts: SealedPart[];
}

export interface LedgerCounts {
  /** Events acknowledged so far. */
  accepted: number;
  /** Events that left the buffer through `commit`: stored, dead-lettered or known. */
  committed: number;
  /** Of the committed, those which were stored already: acknowledged twice, so the books count them once. */
  known: number;
}

export interface Buffer {
  readonly kind: 'redis' | 'disk';
  /** Names the queue: under one name no member id stands for two members. */
  readonly name: string;
  readonly shards: number;
  /** Resolves only when durable. @throws {BufferUnavailable} the outcome may be unknown: the same call again is safe */
  append(shard: number, unit: Unit): Promise<Appended>;
  /** Takes the shard's lease for `ttlMs`, or null while another owner holds it. */
  acquire(shard: number, owner: string, ttlMs: number): Promise<Fence | null>;
  /** @returns false when the lease is lost */
  renew(fence: Fence, ttlMs: number): Promise<boolean>;
  release(fence: Fence): Promise<void>;
  /** Oldest contiguous range, split by lane; its manifest is durable before it is answered. An open manifest is answered again, unchanged. */
  seal(limits: SealLimits, fence: Fence): Promise<Sealed | null>;
  /**
   * Persists a changed manifest (attempt, cut, new batch number, a part divided in two) before the next attempt. The
   * members of all parts together stay the same; `accepted` may move between parts, not change.
   */
  revise(sealed: Sealed, fence: Fence): Promise<void>;
  /** A new batch number for a part whose bytes change. */
  nextBatch(fence: Fence): Promise<string>;
  /** The stored members of a part, byte for byte the same on every call until commit. */
  read(sealed: Sealed, part: SealedPart): AsyncIterable<Uint8Array>;
  /**
   * Range, manifest and counters in one atomic step: committed += `accepted`, known += `known` of every part. The same
   * call again, after an unknown outcome, changes nothing. @throws {StaleFence} also when it is not the open manifest
   */
  commit(sealed: Sealed, fence: Fence): Promise<void>;
  depth(): Promise<{ members: number; rows: number; bytes: number }>;
  /** Epoch ms of the oldest waiting member, or null when empty. */
  oldest(): Promise<number | null>;
  /** Per site id. */
  ledger(): Promise<Map<number, LedgerCounts>>;
  /** Share of the capacity in use, 0…1. */
  fill(): Promise<number>;
  close(): Promise<void>;
}
