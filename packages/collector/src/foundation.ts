import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Base } from './base.js';
import { openDatabase, type Database } from './database.js';
import {
  createDeadLetters,
  createLedger,
  openBooks,
  openReplayLog,
  type Books,
  type DeadLetters,
  type LedgerRow,
  type ReplayLog,
} from './flush/index.js';
import { createRollups, type Rollups } from './schema/index.js';

/** What a process stands on that has a database, whatever it does with it. */
export interface Foundation extends Base {
  database: Database;
  rollups: Rollups;
  /** Of the process that flushes; null elsewhere, since one process alone may write it. */
  replayLog: ReplayLog | null;
  deadLetters: DeadLetters;
  books: Books;
  readLedger: () => Promise<LedgerRow[]>;
  /** Names this process start in leases. */
  owner: string;
}

/** @param flushes it also runs the embedded engine, where there is no server */
export const openFoundation = (base: Base, { flushes }: { flushes: boolean }): Foundation => {
  const { settings, log, clock, metrics, sites, buffering } = base;
  const { dataDir } = settings;
  const { buffer, buffers } = buffering;
  const database = openDatabase(settings, sites.all, log, metrics, flushes ? 'here' : 'elsewhere');
  const clickhouse = () => database.client('writer');
  const replayLog = flushes ? openReplayLog({ dataDir, clock, log, metrics }) : null;
  const parts = { clickhouse, database: database.name, clock, log, metrics };
  const deadLetters = createDeadLetters({ ...parts, buffer, dataDir, ...(replayLog && { replayLog }) });
  const books = openBooks(dataDir, buffers, clock);
  const ledger = createLedger({ ...parts, buffers: [...buffers, books], deadLetters });
  return {
    ...base,
    database,
    rollups: createRollups({ clickhouse, database: database.name, log }),
    replayLog,
    deadLetters,
    books,
    readLedger: ledger.read,
    owner: `${hostname()}:${process.pid}:${randomUUID()}`,
  };
};
