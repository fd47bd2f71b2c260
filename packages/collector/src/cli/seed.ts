import { parseArgs } from 'node:util';
import { startCollector } from '../collector.js';
import { readSettings } from '../config.js';
import { demoSite } from '../demo-site.js';
import { BadSettings } from '../errors.js';
import type { LedgerRow } from '../flush/index.js';
import { createLog } from '../log.js';
import type { Site } from '../sites.js';

const TRAFFIC = '@lintel/example-configurator/traffic';
const DAY_MS = 86_400_000;
const DAYS = 90;
/** Of the demo of `npm start -- --seed`: about 430,000 events in 90 days. */
const VISITORS_PER_DAY = 120;
/** Measured: 429,454 events of 120 visitors an average day over 90 days, 329,593 of 41.9 over 180. */
const EVENTS_PER_VISITOR = 39.6;
/** A request waits for the disk more than for a core: 8 in flight left two cores idle half of the time. */
const CONCURRENCY = 48;
/** Lines of progress. */
const PROGRESS = 20;
/** What is acknowledged is in the tables within seconds; a database that is away is no reason to wait for ever. */
const QUIET_MS = 120_000;

interface TrafficModule {
  averageDays(from: number, days: number): number;
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
  /** End of the generated time, epoch ms, a midnight in UTC; default: the last one. */
  to?: number;
  /** About so many; default: 120 visitors a day. */
  events?: number;
}

const midnight = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

/**
 * Generated visits of whole UTC days up to today, through the public ingest. Sending the same twice stores nothing
 * twice: every event of the second run is a duplicate. One day is held in memory at a time.
 */
export const seed = async ({
  publicUrl,
  site,
  say,
  seed: number = 1,
  days = DAYS,
  to = midnight(Date.now()),
  events: wanted,
}: SeedOptions): Promise<void> => {
  const serverKey = site.serverKeys[0];
  if (!serverKey) {
    say('  seeding needs a server key of the site (serverKeys in LINTEL_SITES)');
    return;
  }
  const traffic = (await import(TRAFFIC)) as TrafficModule;
  const from = to - days * DAY_MS;
  const visitorsPerDay =
    wanted === undefined ? VISITORS_PER_DAY : wanted / (traffic.averageDays(from, days) * EVENTS_PER_VISITOR);
  const startedAt = Date.now();
  let told = 0;
  const result = await traffic.sendTraffic({
    collectorUrl: publicUrl,
    serverKey,
    visits: traffic.visits({ seed: number, from, to, visitorsPerDay, siteKey: site.key }),
    concurrency: CONCURRENCY,
    onProgress: ({ events, at }) => {
      const share = Math.floor((PROGRESS * (at - from)) / (to - from));
      if (share <= told) return;
      told = share;
      const perSecond = (1000 * events) / (Date.now() - startedAt);
      say(
        `  seeding ${(share * 100) / PROGRESS} % (${events.toLocaleString('en')} events, ` +
          `${Math.round(perSecond).toLocaleString('en')} a second)`,
      );
    },
  });
  const seconds = (Date.now() - startedAt) / 1000;
  say(
    `  seeded in ${seconds.toFixed(0)} s: ${result.accepted.toLocaleString('en')} events accepted, ` +
      `${result.duplicate.toLocaleString('en')} known, ${result.rejected.toLocaleString('en')} refused`,
  );
};

/**
 * Waits until everything acknowledged is in the tables, and says the books of the site.
 * @returns false when they do not close
 */
const closeBooks = async (
  readLedger: () => Promise<LedgerRow[]>,
  site: number,
  say: SeedOptions['say'],
): Promise<boolean> => {
  const until = Date.now() + QUIET_MS;
  for (;;) {
    const row = (await readLedger()).find((one) => one.site === site);
    if (!row || (row.buffered > 0 && Date.now() < until)) {
      if (!row) return true;
      await new Promise((resolve) => setTimeout(resolve, 250));
      continue;
    }
    const [accepted, stored, buffered, dead] = [row.accepted, row.stored, row.buffered, row.deadLettered].map(
      (n) => n.toLocaleString('en'),
    );
    say(
      `  ledger: ${accepted} accepted = ${stored} stored + ${buffered} buffered + ${dead} dead-lettered; ` +
        `difference ${row.difference}`,
    );
    return row.difference === 0;
  }
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

const dateOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new BadSettings('--to must be a date such as 2026-06-30');
  return ms;
};

/**
 * `lintel seed [--events N] [--days D] [--seed S] [--to DATE]`: into the running collector, else into one started for
 * it. The same days and seed give the same events; exit 1 when the books do not close afterwards.
 */
export const seedCommand = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string' },
      days: { type: 'string' },
      seed: { type: 'string' },
      to: { type: 'string' },
    },
  });
  const given = {
    days: positive('days', values.days),
    events: positive('events', values.events),
    seed: positive('seed', values.seed),
    to: dateOf(values.to),
  };
  const settings = readSettings(process.env);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const options = {
    say,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const running = `http://${settings.public.host}:${settings.public.port}`;
  if (await answers(running)) {
    const site = (settings.sites ?? [demoSite(settings.dataDir, settings.demoPort)])[0]!;
    await seed({ publicUrl: running, site, ...options });
    say('  npx lintel ledger shows the books');
    return;
  }
  const collector = await startCollector(settings, createLog('warn', { stderr: true }));
  try {
    await collector.database.ready;
    const site = collector.sites[0]!;
    await seed({ publicUrl: collector.publicUrl, site, ...options });
    if (!(await closeBooks(collector.readLedger, site.id, say))) process.exitCode = 1;
  } finally {
    await collector.stop();
  }
};
