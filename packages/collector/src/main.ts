import cluster from 'node:cluster';
import { readSettings } from './config.js';
import { createLog } from './log.js';
import { fail, stopOnSignal } from './process.js';

/** The collector alone, as containers run it: environment → parts → listen → drain on SIGTERM. */
const main = async (): Promise<void> => {
  const settings = readSettings(process.env);
  const log = createLog(settings.logLevel);
  // each role loads what it needs: a worker has no use for the questions and their statistics
  if (cluster.isWorker) {
    const { runIngestProcess } = await import('./ingest-process.js');
    await runIngestProcess(settings, log);
    return;
  }
  const { startCollector } = await import('./collector.js');
  const collector = await startCollector(settings, log);
  let stopping = false;
  stopOnSignal(() => {
    stopping = true;
    return collector.stop();
  });
  collector.database.ready.catch((error: unknown) => {
    // stopped before the database was there: the rest of the stop goes on
    if (!stopping) fail(error);
  });
  log.info('collector.listening', { public: collector.publicUrl, admin: collector.adminUrl });
};

main().catch(fail);
