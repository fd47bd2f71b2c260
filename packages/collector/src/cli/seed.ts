import { parseArgs } from 'node:util';
import { startCollector } from '../collector.js';
import { readSettings } from '../config.js';
import { demoSite } from '../demo-site.js';
import { BadSettings } from '../errors.js';
import { createLog } from '../log.js';
import type { Site } from '../sites.js';

const TRAFFIC = '@lintel/example-configurator/traffic';
const DAY_MS = 86_400_000;
const DAYS = 90;
/** Of the demo of `npm start -- --seed`: about 430,000 events in 90 days. */
const VISITORS_PER_DAY = 120;
/** Measured over 90 days of the generator: 429,454 events of 120 visitors a day. */
const EVENTS_PER_VISITOR = 39.8;

interface TrafficModule {
  visits(options: {
    seed: number;
    from: number;
    to: number;
    visitorsPerDay: number;
    siteKey: string;
  }): Iterable<unknown>;
  sendTraffic(options: {
    collectorUrl: string;
    serverKey: { id: string; secret: string };
    visits: Iterable<unknown>;
    concurrency: number;
    onProgress?: (progress: { batches: number; events: number; at: number }) => void;
  }): Promise<{ batches: number; accepted: number; duplicate: number; rejected: number }>;
}

export interface SeedOptions {
  /** Origin of the public port. */
  publicUrl: string;
  site: Site;
  say: (text: string) => void;
  /** The same number gives the same events. */
  seed?: number;
  days?: number;
  visitorsPerDay?: number;
}

/**
 * Generated visits of whole UTC days up to today, through the public ingest. Sending the same twice stores nothing
 * twice: every event of the second run is a duplicate.
 */
export const seed = async ({
  publicUrl,
  site,
  say,
  seed: number = 1,
  days = DAYS,
  visitorsPerDay = VISITORS_PER_DAY,
}: SeedOptions): Promise<void> => {
  const serverKey = site.serverKeys[0];
  if (!serverKey) {
    say('  seeding needs a server key of the site (serverKeys in LINTEL_SITES)');
    return;
  }
  const traffic = (await import(TRAFFIC)) as TrafficModule;
  const to = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const from = to - days * DAY_MS;
  const startedAt = Date.now();
  let told = 0;
  const result = await traffic.sendTraffic({
    collectorUrl: publicUrl,
    serverKey,
    visits: traffic.visits({ seed: number, from, to, visitorsPerDay, siteKey: site.key }),
    concurrency: 8,
    onProgress: ({ events, at }) => {
      const share = Math.floor((20 * (at - from)) / (to - from));
      if (share <= told) return;
      told = share;
      say(`  seeding ${share * 5} % (${events.toLocaleString('en')} events)`);
    },
  });
  const seconds = (Date.now() - startedAt) / 1000;
  say(
    `  seeded in ${seconds.toFixed(0)} s: ${result.accepted.toLocaleString('en')} events accepted, ` +
      `${result.duplicate.toLocaleString('en')} known, ${result.rejected.toLocaleString('en')} refused`,
  );
};

const positive = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new BadSettings(`--${name} must be a positive integer`);
  return value;
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(new URL('/sdk/manifest.json', url), { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
};

/** `lintel seed [--events N] [--days D] [--seed S]`: into the running collector, else into one started for it. */
export const seedCommand = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: { events: { type: 'string' }, days: { type: 'string' }, seed: { type: 'string' } },
  });
  const days = positive('days', values.days) ?? DAYS;
  const events = positive('events', values.events);
  const number = positive('seed', values.seed);
  const settings = readSettings(process.env);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const options = {
    say,
    days,
    ...(number === undefined ? {} : { seed: number }),
    ...(events === undefined ? {} : { visitorsPerDay: events / (days * EVENTS_PER_VISITOR) }),
  };
  const running = `http://${settings.public.host}:${settings.public.port}`;
  if (await answers(running)) {
    const site = (settings.sites ?? [demoSite(settings.dataDir, settings.demoPort)])[0]!;
    await seed({ publicUrl: running, site, ...options });
    return;
  }
  const collector = await startCollector(settings, createLog('warn', { stderr: true }));
  try {
    await collector.database.ready;
    await seed({ publicUrl: collector.publicUrl, site: collector.sites[0]!, ...options });
  } finally {
    await collector.stop();
  }
};
