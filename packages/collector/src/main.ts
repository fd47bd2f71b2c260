import cluster from 'node:cluster';
import { startCollector } from './collector.js';
import { readSettings } from './config.js';
import { runIngestProcess } from './ingest-process.js';
import { createLog } from './log.js';
import { fail, stopOnSignal } from './process.js';

/** The collector alone, as containers run it: environment → parts → listen → drain on SIGTERM. */
const main = async (): Promise<void> => {
  const settings = readSettings(process.env);
  const log = createLog(settings.logLevel);
  if (cluster.isWorker) {
    await runIngestProcess(settings, log);
    return;
  }
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
