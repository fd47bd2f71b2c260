import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  analyticsRoutes,
  backupRoutes,
  createAdminServer,
  experimentRoutes,
  jobRoutes,
  openTokens,
  recordRoutes,
  type Health,
  type Tokens,
} from './admin/index.js';
import { createBackups, engineFolder, openJournal, serverDisk } from './backup/index.js';
import { openBuffer, createRowWriter } from './buffer/index.js';
import { systemClock } from './clock.js';
import type { Settings } from './config.js';
import { openDatabase, type Database } from './database.js';
import { demoSite } from './demo-site.js';
import { openExperiments } from './experiments/index.js';
import {
  createDeadLetters,
  createFlusher,
  createLedger,
  openBooks,
  openReplayLog,
  type LedgerRow,
} from './flush/index.js';
import { isFull, openCountryDatabase } from './ingest/index.js';
import { startIngestWorkers } from './ingest-workers.js';
import { openDiskRuns, openRedisRuns, startJobs, type Jobs } from './jobs/index.js';
import { silentLog, type Log } from './log.js';
import { createMetrics, createMonitor } from './monitor/index.js';
import { openPublicPort } from './public-port.js';
import { createRollups, createViewReader } from './schema/index.js';
import { createSites, type Site } from './sites.js';

export const VERSION = (
  createRequire(import.meta.url)('@lintel/collector/package.json') as { version: string }
).version;

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

/**
 * Builds every room and listens at once: with its buffer open the collector can promise an event, whatever the
 * database does.
 * @throws {BadSettings} for what no retry mends
 */
export const startCollector = async (
  settings: Settings,
  log: Log,
  intake: Intake = settings.ingestProcesses > 0 ? 'workers' : 'here',
): Promise<Collector> => {
  const clock = systemClock;
  const metrics = createMetrics();
  for (const name of settings.unused) log.warn('config.not_used_yet', { name });
  const sites = createSites(settings.sites ?? [demoSite(settings.dataDir, settings.demoPort)]);
  const { buffer, buffers, ...buffering } = await openBuffer({
    redisUrl: settings.redisUrl,
    capBytes: settings.bufferDiskBytes,
    dataDir: settings.dataDir,
    log,
    metrics,
    clock,
  });
  const writer = createRowWriter({ buffer, clock, metrics, log });
  const monitor = createMonitor({
    registry: metrics.registry,
    writer,
    clock,
    log,
    host: `${hostname()}:${process.pid}`,
  });
  const experiments = openExperiments(join(settings.dataDir, 'experiments.json'), clock);
  // a worker would be started again and again with it
  if (intake === 'workers' && settings.countryDatabase !== null)
    openCountryDatabase(settings.countryDatabase, silentLog).close();
  const publicPort =
    intake === 'here'
      ? await openPublicPort({ settings, sites, writer, clock, log, metrics })
      : intake === 'workers'
        ? await startIngestWorkers({ count: settings.ingestProcesses, address: settings.public, log })
        : null;
  monitor.start();

  const database = openDatabase(settings, sites.all, log, metrics);
  const reader = () => database.client('reader');
  const views = createViewReader({ clickhouse: reader, database: database.name });
  const rollups = createRollups({
    clickhouse: () => database.client('writer'),
    database: database.name,
    log,
  });
  const parts = {
    buffers,
    clickhouse: () => database.client('writer'),
    database: database.name,
    clock,
    log,
    metrics,
    replayLog: openReplayLog({ dataDir: settings.dataDir, clock, log, metrics }),
  };
  const { replayLog } = parts;
  const deadLetters = createDeadLetters({ ...parts, buffer, dataDir: settings.dataDir });
  const books = openBooks(settings.dataDir, buffers, clock);
  const ledger = createLedger({ ...parts, buffers: [...buffers, books], deadLetters });
  const owner = `${hostname()}:${process.pid}:${randomUUID()}`;
  const flusher = createFlusher({
    ...parts,
    rollups,
    deadLetters,
    intervalMs: settings.flushIntervalMs,
    owner,
    random: Math.random,
  });

  const tokens = openTokens(join(settings.dataDir, 'tokens.json'), clock);
  const firstOwner = tokens.ensureOwner(settings.adminToken);
  if (!firstOwner.created && settings.adminToken !== null && !tokens.verify(settings.adminToken)) {
    log.warn('tokens.first_owner_exists', { ignored: 'LINTEL_ADMIN_TOKEN' });
  }

  let jobs: Jobs | null = null;
  const backups = createBackups({
    database,
    place:
      settings.clickhouse.url === null
        ? engineFolder(join(settings.dataDir, 'clickhouse'))
        : serverDisk(() => database.connect('steward'), settings.clickhouse.cluster),
    flusher,
    restJobs: (ms) => jobs?.rest(ms) ?? Promise.resolve(() => undefined),
    replayLog,
    books,
    journal: openJournal(settings.dataDir),
    rollups,
    sites: sites.all,
    readLedger: ledger.read,
    clock,
    log,
    version: VERSION,
  });

  let draining = false;
  const health: Health = {
    ready: () => Promise.resolve(!draining && !isFull(writer.fill())),
    status: async () => ({
      version: VERSION,
      draining,
      buffer: {
        kind: buffer.kind,
        state: buffering.state(),
        ...(await buffer.depth()),
        fill: await buffer.fill(),
      },
      database: {
        state: database.state,
        error: database.lastError,
        restarts: database.engine?.restarts() ?? 0,
      },
      flush: flusher.status(),
      backup: replayLog.state(),
    }),
    refresh: async () => {
      const [depth, oldest, fill] = await Promise.all([buffer.depth(), buffer.oldest(), buffer.fill()]);
      metrics.bufferRows.set({ backend: buffer.kind }, depth.rows);
      metrics.bufferBytes.set({ backend: buffer.kind }, depth.bytes);
      metrics.bufferFillRatio.set({ backend: buffer.kind }, fill);
      metrics.bufferOldestSeconds.set(
        { backend: buffer.kind },
        oldest === null ? 0 : (clock.now() - oldest) / 1000,
      );
      const { backup } = replayLog.state();
      if (backup) metrics.backupAgeSeconds.set({ database: database.name }, (clock.now() - backup.at) / 1000);
    },
  };
  const sources = {
    readView: views.rows,
    readLedger: ledger.read,
    readExperiment: experiments.get,
    clock,
  };
  const runs =
    settings.redisUrl === null
      ? openDiskRuns(settings.dataDir, clock)
      : openRedisRuns(settings.redisUrl, clock);
  const admin = createAdminServer({
    routes: [
      ...analyticsRoutes({ ...sources, sites, readBytes: views.bytes }),
      ...experimentRoutes({ sites, clock, readView: views.rows, experiments }),
      ...jobRoutes({ sites, clock, readView: views.rows, readBytes: views.bytes, listRuns: runs.list }),
      ...recordRoutes({ readLedger: ledger.read, deadLetters, tokens }),
      ...backupRoutes({
        backups,
        lastBackup: () => replayLog.state().backup,
        folder: join(settings.dataDir, 'backups'),
      }),
    ],
    tokens,
    health,
    metrics,
    log,
    version: VERSION,
  });
  await new Promise<void>((resolve, reject) => {
    admin.once('error', reject);
    admin.listen(settings.admin.port, settings.admin.host, resolve);
  });

  const background = database.ready.then(() => {
    if (draining) return;
    flusher.start();
    jobs = startJobs({
      sources: { ...sources, sites, clickhouse: () => database.client('writer'), log },
      rollups,
      runs,
      owner,
      onRun: (job, outcome) => metrics.jobRuns.inc({ job: job.split(':')[0]!, outcome }),
    });
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
    await jobs?.stop();
    await runs.close();
    if (database.state === 'ready') {
      await flusher.drain(5000);
      await flusher.stop();
    }
    admin.closeAllConnections();
    admin.close();
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
    adminUrl: url(settings.admin.host, (admin.address() as { port: number }).port),
    sites: sites.all,
    database,
    ownerToken: firstOwner.secret,
    tokens,
    readLedger: ledger.read,
    stop,
  };
};
