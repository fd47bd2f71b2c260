import { join } from 'node:path';
import { createBackups, engineFolder, openJournal, serverDisk, type Backups } from './backup/index.js';
import { createFlusher, type Flusher, type ReplayLog } from './flush/index.js';
import type { Foundation } from './foundation.js';
import type { Jobs } from './jobs/index.js';
import { VERSION } from './version.js';

/** From the buffer into the database, and what has to let that rest: backup and restore. */
export interface FlushDuty {
  flusher: Flusher;
  backups: Backups;
  replayLog: ReplayLog;
  /** A last flush, then no more. */
  stop(): Promise<void>;
}

/** Longest time the flush before a stop may take: the rows are durable anyway. */
const DRAIN_MS = 5000;

/** @param restJobs of this process; the jobs of another one go on while a backup is made */
export const createFlushDuty = (foundation: Foundation, restJobs: Jobs['rest']): FlushDuty => {
  const { settings, database, buffering, rollups, clock, log, metrics, deadLetters, owner } = foundation;
  const replayLog = foundation.replayLog!;
  const flusher = createFlusher({
    buffers: buffering.buffers,
    clickhouse: () => database.client('writer'),
    database: database.name,
    clock,
    log,
    metrics,
    replayLog,
    rollups,
    deadLetters,
    intervalMs: settings.flushIntervalMs,
    owner,
    random: Math.random,
  });
  const backups = createBackups({
    database,
    place:
      settings.clickhouse.url === null
        ? engineFolder(join(settings.dataDir, 'clickhouse'))
        : serverDisk(() => database.connect('steward'), settings.clickhouse.cluster),
    flusher,
    restJobs,
    replayLog,
    books: foundation.books,
    journal: openJournal(settings.dataDir),
    rollups,
    sites: foundation.sites.all,
    readLedger: foundation.readLedger,
    clock,
    log,
    version: VERSION,
  });
  return {
    flusher,
    backups,
    replayLog,
    stop: async () => {
      if (database.state !== 'ready') return;
      await flusher.drain(DRAIN_MS);
      await flusher.stop();
    },
  };
};
