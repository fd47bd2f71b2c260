import type { Rollups } from '../schema/index.js';
import type { Job } from './runner.js';
import type { JobSources } from './job-sources.js';
import { second, writeRows } from './tables.js';

const SLOT_MS = 300_000;

/**
 * Rows flow every second, so nothing is synchronised here: the books are read and kept, and one built day of each
 * roll-up is counted again. A difference is logged as an error; ops alarms on `ledger_difference`. A day that differs
 * is answered from the events again.
 */
export const verifyLedger = (
  { readLedger, clickhouse, log }: JobSources,
  rollups: Pick<Rollups, 'verify'>,
): Job => ({
  name: 'verify-ledger',
  rule: { kind: 'every', minutes: 5 },
  latest: true,
  run: async (slot, guard) => {
    const books = await readLedger();
    for (const { site, difference } of books)
      if (difference !== 0) log.error('ledger.difference', { site, difference });
    for (const { rollup, day, kept, counted } of await rollups.verify(Math.floor(slot.at / SLOT_MS)))
      log.error('rollups.difference', { rollup, day, kept, counted });
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
        version: slot.version,
      })),
    );
  },
});
