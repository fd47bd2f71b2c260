import type { Buffer } from '../buffer/buffer.js';
import type { Clock } from '../clock.js';
import { ClickHouseUnreachable } from '../errors.js';
import type { Metrics } from '../monitor/index.js';
import type { ClickHouse } from '../schema/clickhouse.js';
import type { DeadLetters } from './dead-letters.js';
import { OWN_ROWS_FROM } from './events-table.js';

/** The books of one site, in events. At a quiet moment accepted = stored + buffered + deadLettered. */
export interface LedgerRow {
  site: number;
  /** Acknowledged, each event once: a doubtful append or a replay that ClickHouse had already does not count again. */
  accepted: number;
  /** By the receipts in `ingest_batches`. */
  stored: number;
  /** Acknowledged and not committed yet. */
  buffered: number;
  /** Refused rows that were not replayed, in the table or in quarantine. */
  deadLettered: number;
  difference: number;
  /**
   * Epoch ms at which `stored` and `deadLettered` were read from ClickHouse. While it is away the last answer stands,
   * and what was committed since counts as stored; null: never asked successfully since the start.
   */
  asOf: number | null;
}

export interface Ledger {
  read(): Promise<LedgerRow[]>;
}

export interface LedgerOptions {
  /** Everything that may hold rows: the books are their sum. */
  buffers: readonly Pick<Buffer, 'ledger'>[];
  /** As writer. */
  clickhouse: () => ClickHouse;
  clock: Clock;
  metrics: Metrics;
  deadLetters?: Pick<DeadLetters, 'quarantined'>;
  /** Shortest time between two questions to ClickHouse about an open difference, ms. Default 100. */
  settleMs?: number;
}

const STORED = `
SELECT site_id AS site, sum(n) AS stored
FROM (SELECT batch, site_id, max(n) AS n FROM ingest_batches GROUP BY batch, site_id)
GROUP BY site_id`;
/** The collector's own rows and side lanes (\`@table\`) are no events. */
const DEAD = `
SELECT site_id AS site, countIf(state != 'replayed') AS dead, countIf(state = 'replayed') AS replayed
FROM dead_letters FINAL WHERE seq < ${OWN_ROWS_FROM} AND NOT startsWith(type, '@') GROUP BY site_id`;

interface Buffered {
  accepted: number;
  committed: number;
  known: number;
}
interface Database {
  stored: Map<number, number>;
  dead: Map<number, number>;
  replayed: Map<number, number>;
  /** Committed − known at that moment, per site: what was committed since must be stored too. */
  settled: Map<number, number>;
  at: number;
}

/** A flush between its receipts and its commit shows as a difference for a moment; a real one stays. */
const TRIES = 5;

const sumLedgers = async (buffers: LedgerOptions['buffers']): Promise<Map<number, Buffered>> => {
  const sum = new Map<number, Buffered>();
  for (const ledger of await Promise.all(buffers.map((buffer) => buffer.ledger()))) {
    for (const [site, counts] of ledger) {
      const before = sum.get(site) ?? { accepted: 0, committed: 0, known: 0 };
      sum.set(site, {
        accepted: before.accepted + counts.accepted,
        committed: before.committed + counts.committed,
        known: before.known + counts.known,
      });
    }
  }
  return sum;
};

const balanced = (rows: readonly LedgerRow[]): boolean => rows.every(({ difference }) => difference === 0);

export const createLedger = (options: LedgerOptions): Ledger => {
  const { buffers, clickhouse, clock, metrics, deadLetters } = options;
  let last: Database | null = null;

  const askDatabase = async (counts: ReadonlyMap<number, Buffered>): Promise<void> => {
    const client = clickhouse();
    const [stored, dead] = await Promise.all([
      client.rows<{ site: number; stored: number }>(STORED, { timeoutMs: 10_000 }),
      client.rows<{ site: number; dead: number; replayed: number }>(DEAD, { timeoutMs: 10_000 }),
    ]);
    last = {
      stored: new Map(stored.map(({ site, stored: n }) => [site, n])),
      dead: new Map(dead.map(({ site, dead: n }) => [site, n])),
      replayed: new Map(dead.map(({ site, replayed }) => [site, replayed])),
      settled: new Map([...counts].map(([site, { committed, known }]) => [site, committed - known])),
      at: clock.now(),
    };
  };

  const rowsOf = (counts: ReadonlyMap<number, Buffered>): LedgerRow[] => {
    const quarantined = deadLetters?.quarantined() ?? new Map<number, number>();
    const sites = new Set([
      ...counts.keys(),
      ...quarantined.keys(),
      ...(last ? [...last.stored.keys(), ...last.dead.keys()] : []),
    ]);
    return [...sites]
      .sort((a, b) => a - b)
      .map((site) => {
        const {
          accepted: appended,
          committed,
          known,
        } = counts.get(site) ?? { accepted: 0, committed: 0, known: 0 };
        const deadLettered = (last?.dead.get(site) ?? 0) + (quarantined.get(site) ?? 0);
        const since = committed - known - (last?.settled.get(site) ?? 0);
        const stored = (last?.stored.get(site) ?? 0) + since - (last ? 0 : deadLettered);
        const accepted = appended - known - (last?.replayed.get(site) ?? 0);
        const buffered = appended - committed;
        const difference = accepted - stored - buffered - deadLettered;
        return { site, accepted, stored, buffered, deadLettered, difference, asOf: last?.at ?? null };
      });
  };

  return {
    read: async () => {
      for (let left = TRIES; ;) {
        left -= 1;
        const counts = await sumLedgers(buffers);
        try {
          await askDatabase(counts);
        } catch (error) {
          if (!(error instanceof ClickHouseUnreachable)) throw error;
          left = 0;
        }
        const rows = rowsOf(counts);
        if (left <= 0 || balanced(rows)) {
          for (const { site, difference } of rows)
            metrics.ledgerDifference.set({ site: String(site) }, difference);
          return rows;
        }
        await new Promise((resolve) => setTimeout(resolve, options.settleMs ?? 100));
      }
    },
  };
};
