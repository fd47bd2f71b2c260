import { randomUUID } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { open, type Database } from 'lmdb';
import type { Clock } from '../clock.js';
import { BadSettings, BufferUnavailable } from '../errors.js';
import type { Log } from '../log.js';

export interface Environment {
  /** Made with the folder, kept for ever. */
  readonly identity: string;
  /** Member number → entry. */
  queue: Database<Buffer, number>;
  /** Stream and page → duplicate bits. */
  seen: Database<Buffer, Buffer>;
  /** As `seen`: bits that Redis has not been told yet; only a spool fills it. */
  unclaimed: Database<Buffer, Buffer>;
  /** Small facts: lease, manifest, counters. */
  meta: Database<unknown, string>;
  /** Site id → its counts. */
  ledger: Database<{ accepted: number; committed: number; known: number }, string>;
  /**
   * Runs `act` in a transaction of its own inside the next commit; many calls share one sync.
   * @returns what `act` returned, once it is on the disk   @throws {BufferUnavailable}; what `act` throws undoes its writes
   */
  write<T>(act: () => T): Promise<T>;
  /** @throws {BufferUnavailable} after the first I/O error */
  read<T>(act: () => T): T;
  /**
   * Bytes that can still be written, at most a second old: those of the file system, and most of what a flush has emptied
   * inside the file. LMDB's file never shrinks: without the latter a buffer that once filled its disk would refuse for
   * ever.
   */
  freeBytes(): number;
  close(): Promise<void>;
}

interface Options {
  dir: string;
  clock: Clock;
  /** A commit that takes longer has an unknown outcome. */
  deadlineMs: number;
  log: Log;
}

/** LMDB says "Commit failed" and hides the reason in a second promise, which nobody else would ever handle. */
const commitFailure = async (error: unknown): Promise<Error> => {
  const inner = (error as { commitError?: Promise<never> }).commitError;
  if (!inner) return error as Error;
  const reason = await Promise.race([
    inner.catch((cause: Error) => cause),
    new Promise<null>((resolve) => setTimeout(resolve, 100, null)),
  ]);
  return reason ?? (error as Error);
};

const isCommitFailure = (error: unknown): boolean => error instanceof Error && 'commitError' in error;

/** What LMDB tells of one of its trees, and of the file they share. */
interface TreeStats {
  pageSize: number;
  treeBranchPageCount: number;
  treeLeafPageCount: number;
  overflowPages: number;
  /** Highest page of the file, on each tree's answer. */
  lastPageNumber: number;
  /** The tree of all trees, and the list of free pages. */
  root: TreeStats;
  free: TreeStats;
}

const META_PAGES = 2;

const pagesOf = (tree: TreeStats): number =>
  tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages;

/**
 * Share of the file that is not counted as free: members lie in pages side by side, so the last holes fit nobody. Filled
 * and emptied five times on a full disk, the file grew by a quarter beyond its size when all were counted.
 */
const HOLES = 0.25;

/** Bytes of the file's pages that no tree uses and that members will find. */
const emptyBytes = (trees: readonly { getStats(): object }[]): number => {
  const stats = trees.map((tree) => tree.getStats() as TreeStats);
  const { pageSize, lastPageNumber, root, free } = stats[0]!;
  const used = [...stats, root, free].reduce((sum, tree) => sum + pagesOf(tree), META_PAGES);
  const pages = lastPageNumber + 1;
  return Math.max(0, pages * (1 - HOLES) - used) * pageSize;
};

const openDatabases = (dir: string) => {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    // overlappingSync acknowledges before the sync: refused rows were found stored, and ENOSPC hung without an error
    const root = open<Buffer, string>({ path: dir, overlappingSync: false, maxDbs: 8, encoding: 'binary' });
    const meta: Environment['meta'] = root.openDB({ name: 'meta', encoding: 'json' });
    if (meta.get('id') === undefined) meta.putSync('id', randomUUID());
    return {
      root,
      meta,
      identity: meta.get('id') as string,
      queue: root.openDB<Buffer, number>({ name: 'queue', encoding: 'binary' }),
      seen: root.openDB<Buffer, Buffer>({ name: 'seen', encoding: 'binary', keyEncoding: 'binary' }),
      unclaimed: root.openDB<Buffer, Buffer>({
        name: 'unclaimed',
        encoding: 'binary',
        keyEncoding: 'binary',
      }),
      ledger: root.openDB({ name: 'ledger', encoding: 'json' }) as Environment['ledger'],
    };
  } catch (cause) {
    throw new BadSettings(`cannot keep a buffer in ${dir}: ${(cause as Error).message}`);
  }
};

/**
 * One LMDB environment; every process of the host may open it (LMDB's writer lock spans processes).
 * @throws {BadSettings} when the folder cannot be used
 */
export const openEnvironment = ({ dir, clock, deadlineMs, log }: Options): Environment => {
  const { root, ...databases } = openDatabases(dir);
  let broken: Error | null = null;
  let closing: Promise<void> | null = null;
  let free = { at: 0, bytes: Infinity };

  const close = (): Promise<void> => (closing ??= root.close());

  const fail = (cause: Error): void => {
    if (broken) return;
    // what the disk holds is unknown from here on: only a restart, which reads it again, may go on
    broken = cause;
    log.error('buffer.disk_failed', { dir, error: cause.message });
    close().catch((error: unknown) => {
      log.warn('buffer.close_failed', { error: String(error) });
    });
  };

  const expectOpen = (): void => {
    if (broken) throw new BufferUnavailable('disk buffer failed', 'refused', { cause: broken });
    if (closing) throw new BufferUnavailable('disk buffer is closed', 'refused');
  };

  const write = async <T>(act: () => T): Promise<T> => {
    expectOpen();
    let refused: { error: unknown } | null = null;
    const committed = root.childTransaction(() => {
      try {
        return act();
      } catch (error) {
        refused = { error };
        throw error;
      }
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new BufferUnavailable(`disk did not answer within ${deadlineMs} ms`, 'unknown'));
      }, deadlineMs);
    });
    try {
      return await Promise.race([committed, late]);
    } catch (error) {
      if (error instanceof BufferUnavailable && !refused) {
        committed.catch(async (later: unknown) => {
          if (isCommitFailure(later)) fail(await commitFailure(later));
        });
        throw error;
      }
      if (refused && !isCommitFailure(error)) throw error;
      const cause = await commitFailure(error);
      fail(cause);
      throw new BufferUnavailable('disk buffer failed', 'unknown', { cause });
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    ...databases,
    write,
    read: (act) => {
      expectOpen();
      return act();
    },
    freeBytes: () => {
      expectOpen();
      const now = clock.now();
      if (now - free.at >= 1000 || now < free.at) {
        const { bavail, bsize } = statfsSync(dir);
        const { queue, seen, unclaimed, meta, ledger } = databases;
        free = { at: now, bytes: bavail * bsize + emptyBytes([queue, seen, unclaimed, meta, ledger]) };
      }
      return free.bytes;
    },
    close,
  };
};
