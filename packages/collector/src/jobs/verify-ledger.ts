import type { Job } from './runner.js';
import type { JobSources } from './job-sources.js';
import { second, writeRows } from './tables.js';

/**
 * Rows flow every second, so nothing is synchronised here: the books are read and kept. A difference is logged as an
 * error; ops alarms on `ledger_difference`.
 */
export const verifyLedger = ({ readLedger, clickhouse, log }: JobSources): Job => ({
  name: 'verify-ledger',
  rule: { kind: 'every', minutes: 5 },
  latest: true,
  run: async (slot, guard) => {
    const books = await readLedger();
    for (const { site, difference } of books)
      if (difference !== 0) log.error('ledger.difference', { site, difference });
    await guard();
    return writeRows(
      clickhouse(),
      'ledger_checks',
      books.map((row) => ({
        site_id: row.site,
        slot: second(slot.at),
        accepted: row.accepted,
        stored: row.stored,
        buffered: row.buffered,
        dead_lettered: row.deadLettered,
        difference: row.difference,
        version: slot.at,
      })),
    );
  },
});
