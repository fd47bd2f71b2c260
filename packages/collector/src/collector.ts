import { join } from 'node:path';
import { createAdminDuty } from './admin-duty.js';
import { backupRoutes, createAdminServer, openTokens, type Tokens } from './admin/index.js';
import { backupsElsewhere } from './backup/index.js';
import { createHealth } from './collector-health.js';
import type { Settings } from './config.js';
import type { Database } from './database.js';
import { createFlushDuty } from './flush-duty.js';
import type { LedgerRow } from './flush/index.js';
import { openBase, type Base } from './base.js';
import { openFoundation } from './foundation.js';
import { openCountryDatabase } from './ingest/index.js';
import { startIngestWorkers } from './ingest-workers.js';
import { silentLog, type Log } from './log.js';
import { openPublicPort, type PublicPort } from './public-port.js';
import type { Site } from './sites.js';
import { VERSION } from './version.js';

/** Longest time a stop may take; Kubernetes kills after 30 s. */
const STOP_MS = 25_000;

export interface Collector {
  publicUrl: string;
  adminUrl: string;
  sites: readonly Site[];
  database: Database;
  /** The first owner's token, when it was made at this start. */
  ownerToken: string | null;
  tokens: Tokens;
  /** The books, per site. */
  readLedger: () => Promise<LedgerRow[]>;
  /** Not ready → requests in flight end with their 202 → flush → close. */
  stop(): Promise<void>;
}

/** Where events come in: here, in workers of this process, or in processes that somebody else starts. */
export type Intake = 'here' | 'workers' | 'elsewhere';

/** What one process does; the duties share the buffer and the database, so each may have one of its own. */
export interface Duties {
  intake: Intake;
  /** Runs the embedded engine, flushes, makes and restores backups. */
  flush: boolean;
  /** Questions, records, jobs, the watch over the canary. */
  admin: boolean;
}

const everything = ({ ingestProcesses }: Settings): Duties => ({
  intake: ingestProcesses > 0 ? 'workers' : 'here',
  flush: true,
  admin: true,
});

const openIntake = (intake: Intake, base: Base): Promise<PublicPort | null> => {
  const { settings, log } = base;
  if (intake === 'here') return openPublicPort(base);
  if (intake === 'elsewhere') return Promise.resolve(null);
  // a worker would be started again and again with a bad one
  if (settings.countryDatabase !== null) openCountryDatabase(settings.countryDatabase, silentLog).close();
  return startIngestWorkers({ count: settings.ingestProcesses, address: settings.public, log });
};

/**
 * Builds every room and listens at once: with its buffer open the collector can promise an event, whatever the
 * database does.
 * @throws {BadSettings} for what no retry mends
 */
export const startCollector = async (
  settings: Settings,
  log: Log,
  duties: Duties = everything(settings),
): Promise<Collector> => {
  for (const name of settings.unused) log.warn('config.not_used_yet', { name });
  const base = await openBase(settings, log);
  const { buffering, writer, monitor, metrics, clock } = base;
  const publicPort = await openIntake(duties.intake, base);
  monitor.start();
  const foundation = openFoundation(base, { flushes: duties.flush });
  const { database } = foundation;

  const tokens = openTokens(join(settings.dataDir, 'tokens.json'), clock);
  // of two processes that start together only one may make a token that nobody gave
  const firstOwner =
    duties.admin || settings.adminToken !== null
      ? tokens.ensureOwner(settings.adminToken)
      : { created: false, secret: null };
  if (!firstOwner.created && settings.adminToken !== null && !tokens.verify(settings.adminToken)) {
    log.warn('tokens.first_owner_exists', { ignored: 'LINTEL_ADMIN_TOKEN' });
  }

  const admin = duties.admin ? createAdminDuty(foundation, tokens) : null;
  const flush = duties.flush
    ? createFlushDuty(foundation, admin?.restJobs ?? (() => Promise.resolve(() => undefined)))
    : null;
  let draining = false;
  const server = createAdminServer({
    routes: [
      ...(admin?.routes ?? []),
      ...backupRoutes({
        backups: flush?.backups ?? backupsElsewhere,
        lastBackup: () => flush?.replayLog.state().backup ?? null,
        folder: join(settings.dataDir, 'backups'),
      }),
    ],
    tokens,
    health: createHealth(foundation, { flush, admin, draining: () => draining }),
    metrics,
    log,
    version: VERSION,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.admin.port, settings.admin.host, resolve);
  });

  if (settings.canary) admin?.canary.start();
  const background = database.ready.then(() => {
    if (draining) return;
    flush?.flusher.start();
    admin?.start();
  });

  const stop = async (): Promise<void> => {
    if (draining) return;
    draining = true;
    const deadline = setTimeout(() => {
      log.error('collector.stop_timed_out', { afterMs: STOP_MS });
      process.exit(1);
    }, STOP_MS);
    await publicPort?.close();
    await monitor.stop();
    await writer.drain();
    await admin?.stop();
    await flush?.stop();
    server.closeAllConnections();
    server.close();
    await database.stop();
    await background.catch((error: unknown) => {
      log.info('collector.stopped_before_ready', { error: String(error) });
    });
    await buffering.close();
    clearTimeout(deadline);
    log.info('collector.stopped');
  };

  const url = (host: string, port: number): string =>
    `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  return {
    publicUrl: url(settings.public.host, publicPort?.port ?? settings.public.port),
    adminUrl: url(settings.admin.host, (server.address() as { port: number }).port),
    sites: foundation.sites.all,
    database,
    ownerToken: firstOwner.secret,
    tokens,
    readLedger: foundation.readLedger,
    stop,
  };
};
