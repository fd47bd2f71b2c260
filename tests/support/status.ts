import type { Collector } from './collector.js';

/** What `/statusz` tells; only what tests read is typed. */
export interface Status {
  buffer: { kind: string; state: 'disk' | 'redis' | 'spool'; rows: number; fill: number };
  database: { state: string };
  flush: { shards: { backend: string; shard: number; state: string; lastCommit: number | null }[] };
  canary: { lastSeen: number | null; visibleLagSeconds: number | null; ageSeconds: number | null };
}

/** @throws Error while the admin port does not answer */
export const readStatus = async ({ adminUrl }: Pick<Collector, 'adminUrl'>): Promise<Status> => {
  const response = await fetch(`${adminUrl}/statusz`);
  return (await response.json()) as Status;
};

/** Whether it says that it can make an event durable. */
export const isReady = ({ adminUrl }: Pick<Collector, 'adminUrl'>): Promise<boolean> =>
  fetch(`${adminUrl}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
