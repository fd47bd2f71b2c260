import type { SealedPart } from '../buffer/buffer.js';
import { OWN_ROWS_FROM } from './events-table.js';
import { memberLines, rowHead } from './members.js';

/** Pure changes of a part. Each changes its bytes, so each comes with a new batch number. */

const merge = (cut: readonly number[], more: readonly number[]): number[] =>
  [...new Set([...cut, ...more])].sort((a, b) => a - b);

const subtract = (
  sites: Readonly<Record<string, number>>,
  gone: ReadonlyMap<number, number>,
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(sites)
      .map(([site, n]) => [site, n - (gone.get(Number(site)) ?? 0)] as const)
      .filter(([, n]) => n > 0),
  );

/** Rows that are stored already are left out; the ledger hears of them through `known`. */
export const cutKnown = (
  part: SealedPart,
  cut: readonly number[],
  sites: ReadonlyMap<number, number>,
  batch: string,
): SealedPart => {
  const known = { ...part.known };
  for (const [site, n] of sites) known[site] = (known[site] ?? 0) + n;
  return { ...part, batch, attempt: 0, cut: merge(part.cut, cut), sites: subtract(part.sites, sites), known };
};

/** Rows that went to the dead letters are left out. @param sites events among them */
export const cutDead = (
  part: SealedPart,
  cut: readonly number[],
  sites: ReadonlyMap<number, number>,
  batch: string,
): SealedPart => ({
  ...part,
  batch,
  attempt: 0,
  cut: merge(part.cut, cut),
  sites: subtract(part.sites, sites),
});

/** 0-based rows over the joined members that would be sent. */
export const keptRows = ({ rows, cut }: Pick<SealedPart, 'rows' | 'cut'>): number[] => {
  const out = new Set(cut);
  return Array.from({ length: rows }, (_, index) => index).filter((index) => !out.has(index));
};

const countSites = (lines: readonly Uint8Array[], rows: readonly number[]): Record<string, number> => {
  const sites: Record<string, number> = {};
  for (const row of rows) {
    const head = rowHead(lines[row]!);
    if (head && head.seq < OWN_ROWS_FROM) sites[head.site] = (sites[head.site] ?? 0) + 1;
  }
  return sites;
};

/**
 * Two parts with half of the rows each, over the same members; null when there is one row left.
 * @param batches new numbers of the halves
 */
export const halves = (
  part: SealedPart,
  members: readonly Uint8Array[],
  batches: readonly [string, string],
): [SealedPart, SealedPart] | null => {
  const kept = keptRows(part);
  if (kept.length < 2) return null;
  const lines = members.flatMap(memberLines);
  const middle = kept.length >> 1;
  const half = (batch: string, rows: readonly number[], others: readonly number[]): SealedPart => ({
    ...part,
    batch,
    attempt: 0,
    cut: merge(part.cut, others),
    // what the ledger counted stays with the first half, so that the sum over the parts does not change
    accepted: {},
    sites: countSites(lines, rows),
    known: {},
  });
  const [front, back] = [kept.slice(0, middle), kept.slice(middle)];
  return [
    { ...half(batches[0], front, back), accepted: part.accepted, known: part.known },
    half(batches[1], back, front),
  ];
};
