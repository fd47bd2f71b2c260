import { randomInt } from 'node:crypto';
import type { Clock } from '../clock.js';
import { BufferFull, StaleFence } from '../errors.js';
import type { Log } from '../log.js';
import {
  laneName,
  type Appended,
  type Buffer as MemberBuffer,
  type Fence,
  type LedgerCounts,
  type Sealed,
  type SealedPart,
  type SealLimits,
  type Unit,
} from './buffer.js';
import { decodeEntry, encodeEntry, footprint } from './disk-entry.js';
import { openEnvironment } from './disk-environment.js';
import { claimOf } from './identities.js';
import { batchNumber, expectSameRange, MEMBERS_MAX, rangeName, sealRange, totals } from './manifest.js';
import { createSeen } from './disk-seen.js';
import { createUnclaimed, type PageBits } from './disk-unclaimed.js';

export interface DiskOptions {
  dir: string;
  clock: Clock;
  log: Log;
  /** How long a repeat is recognised. */
  seenTtlMs: number;
  /** Most bytes that may wait, duplicate bits included. @default 2 GiB, about 27 million rows */
  capBytes?: number;
  /** Left free on the file system, so that the commit which frees members still fits. @default 64 MiB */
  reserveBytes?: number;
  /** @default 2000 */
  deadlineMs?: number;
  /** Remembers which duplicate bits Redis must be told: this is its spool. @default false */
  spool?: boolean;
}

export interface DiskBuffer extends MemberBuffer {
  readonly kind: 'disk';
  /** Names this folder for ever; collectors of one host share it. */
  readonly id: string;
  /** Pages that Redis has not been told, at most `most`. */
  unclaimed(most: number): Promise<PageBits[]>;
  claimed(pages: readonly PageBits[]): Promise<void>;
  /** A manifest is open. */
  isSealed(): boolean;
  /** A remark that outlives the process. */
  remark(name: string, value: boolean): Promise<void>;
  hasRemark(name: string): boolean;
}

interface Depth {
  members: number;
  rows: number;
  bytes: number;
  /** Bytes in LMDB, whole pages. */
  footprint: number;
}

interface Lease {
  owner: string;
  token: number;
  /** Epoch ms. */
  until: number;
}

interface Manifest {
  sealed: Sealed;
  depth: Depth;
  accepted: Record<string, number>;
}

const EMPTY: Depth = { members: 0, rows: 0, bytes: 0, footprint: 0 };
const NO_COUNTS: LedgerCounts = { accepted: 0, committed: 0, known: 0 };
const COUNTS = ['accepted', 'committed', 'known'] as const;

/** The buffer on this host's disk: default without Redis, spool while Redis is away. One shard. */
export const openDisk = (options: DiskOptions): DiskBuffer => {
  const { dir, clock, log, seenTtlMs, spool = false } = options;
  const { capBytes = 2 ** 31, reserveBytes = 2 ** 26, deadlineMs = 2000 } = options;
  const store = openEnvironment({ dir, clock, deadlineMs, log });
  const { queue, meta, ledger } = store;
  const seen = createSeen(store.seen, clock, seenTtlMs);
  const unclaimed = createUnclaimed(store.unclaimed);
  const id = store.identity;

  const depthNow = (): Depth => (meta.get('depth') as Depth | undefined) ?? EMPTY;
  const leaseNow = (): Lease | null => (meta.get('lease') as Lease | undefined) ?? null;
  const manifestNow = (): Manifest | null => (meta.get('manifest') as Manifest | undefined) ?? null;
  const used = (): number => depthNow().footprint + seen.sizeBytes();

  const count = (site: string, change: Partial<LedgerCounts>): void => {
    const counts = { ...(ledger.get(site) ?? NO_COUNTS) };
    for (const name of COUNTS) counts[name] += change[name] ?? 0;
    void ledger.put(site, counts);
  };

  /** Inside a transaction: so that no token is overtaken between the check and the write. */
  const expectFence = (fence: Fence): void => {
    if (leaseNow()?.token !== fence.token) throw new StaleFence(`shard ${fence.shard} has another flusher`);
  };

  const takeBatch = (): string => {
    const host = (meta.get('host') as number | undefined) ?? randomInt(2 ** 20);
    const counter = ((meta.get('batch') as number | undefined) ?? 0) + 1;
    // never an earlier second, even when the clock is set back: numbers name bytes for ever
    const second = Math.max(
      Math.floor(clock.now() / 1000),
      (meta.get('batchSecond') as number | undefined) ?? 0,
    );
    void meta.put('host', host);
    void meta.put('batch', counter);
    void meta.put('batchSecond', second);
    return batchNumber(second, { host }, counter);
  };

  const append = async (_shard: number, unit: Unit): Promise<Appended> => {
    const claim = claimOf(unit.identities);
    const entry = encodeEntry({
      at: clock.now(),
      lane: laneName(unit.lane),
      rows: unit.rows,
      sites: Object.fromEntries(unit.sites),
      days: unit.days,
      member: unit.member,
    });
    const takes = footprint(entry.length);
    if (store.freeBytes() < reserveBytes + 2 * takes) throw new BufferFull('the file system is full');
    return store.write(() => {
      const at = seen.taken(claim);
      if (at.length > 0) return { kind: 'duplicate', at };
      if (used() + takes > capBytes) throw new BufferFull(`the disk buffer holds its ${capBytes} bytes`);
      seen.claim(claim);
      if (spool) unclaimed.add(claim);
      const next = ((meta.get('next') as number | undefined) ?? 0) + 1;
      void meta.put('next', next);
      void queue.put(next, entry);
      const depth = depthNow();
      void meta.put('depth', {
        members: depth.members + 1,
        rows: depth.rows + unit.rows,
        bytes: depth.bytes + unit.member.length,
        footprint: depth.footprint + takes,
      });
      for (const [site, accepted] of unit.sites) count(String(site), { accepted });
      return { kind: 'stored' };
    });
  };

  const acquire = (shard: number, owner: string, ttlMs: number): Promise<Fence | null> =>
    store.write(() => {
      const lease = leaseNow();
      const now = clock.now();
      if (lease && lease.owner !== owner && lease.until > now) return null;
      const token = lease?.owner === owner ? lease.token : Math.max((lease?.token ?? 0) + 1, now);
      void meta.put('lease', { owner, token, until: now + ttlMs });
      return { shard, token };
    });

  const renew = (fence: Fence, ttlMs: number): Promise<boolean> =>
    store.write(() => {
      const lease = leaseNow();
      if (lease?.token !== fence.token) return false;
      void meta.put('lease', { ...lease, until: clock.now() + ttlMs });
      return true;
    });

  const release = (fence: Fence): Promise<void> =>
    store.write(() => {
      const lease = leaseNow();
      // the token stays, so that the next one is higher; nobody's name, so that it is a new one
      if (lease?.token === fence.token) void meta.put('lease', { ...lease, owner: '', until: 0 });
    });

  const seal = (limits: SealLimits, fence: Fence): Promise<Sealed | null> =>
    store.write(() => {
      expectFence(fence);
      const open = manifestNow();
      if (open) return open.sealed;
      const entries = [];
      const depth = { ...EMPTY };
      for (const { key, value } of queue.getRange({ limit: MEMBERS_MAX })) {
        const { member, at: _at, ...facts } = decodeEntry(value);
        const full = depth.rows + facts.rows > limits.rows || depth.bytes + member.length > limits.bytes;
        if (full && entries.length > 0) break;
        entries.push({ id: String(key), ...facts });
        depth.members += 1;
        depth.rows += facts.rows;
        depth.bytes += member.length;
        depth.footprint += footprint(value.length);
      }
      if (entries.length === 0) return null;
      const sealed = sealRange(fence.shard, entries, takeBatch);
      void meta.put('manifest', { sealed, depth, accepted: totals(sealed, 'accepted') });
      return sealed;
    });

  const revise = (sealed: Sealed, fence: Fence): Promise<void> =>
    store.write(() => {
      expectFence(fence);
      const open = manifestNow();
      expectSameRange(open?.sealed ?? null, sealed);
      void meta.put('manifest', { ...open, sealed });
    });

  const nextBatch = (fence: Fence): Promise<string> =>
    store.write(() => {
      expectFence(fence);
      return takeBatch();
    });

  const read = async function* (_sealed: Sealed, part: SealedPart): AsyncGenerator<Uint8Array> {
    for (const id of part.members) {
      const entry = await Promise.resolve(store.read(() => queue.get(Number(id))));
      if (!entry) throw new StaleFence(`member ${id} was committed by another flusher`);
      yield decodeEntry(entry).member;
    }
  };

  const commit = (sealed: Sealed, fence: Fence): Promise<void> =>
    store.write(() => {
      expectFence(fence);
      if (meta.get('committed') === rangeName(sealed)) return;
      const open = manifestNow();
      expectSameRange(open?.sealed ?? null, sealed);
      if (!open || rangeName(open.sealed) !== rangeName(sealed)) {
        throw new StaleFence(`range ${sealed.first}…${sealed.last} was revised`);
      }
      for (const part of sealed.parts) for (const id of part.members) void queue.remove(Number(id));
      for (const [site, committed] of Object.entries(open.accepted)) count(site, { committed });
      for (const [site, known] of Object.entries(totals(sealed, 'known'))) count(site, { known });
      const depth = depthNow();
      void meta.put('depth', {
        members: depth.members - open.depth.members,
        rows: depth.rows - open.depth.rows,
        bytes: depth.bytes - open.depth.bytes,
        footprint: depth.footprint - open.depth.footprint,
      });
      void meta.put('committed', rangeName(sealed));
      void meta.remove('manifest');
    });

  const async = <T>(act: () => T): Promise<T> => new Promise((resolve) => resolve(store.read(act)));
  return {
    kind: 'disk',
    name: id,
    shards: 1,
    id,
    unclaimed: (most) => async(() => unclaimed.first(most)),
    claimed: (pages) =>
      store.write(() => {
        unclaimed.remove(pages);
      }),
    isSealed: () => store.read(() => manifestNow() !== null),
    remark: (name, value) =>
      store.write(() => {
        void meta.put(`remark:${name}`, value);
      }),
    hasRemark: (name) => store.read(() => meta.get(`remark:${name}`) === true),
    append,
    acquire,
    renew,
    release,
    seal,
    revise,
    nextBatch,
    read,
    commit,
    depth: () =>
      async(() => {
        const { members, rows, bytes } = depthNow();
        return { members, rows, bytes };
      }),
    oldest: () =>
      async(() => {
        for (const { value } of queue.getRange({ limit: 1 })) return decodeEntry(value).at;
        return null;
      }),
    ledger: () =>
      async(() => {
        const counts = new Map<number, LedgerCounts>();
        for (const { key, value } of ledger.getRange()) counts.set(Number(key), value);
        return counts;
      }),
    fill: () =>
      async(() => {
        // a small file system is full before the cap is reached, and is to shed by worth on the way there
        const room = store.freeBytes() - reserveBytes;
        return room <= 0 ? 1 : Math.min(1, used() / Math.min(capBytes, used() + room));
      }),
    close: store.close,
  };
};
