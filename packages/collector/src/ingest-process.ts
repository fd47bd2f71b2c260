import cluster from 'node:cluster';
import { openBase } from './base.js';
import type { Settings } from './config.js';
import type { Log } from './log.js';
import { stopOnSignal } from './process.js';
import { openPublicPort } from './public-port.js';

export interface IngestProcess {
  port: number;
  /** Requests in flight end with their 202; what they wrote is durable. */
  stop(): Promise<void>;
}

/** The role `ingest`: public port and buffer, and neither a database nor an admin port. */
export const startIngestProcess = async (settings: Settings, log: Log): Promise<IngestProcess> => {
  const base = await openBase(settings, log);
  const { monitor, writer, buffering } = base;
  const { port, close } = await openPublicPort(base);
  monitor.start();
  return {
    port,
    stop: async () => {
      await close();
      await monitor.stop();
      await writer.drain();
      await buffering.close();
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
