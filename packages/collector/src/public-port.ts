import cluster from 'node:cluster';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Base } from './base.js';
import type { Settings } from './config.js';
import { openExperimentSettings } from './experiment-settings.js';
import {
  createPublicServer,
  openCountryDatabase,
  openRedisExchange,
  openWorkerExchange,
} from './ingest/index.js';
import type { Log } from './log.js';
import { CANARY_KEY_FILE, startCanary, withCanary } from './monitor/index.js';
import { keptSecret } from './secrets.js';

/** The public port, in this process or in others. */
export interface PublicPort {
  port: number;
  /** No new connections; resolves when the last request in flight has its answer. */
  close(): Promise<void>;
}

export type PublicPortOptions = Pick<Base, 'settings' | 'sites' | 'writer' | 'clock' | 'log' | 'metrics'>;

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

/** How this process reaches what it listens on. */
const originOf = (host: string, port: number): string => {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
};

/**
 * Listens in this process, and sends the canary, if there is one, through what it listens on.
 * @throws when the port is taken; {BadSettings} for a country database that is none
 */
export const openPublicPort = async (options: PublicPortOptions): Promise<PublicPort> => {
  const { settings, sites, writer, clock, log, metrics } = options;
  const settingsOf = openExperimentSettings(join(settings.dataDir, 'experiments.json'), clock);
  const canaryKey = settings.canary ? `pk_${keptSecret(join(settings.dataDir, CANARY_KEY_FILE))}` : null;
  const countries =
    settings.countryDatabase === null ? null : openCountryDatabase(settings.countryDatabase, log);
  const exchange = openExchange(settings, log);
  const ingest = createPublicServer({
    sites: canaryKey === null ? sites : withCanary(sites, canaryKey),
    writer,
    clock,
    log,
    metrics,
    ...(countries ? { locate: countries.locate } : {}),
    ...(exchange ? { exchange } : {}),
    trustProxy: settings.trustProxy,
    settings: (site) => settingsOf(site.id),
    dataDir: settings.dataDir,
    sdkDir: sdkDirectory(),
    masterKey: masterKeys(settings),
  });
  await ingest.listen(settings.public.port, settings.public.host);
  const { port } = ingest.server.address() as AddressInfo;
  const canary =
    canaryKey === null
      ? null
      : startCanary({ origin: originOf(settings.public.host, port), key: canaryKey, clock, log });
  return {
    port,
    close: async () => {
      canary?.stop();
      await ingest.close();
      exchange?.close();
      countries?.close();
    },
  };
};
