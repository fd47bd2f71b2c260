import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Base } from './base.js';
import type { Settings } from './config.js';
import { openExperiments } from './experiments/index.js';
import { createPublicServer } from './ingest/index.js';
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

/** How this process reaches what it listens on. */
const originOf = (host: string, port: number): string => {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
};

/** Listens in this process, and sends the canary through what it listens on. @throws when the port is taken */
export const openPublicPort = async (options: PublicPortOptions): Promise<PublicPort> => {
  const { settings, sites, writer, clock, log, metrics } = options;
  const experiments = openExperiments(join(settings.dataDir, 'experiments.json'), clock);
  const canaryKey = `pk_${keptSecret(join(settings.dataDir, CANARY_KEY_FILE))}`;
  const ingest = createPublicServer({
    sites: withCanary(sites, canaryKey),
    writer,
    clock,
    log,
    metrics,
    trustProxy: settings.trustProxy,
    settings: (site) => experiments.settings(site.id),
    dataDir: settings.dataDir,
    sdkDir: sdkDirectory(),
    masterKey: masterKeys(settings),
  });
  await ingest.listen(settings.public.port, settings.public.host);
  const { port } = ingest.server.address() as AddressInfo;
  const canary = startCanary({ origin: originOf(settings.public.host, port), key: canaryKey, clock, log });
  return {
    port,
    close: () => {
      canary.stop();
      return ingest.close();
    },
  };
};
