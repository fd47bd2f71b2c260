import type { LedgerRow } from './admin.js';
import type { Collector } from './collector.js';
import { SITE } from './site.js';
import { until } from './until.js';

/** Waits for a quiet moment (nothing buffered), then answers the site's line of the ledger. */
export const settled = async (
  { admin, program }: Collector,
  siteId: number = SITE.id,
): Promise<LedgerRow> => {
  let last: LedgerRow | undefined;
  try {
    return await until('everything accepted is stored', async () => {
      last = (await admin.ledger().catch(() => [])).find(({ site }) => site === siteId);
      return last?.buffered === 0 && last.difference === 0 ? last : null;
    });
  } catch (error) {
    const log = program().stdout().split('\n').slice(-20).join('\n');
    throw new Error(`${(error as Error).message}; last line of the ledger: ${JSON.stringify(last)}\n${log}`, {
      cause: error,
    });
  }
};
