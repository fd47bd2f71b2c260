import type { Buffer as LintelBuffer, Sealed, SealedPart } from '../buffer/buffer.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import type { ClickHouse } from '../schema/clickhouse.js';
import { finishedDays } from './days.js';
import type { DeadLetters, RefusedRow } from './dead-letters.js';
import { findKnown } from './doubt.js';
import type { EventsTable, StoredSite } from './events-table.js';
import { FlushAborted, type Relief } from './failure.js';
import { eventSettings, insertSide, PLAIN_INSERT, tokenOf } from './insert-statement.js';
import type { Lease } from './lease.js';
import type { Limit } from './limit.js';
import { memberLines, withoutRows } from './members.js';
import { cutDead, cutKnown, halves, keptRows } from './part-edits.js';
import { refusedRows, type Culprit } from './poison.js';
import type { ReplayLog } from './replay-log.js';
import type { Revisions } from './revisions.js';

/** What the parts of all shards share. */
export interface StoreTools {
  clickhouse: () => ClickHouse;
  table: EventsTable;
  /** At most two INSERTs at a time. */
  limit: Limit;
  rollups: { markDirty(days: readonly string[]): Promise<void> };
  deadLetters: Pick<DeadLetters, 'keep' | 'keepPart'>;
  replayLog: Pick<ReplayLog, 'keep'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  random: () => number;
  insertTimeoutMs: number;
  /** Hears what would help ClickHouse beside waiting. */
  relieve: (relief: Relief) => void;
  /** Hears how long an INSERT took, ms. */
  inserted: (ms: number) => void;
}

export interface StoreContext extends StoreTools {
  buffer: LintelBuffer;
  lease: Lease;
  sealed: Sealed;
  revisions: Revisions;
  signal: AbortSignal;
  /** Sealed just now by this process: nobody can have sent it. Otherwise ClickHouse is asked first. */
  fresh: boolean;
}

/** A mark this old may have been overtaken by a roll-up's build, which waits 120 s for rows that were announced. */
const MARK_TRUSTED_MS = 60_000;

/**
 * One part on its way: its present manifest, its bytes, and the steps that change either. `sent`: nothing yet; maybe
 * something; an INSERT that was answered with success.
 */
export const createPartWork = (context: StoreContext, first: SealedPart) => {
  const { table, log, metrics, buffer, sealed, lease } = context;
  let part = first;
  let members: Uint8Array[] | null = null;
  let sent: 'never' | 'unknown' | 'answered' = context.fresh ? 'never' : 'unknown';
  let marked: { days: readonly string[]; at: number } = { days: [], at: -Infinity };
  const { table: lane } = first.lane;

  const readMembers = async (): Promise<Uint8Array[]> => {
    if (!members) {
      const read: Uint8Array[] = [];
      for await (const member of buffer.read(sealed, part)) read.push(member);
      members = read;
    }
    return members;
  };

  const readLines = async (): Promise<Uint8Array[]> => (await readMembers()).flatMap(memberLines);

  const become = async (next: SealedPart): Promise<void> => {
    lease.assertHeld();
    await context.revisions.replace(part, [next]);
    if (next.batch !== part.batch) sent = 'never';
    part = next;
  };

  /** Before a late row lands, and again when the landing took so long that a build may have overtaken the mark. */
  const markDirty = async (): Promise<void> => {
    const days = finishedDays(part, context.clock.now());
    const trusted = performance.now() - marked.at < MARK_TRUSTED_MS;
    if (trusted && days.every((day) => marked.days.includes(day))) return;
    const at = performance.now();
    if (days.length > 0) await context.rollups.markDirty(days);
    marked = { days, at };
  };

  const insert = async (): Promise<void> => {
    const body = Buffer.concat(withoutRows(await readMembers(), part.cut));
    const request =
      lane === 'events'
        ? { sql: await table.insertSql(part.batch), settings: eventSettings(part), queryId: part.batch }
        : { sql: insertSide(context.clickhouse().database, lane), settings: PLAIN_INSERT };
    await context.limit(async () => {
      if (context.signal.aborted) throw new FlushAborted();
      const { sql, ...options } = request;
      const client = context.clickhouse();
      lease.assertHeld();
      const startedAt = performance.now();
      sent = 'unknown';
      await client.insert(sql, body, { ...options, gzip: true, timeoutMs: context.insertTimeoutMs });
      sent = 'answered';
      context.inserted(performance.now() - startedAt);
    });
  };

  /**
   * Believes what is there, not what was answered.
   * @returns what the batch left, or null when the part must be sent (again)
   */
  const lookBack = async (): Promise<StoredSite[] | null> => {
    if (sent === 'never') return null;
    if (lane !== 'events') return sent === 'answered' ? [] : null;
    if (sent === 'unknown') await table.kill(part.batch);
    const stored = await table.readBack(part.batch);
    const expected = part.rows - part.cut.length;
    const rows = stored.reduce((sum, site) => sum + site.rows, 0);
    if (rows === expected) return stored;
    if (rows > 0) {
      // one INSERT is one block is one part: this is beyond what we know, so people must look
      context.deadLetters.keepPart(part.batch, await readMembers(), { part, stored });
      log.error('flush.partial', { batch: part.batch, expected, rows, page: true });
      return stored;
    }
    if (sent === 'answered') {
      // the record of the token was written, the part never renamed
      metrics.flushReinserts.inc();
      log.warn('flush.false_deduplication', { batch: part.batch, token: tokenOf(part) });
      await become({ ...part, attempt: part.attempt + 1 });
      sent = 'unknown';
    }
    return null;
  };

  /** Doubtful rows that ClickHouse has already are left out before they are sent. @returns whether some were */
  const cutStored = async (): Promise<boolean> => {
    if (!part.lane.doubt) return false;
    const known = await findKnown(context.clickhouse(), await readMembers(), part.cut);
    if (known.cut.length === 0) return false;
    log.info('flush.known', { batch: part.batch, rows: known.cut.length });
    await become(cutKnown(part, known.cut, known.sites, await buffer.nextBatch(lease.fence)));
    return true;
  };

  /** Kept with their reason first, then left out under a new number. */
  const cutCulprits = async (culprits: readonly Culprit[], reason: RefusedRow['reason']): Promise<void> => {
    const { rows, sites } = refusedRows(part, await readLines(), culprits, reason);
    await context.deadLetters.keep(rows);
    const cut = culprits.map(({ row }) => row);
    await become(cutDead(part, cut, sites, await buffer.nextBatch(lease.fence)));
  };

  /** @returns the two halves, by now in the manifest in the place of this part; null when one row is left */
  const divide = async (): Promise<[SealedPart, SealedPart] | null> => {
    const batches: [string, string] = [
      await buffer.nextBatch(lease.fence),
      await buffer.nextBatch(lease.fence),
    ];
    const divided = halves(part, await readMembers(), batches);
    if (!divided) return null;
    lease.assertHeld();
    await context.revisions.replace(part, divided);
    log.warn('flush.divided', { batch: part.batch, into: batches, rows: keptRows(part).length });
    return divided;
  };

  return {
    get part() {
      return part;
    },
    /** What is stored of the part, as gzip members. */
    keptMembers: async () => withoutRows(await readMembers(), part.cut),
    readLines,
    markDirty,
    insert,
    lookBack,
    cutStored,
    cutCulprits,
    divide,
  };
};

export type PartWork = ReturnType<typeof createPartWork>;
