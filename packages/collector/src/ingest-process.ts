import cluster from 'node:cluster';
import { hostname } from 'node:os';
import { createRowWriter, openBuffer } from './buffer/index.js';
import { systemClock } from './clock.js';
import type { Settings } from './config.js';
import { demoSite } from './demo-site.js';
import type { Log } from './log.js';
import { createMetrics, createMonitor } from './monitor/index.js';
import { stopOnSignal } from './process.js';
import { openPublicPort } from './public-port.js';
import { createSites } from './sites.js';

export interface IngestProcess {
  port: number;
  /** Requests in flight end with their 202; what they wrote is durable. */
  stop(): Promise<void>;
}

/** The role `ingest`: public port and buffer, and neither a database nor an admin port. */
export const startIngestProcess = async (settings: Settings, log: Log): Promise<IngestProcess> => {
  const clock = systemClock;
  const metrics = createMetrics();
  const sites = createSites(settings.sites ?? [demoSite(settings.dataDir, settings.demoPort)]);
  const { buffer, close: closeBuffer } = await openBuffer({
    redisUrl: settings.redisUrl,
    capBytes: settings.bufferDiskBytes,
    dataDir: settings.dataDir,
    log,
    metrics,
    clock,
  });
  const writer = createRowWriter({ buffer, clock, metrics, log });
  const host = `${hostname()}:${process.pid}`;
  const monitor = createMonitor({ registry: metrics.registry, writer, clock, log, host });
  const { port, close } = await openPublicPort({ settings, sites, writer, clock, log, metrics });
  monitor.start();
  return {
    port,
    stop: async () => {
      await close();
      await monitor.stop();
      await writer.drain();
      await closeBuffer();
    },
  };
};

/** Runs the role until a signal; as a worker also until its parent is gone: nobody would restart or stop it. */
export const runIngestProcess = async (settings: Settings, log: Log): Promise<IngestProcess> => {
  const ingest = await startIngestProcess(settings, log);
  stopOnSignal(ingest.stop);
  if (cluster.isWorker) {
    process.once('disconnect', () => {
      void ingest.stop().finally(() => process.exit(0));
    });
  }
  log.info('ingest.listening', { port: ingest.port });
  return ingest;
};
