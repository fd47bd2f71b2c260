import { parseArgs } from 'node:util';
import type { LedgerRow } from '../flush/index.js';
import { askAdmin } from './admin-client.js';

const COLUMNS = ['site', 'accepted', 'stored', 'buffered', 'deadLettered', 'difference'] as const;

/** A ledger that was read this long ago is not what the database says now. */
const STALE_MS = 15_000;

/** One line a site, and whether the database has answered lately. */
export const printLedger = (rows: readonly LedgerRow[]): void => {
  process.stdout.write(`${COLUMNS.map((name) => name.padStart(13)).join('')}\n`);
  for (const row of rows)
    process.stdout.write(`${COLUMNS.map((name) => String(row[name]).padStart(13)).join('')}\n`);
  const oldest = Math.min(...rows.map(({ asOf }) => asOf ?? 0));
  if (oldest < Date.now() - STALE_MS) {
    const since = oldest === 0 ? 'since the start' : `since ${new Date(oldest).toISOString()}`;
    process.stdout.write(`the database has not answered ${since}: stored is what was committed\n`);
  }
};

/** `lintel ledger [--watch]`; exit 1 when the books do not close. */
export const ledger = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({ args: [...args], options: { watch: { type: 'boolean' } } });
  for (;;) {
    const { ledger: rows } = await askAdmin<{ ledger: LedgerRow[] }>('/api/admin/ledger');
    printLedger(rows);
    if (!values.watch) {
      process.exitCode = rows.every((row) => row.difference === 0) ? 0 : 1;
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
};
