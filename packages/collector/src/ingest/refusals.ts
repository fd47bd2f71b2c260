import type { EventReason, RequestReason } from '@lintel/protocol';
import type { Log } from '../log.js';
import type { Metrics } from '../monitor/index.js';

const SAMPLE_MS = 10_000;

/** Counts everything that was not taken, by site and reason; one log line per reason and ten seconds. */
export interface Refusals {
  count(siteId: number, reason: RequestReason | EventReason, n?: number): void;
}

export const createRefusals = ({ metrics, log }: { metrics: Metrics; log: Log }): Refusals => {
  const saidAt = new Map<string, number>();
  return {
    count: (siteId, reason, n = 1) => {
      metrics.rejected.inc({ site: String(siteId), reason }, n);
      const now = performance.now();
      if (now - (saidAt.get(reason) ?? -SAMPLE_MS) < SAMPLE_MS) return;
      saidAt.set(reason, now);
      log.info('ingest.refused', { site: siteId, reason, sampled: true });
    },
  };
};
