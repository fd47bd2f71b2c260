import cluster from 'node:cluster';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { RowWriter } from './buffer/index.js';
import type { Clock } from './clock.js';
import type { Settings } from './config.js';
import { openExperimentSettings } from './experiment-settings.js';
import {
  createPublicServer,
  openCountryDatabase,
  openRedisExchange,
  openWorkerExchange,
} from './ingest/index.js';
import type { Log } from './log.js';
import type { Metrics } from './monitor/index.js';
import { keptSecret } from './secrets.js';
import type { Sites } from './sites.js';

/** The public port, in this process or in others. */
export interface PublicPort {
  port: number;
  /** No new connections; resolves when the last request in flight has its answer. */
  close(): Promise<void>;
}

export interface PublicPortOptions {
  settings: Settings;
  sites: Sites;
  writer: RowWriter;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

const sdkDirectory = (): string =>
  dirname(createRequire(import.meta.url).resolve('@lintel/sdk/manifest.json'));

const masterKeys = ({ masterKeys: given, dataDir }: Settings): readonly Uint8Array[] =>
  given.length > 0 ? given : [Buffer.from(keptSecret(join(dataDir, 'master-key')), 'base64url')];

/**
 * Over Redis, which several hosts may share; without it the workers of one parent. Roles that were started one by one on
 * a disk buffer have no way to each other.
 */
const openExchange = ({ redisUrl }: Settings, log: Log) =>
  redisUrl !== null ? openRedisExchange(redisUrl, log) : cluster.isWorker ? openWorkerExchange() : null;

/** Listens in this process. @throws when the port is taken; {BadSettings} for a country database that is none */
export const openPublicPort = async ({ settings, ...parts }: PublicPortOptions): Promise<PublicPort> => {
  const settingsOf = openExperimentSettings(join(settings.dataDir, 'experiments.json'), parts.clock);
  const countries =
    settings.countryDatabase === null ? null : openCountryDatabase(settings.countryDatabase, parts.log);
  const exchange = openExchange(settings, parts.log);
  const ingest = createPublicServer({
    ...parts,
    ...(countries ? { locate: countries.locate } : {}),
    ...(exchange ? { exchange } : {}),
    trustProxy: settings.trustProxy,
    settings: (site) => settingsOf(site.id),
    dataDir: settings.dataDir,
    sdkDir: sdkDirectory(),
    masterKey: masterKeys(settings),
  });
  await ingest.listen(settings.public.port, settings.public.host);
  return {
    port: (ingest.server.address() as AddressInfo).port,
    close: async () => {
      await ingest.close();
      exchange?.close();
      countries?.close();
    },
  };
};
