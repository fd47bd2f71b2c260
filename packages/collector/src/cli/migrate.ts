import { join } from 'node:path';
import { readSettings } from '../config.js';
import { openDatabase } from '../database.js';
import { demoSite } from '../demo-site.js';
import { createLog } from '../log.js';
import { createMetrics } from '../monitor/index.js';

/** `lintel migrate`: brings the database to this version's schema and stops. */
export const migrateOnly = async (): Promise<void> => {
  const settings = readSettings(process.env);
  const log = createLog(settings.logLevel, { stderr: true });
  const sites = settings.sites ?? [demoSite(settings.dataDir, settings.demoPort)];
  const database = openDatabase(settings, sites, log, createMetrics());
  await database.ready;
  await database.stop();
  process.stdout.write(`migrated: ${settings.clickhouse.url ?? join(settings.dataDir, 'clickhouse')}\n`);
};
