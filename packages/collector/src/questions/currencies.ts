import { KEEP_MS, keptEnd } from './intervals.js';
import type { ReadView, Scope, Warning } from './question.js';

interface OtherRow {
  other: string;
  orders: number;
  inquiries: number;
}

/**
 * A site has one currency; what came in another one is counted as it is, and whoever reads the sum must know.
 * @param from epoch ms, since when money is added up
 */
export const otherCurrencies = async (
  readView: ReadView,
  scope: Scope,
  { from, now }: { from: number; now: number },
): Promise<Warning[]> => {
  const { id: site, currency } = scope.site;
  const to = keptEnd(scope.to, now);
  const rows = await readView<OtherRow>('other_currencies', { site, from, to, currency }, undefined, KEEP_MS);
  return rows.map(({ other, orders, inquiries }) => ({
    code: 'OTHER_CURRENCY',
    text: `in ${other}: orders ${orders}, inquiries ${inquiries}; their money is added up as if it were ${currency}`,
  }));
};
