import { hostname } from 'node:os';
import { createRowWriter, openBuffer, type OpenBuffer, type RowWriter } from './buffer/index.js';
import { systemClock, type Clock } from './clock.js';
import type { Settings } from './config.js';
import { demoSite } from './demo-site.js';
import type { Log } from './log.js';
import { createMetrics, createMonitor, type Metrics, type Monitor } from './monitor/index.js';
import { createSites, type Sites } from './sites.js';

/** What every process of a collector stands on: the buffer, and its own numbers on their way into it. */
export interface Base {
  settings: Settings;
  log: Log;
  clock: Clock;
  metrics: Metrics;
  sites: Sites;
  buffering: OpenBuffer;
  writer: RowWriter;
  monitor: Monitor;
  /** Run before the monitor reads the gauges. */
  beforeGauges: (() => Promise<void>)[];
}

/** @throws {BadSettings} for what no retry mends */
export const openBase = async (settings: Settings, log: Log): Promise<Base> => {
  const clock = systemClock;
  const metrics = createMetrics();
  const { dataDir } = settings;
  const sites = createSites(settings.sites ?? [demoSite(dataDir, settings.demoPort)]);
  const buffering = await openBuffer({
    redisUrl: settings.redisUrl,
    capBytes: settings.bufferDiskBytes,
    dataDir,
    log,
    metrics,
    clock,
  });
  const writer = createRowWriter({ buffer: buffering.buffer, clock, metrics, log });
  const beforeGauges: Base['beforeGauges'] = [];
  const refresh = async (): Promise<void> => {
    for (const act of beforeGauges)
      await act().catch((error: unknown) => {
        log.warn('monitor.not_refreshed', { error: (error as Error).message });
      });
  };
  const host = `${hostname()}:${process.pid}`;
  const monitor = createMonitor({ registry: metrics.registry, writer, clock, log, host, refresh });
  return { settings, log, clock, metrics, sites, buffering, writer, monitor, beforeGauges };
};
