import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { CollectorError } from '../errors.js';
import type { Books, Flusher, LedgerRow, ReplayLog } from '../flush/index.js';
import type { Jobs } from '../jobs/index.js';
import type { Log } from '../log.js';
import type { Rollups } from '../schema/index.js';
import type { Site } from '../sites.js';
import type { Journal } from './journal.js';
import type { Place } from './place.js';

/** What a backup and a restore work with. */
export interface Context {
  database: Pick<Database, 'name' | 'client' | 'connect' | 'migrate'>;
  place: Place;
  flusher: Pick<Flusher, 'rest' | 'refresh'>;
  restJobs: Jobs['rest'];
  replayLog: ReplayLog;
  books: Pick<Books, 'read' | 'close'>;
  journal: Journal;
  rollups: Pick<Rollups, 'markDirty'>;
  sites: readonly Pick<Site, 'id' | 'retentionMonths'>[];
  readLedger: () => Promise<LedgerRow[]>;
  clock: Clock;
  log: Log;
  /** Of the collector. */
  version: string;
  /** Hears what is being done, for people. */
  progress: (step: string) => void;
}

export interface AllAtRest {
  /** @throws {CollectorError} `BUSY` when another process took a shard meanwhile */
  expectHeld(): void;
  end(): void;
}

/** A sealed range of 50,000 rows takes a second; a database that is away is no time for a backup. */
const FLUSH_MS = 30_000;
/** One that takes longer goes on: a table it writes to meanwhile is copied again. */
const JOBS_MS = 5_000;

/** The flush of this process writes nothing until `end`, and no job begins; intake goes on into the buffers. */
export const restAll = async (
  { flusher, restJobs, log }: Pick<Context, 'flusher' | 'restJobs' | 'log'>,
  why: string,
): Promise<AllAtRest> => {
  const go = await restJobs(JOBS_MS);
  try {
    const rest = await flusher.rest(FLUSH_MS);
    log.info('backup.resting', { why });
    let ended = false;
    return {
      expectHeld: () => {
        if (!rest.held()) throw new CollectorError('BUSY', 'another collector began to flush meanwhile');
      },
      end: () => {
        if (ended) return;
        ended = true;
        rest.end();
        go();
        log.info('backup.rested', { why });
      },
    };
  } catch (error) {
    go();
    throw error;
  }
};
