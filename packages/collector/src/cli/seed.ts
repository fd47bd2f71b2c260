import type { Collector } from '../collector.js';

const TRAFFIC = '@lintel/example-configurator/traffic';
const DAYS = 90;
const DAY_MS = 86_400_000;
const VISITORS_PER_DAY = 120;

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

/** 90 days of generated visits through the public ingest. The same seed twice is 0 new events: all are duplicates. */
export const seed = async ({
  collector,
  say,
}: {
  collector: Collector;
  say: (text: string) => void;
}): Promise<void> => {
  const site = collector.sites[0]!;
  const serverKey = site.serverKeys[0];
  if (!serverKey) {
    say('  --seed needs a server key of the site (serverKeys in LINTEL_SITES)');
    return;
  }
  const traffic = (await import(TRAFFIC)) as TrafficModule;
  const to = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const from = to - DAYS * DAY_MS;
  let told = 0;
  const result = await traffic.sendTraffic({
    collectorUrl: collector.publicUrl,
    serverKey,
    visits: traffic.visits({ seed: 1, from, to, visitorsPerDay: VISITORS_PER_DAY, siteKey: site.key }),
    concurrency: 8,
    onProgress: ({ events, at }) => {
      const share = Math.floor((10 * (at - from)) / (to - from));
      if (share <= told) return;
      told = share;
      say(`  seeding ${share * 10} % (${events.toLocaleString('en')} events)`);
    },
  });
  say(
    `  seeded: ${result.accepted.toLocaleString('en')} events accepted, ${result.duplicate} known, ${result.rejected} refused`,
  );
};
