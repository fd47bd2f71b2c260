import cluster from 'node:cluster';
import { copyFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Collector, Duties } from '../collector.js';
import { readSettings, type Settings } from '../config.js';
import { BadSettings } from '../errors.js';
import { createLog, type Log } from '../log.js';
import { fail, stopOnSignal } from '../process.js';

const DEMO = '@lintel/example-configurator';

interface DemoModule {
  startDemo(options: {
    port: number;
    collectorUrl: string;
    siteKey: string;
    sdkIntegrity?: string | null;
  }): Promise<{ url: string; stop(): Promise<void> }>;
}

const say = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

/** Where to go next, for a person at a terminal. */
const announce = (collector: Collector, demoUrl: string | null, role: Role | null): void => {
  say();
  if (role === 'flush') {
    say(`  Health          ${collector.adminUrl}/statusz`);
    say();
    return;
  }
  if (demoUrl !== null) say(`  Configurator    ${demoUrl}`);
  if (role === null) say(`  Collector       ${collector.publicUrl}`);
  say(`  Admin API       ${collector.adminUrl}/api/admin/analytics/overview`);
  say(`  OpenAPI         ${collector.adminUrl}/api/openapi.json`);
  say(
    `  Script tag      <script async src="${collector.publicUrl}/sdk/lintel.js" data-key="${collector.sites[0]!.key}"></script>`,
  );
  if (collector.ownerToken !== null) {
    say();
    say(`  Owner token     ${collector.ownerToken}`);
    say('                  shown once; make more with: npx lintel token create --role viewer');
  }
  say();
};

/** Asks until the first event can be seen, so that the line printed is what was measured. */
const sayWhenReady = async (collector: Collector, startedAt: number): Promise<void> => {
  await collector.database.ready;
  say(
    `  ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s: events are visible about a second after they happen`,
  );
};

const startDemo = async (
  settings: Settings,
  collector: Collector,
): Promise<{ url: string; stop(): Promise<void> }> => {
  const demo = (await import(DEMO)) as DemoModule;
  const manifest = createRequire(import.meta.url)('@lintel/sdk/manifest.json') as {
    files: Record<string, { integrity: string }>;
  };
  return demo.startDemo({
    port: settings.demoPort,
    collectorUrl: collector.publicUrl,
    siteKey: collector.sites[0]!.key,
    sdkIntegrity: manifest.files['lintel.js']?.integrity ?? null,
  });
};

/** The demo's prices come from the collector, as a shop's would; a file that is there already stays. */
const offerCatalogue = (dataDir: string): void => {
  const file = join(dataDir, 'catalogue.json');
  if (existsSync(file)) return;
  copyFileSync(createRequire(import.meta.url).resolve(`${DEMO}/catalogue.json`), file);
};

/**
 * What one process does; without a role it does everything. `ingest`: the public port; `flush`: the embedded engine,
 * the flush, backups; `admin`: questions, records, jobs, the watch over the canary.
 */
export const ROLES = ['ingest', 'flush', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface StartOptions {
  demo: boolean;
  seed: boolean;
  role: Role | null;
}

const DUTIES: Readonly<Record<Exclude<Role, 'ingest'>, Duties>> = {
  flush: { intake: 'elsewhere', flush: true, admin: false },
  admin: { intake: 'elsewhere', flush: false, admin: true },
};

const expectFit = ({ role, demo, seed }: StartOptions, { clickhouse }: Settings): void => {
  if (role !== null && (demo || seed))
    throw new BadSettings('--demo and --seed belong to a start without --role');
  if (role === 'admin' && clickhouse.url === null && clickhouse.httpPort === 0)
    throw new BadSettings(
      '--role admin must know where the engine of the role flush listens: set LINTEL_CLICKHOUSE_HTTP_PORT or LINTEL_CLICKHOUSE_URL',
    );
};

/** `lintel start [--demo] [--seed] [--role …]`: everything of this host in one command; a second run goes on with all data. */
export const start = async (options: StartOptions): Promise<void> => {
  const startedAt = Date.now();
  const settings = readSettings(process.env);
  const { role } = options;
  expectFit(options, settings);
  // people read the terminal: only what needs them, unless they ask for more
  const log: Log = createLog(process.env['LINTEL_LOG_LEVEL'] ? settings.logLevel : 'warn', { stderr: true });
  // each role loads what it needs: an ingest process has no use for the questions and their statistics
  if (cluster.isWorker || role === 'ingest') {
    const { runIngestProcess } = await import('../ingest-process.js');
    await runIngestProcess(settings, log);
    return;
  }
  const { startCollector } = await import('../collector.js');
  const collector = await startCollector(settings, log, role === null ? undefined : DUTIES[role]);
  if (options.demo) offerCatalogue(settings.dataDir);
  const demo = options.demo ? await startDemo(settings, collector) : null;
  let stopping = false;
  stopOnSignal(async () => {
    stopping = true;
    say('\n  stopping: finishing requests, flushing…');
    await demo?.stop();
    await collector.stop();
    say('  stopped; everything is kept in ' + settings.dataDir);
  });
  announce(collector, demo?.url ?? null, role);
  await sayWhenReady(collector, startedAt).catch((error: unknown) => {
    // stopped before the database was there: the rest of the stop goes on
    if (!stopping) fail(error);
  });
  if (stopping) return;
  if (options.seed)
    await (
      await import('./seed.js')
    ).seed({ publicUrl: collector.publicUrl, site: collector.sites[0]!, say });
};
