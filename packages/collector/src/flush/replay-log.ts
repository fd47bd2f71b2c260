import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import { writeDurably } from '../durable-file.js';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';
import { decodeReplayFile, encodeReplayFile, type ReplayPart } from './replay-file.js';

/** The backup that everything kept here comes after. */
export interface BackupMark {
  id: string;
  /** Epoch ms. */
  at: number;
}

/** Files that a backup covers which is being made. */
export interface Covered {
  files: readonly string[];
  /** Epoch ms. */
  at: number;
  /** Ranges that this process had missed by then. */
  missed: number;
}

export interface ReplayLogState {
  /** null: no backup was made yet, so nothing is kept. */
  backup: BackupMark | null;
  /** Epoch ms from which on ranges are missing, because the log was full or could not be written. */
  gapSince: number | null;
  files: number;
  bytes: number;
}

/**
 * What was committed since the last backup, under `DATA_DIR/replay`: with it a restore loses nothing. Off until the
 * first backup. It never delays the flush and never fails it: the rows are in ClickHouse already.
 */
export interface ReplayLog {
  /**
   * Durable when it resolves, or counted as missing. The same name again replaces: a range whose parts were revised
   * after a crash is kept as it was stored in the end.
   */
  keep(name: string, parts: () => Promise<readonly ReplayPart[]>): Promise<void>;
  /** Call it while the flush rests: what is kept by now lies in the backup; from here on everything is kept. */
  begin(): Covered;
  /** The backup is complete: what it covers goes. */
  cover(covered: Covered, backup: BackupMark): Promise<void>;
  /** The backup failed: all stays as it was before. */
  abandon(covered: Covered): Promise<void>;
  state(): ReplayLogState;
  /** Every file; null where its bytes are damaged. */
  read(): AsyncIterable<{ name: string; parts: ReplayPart[] | null }>;
}

export interface ReplayLogOptions {
  dataDir: string;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** @default 2 GiB */
  capBytes?: number;
}

interface Since {
  backup: BackupMark;
  gapSince: number | null;
}

const SINCE = 'since.json';
const ENDING = '.replay';

const readSince = (folder: string): Since | null => {
  try {
    return JSON.parse(readFileSync(join(folder, SINCE), 'utf8')) as Since;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

export const openReplayLog = ({
  dataDir,
  clock,
  log,
  metrics,
  capBytes = 2 ** 31,
}: ReplayLogOptions): ReplayLog => {
  const folder = join(dataDir, 'replay');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let since = readSince(folder);
  let on = since !== null;
  const sizes = new Map<string, number>();
  let bytes = 0;
  /** Ranges missed by this process: counted, because two of them and a backup's beginning fit into one millisecond. */
  let missed = 0;

  const note = (name: string, size: number | null): void => {
    bytes += (size ?? 0) - (sizes.get(name) ?? 0);
    if (size === null) sizes.delete(name);
    else sizes.set(name, size);
    metrics.replayBytes.set(bytes);
  };
  for (const name of readdirSync(folder)) {
    // a first backup that never ended leaves files without a beginning
    if (name.endsWith('.tmp') || (!on && name.endsWith(ENDING))) rmSync(join(folder, name));
    else if (name.endsWith(ENDING)) note(name, statSync(join(folder, name)).size);
  }

  const writeSince = async (next: Since): Promise<void> => {
    await writeDurably(folder, SINCE, Buffer.from(JSON.stringify(next)));
    since = next;
  };

  const remove = async (name: string): Promise<void> => {
    await rm(join(folder, name), { force: true });
    note(name, null);
  };

  const miss = async (parts: readonly ReplayPart[], reason: string): Promise<void> => {
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    metrics.replayMissed.inc(rows);
    log.error('replay.missed', { rows, reason, page: true });
    missed += 1;
    if (since?.gapSince === null) {
      await writeSince({ ...since, gapSince: clock.now() }).catch((error: unknown) => {
        log.error('replay.gap_not_noted', { error: (error as Error).message });
      });
    }
  };

  return {
    keep: async (name, produce) => {
      if (!on) return;
      const parts = (await produce()).filter(({ rows }) => rows > 0);
      if (parts.length === 0) return;
      const file = `${name}${ENDING}`;
      const content = encodeReplayFile(parts);
      if (bytes - (sizes.get(file) ?? 0) + content.length > capBytes) {
        await miss(parts, `the log holds its ${capBytes} bytes: make a backup`);
        return;
      }
      try {
        await writeDurably(folder, file, content);
        note(file, content.length);
      } catch (error) {
        await miss(parts, (error as Error).message);
      }
    },
    begin: () => {
      on = true;
      return { files: [...sizes.keys()], at: clock.now(), missed };
    },
    cover: async ({ files, at, missed: before }, backup) => {
      // first the name of the new beginning: a log that lost its first ranges must not claim the old one
      await writeSince({ backup, gapSince: missed > before ? at : null });
      for (const file of files) await remove(file);
    },
    abandon: async () => {
      if (since !== null) return;
      on = false;
      for (const file of [...sizes.keys()]) await remove(file);
    },
    state: () => ({
      backup: since?.backup ?? null,
      gapSince: since?.gapSince ?? null,
      files: sizes.size,
      bytes,
    }),
    read: async function* () {
      for (const name of [...sizes.keys()].sort()) {
        yield { name, parts: decodeReplayFile(await readFile(join(folder, name))) };
      }
    },
  };
};
