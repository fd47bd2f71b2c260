import type { SealedPart } from '../buffer/buffer.js';
import type { ClickHouse } from '../schema/clickhouse.js';
import type { RefusedRow } from './dead-letters.js';
import { OWN_ROWS_FROM } from './events-table.js';
import { classify } from './failure.js';
import { PLAIN_INSERT } from './insert-statement.js';
import { joinLines, rowHead } from './members.js';

/** Rows of one probe: what a bad one costs is reading at most these. */
const PROBE_ROWS = 2000;

/** A bad row of a part. */
export interface Culprit {
  /** 0-based over the joined members. */
  row: number;
  code: number;
  error: string;
}

/**
 * Finds the other bad rows behind the first without storing anything, so that a part full of them costs a few small
 * requests each instead of one INSERT of the whole part. What it misses the next INSERT names.
 * @param rows 0-based rows over the joined members, ascending, to be asked about
 */
export const findCulprits = async (
  clickhouse: ClickHouse,
  probeSql: string,
  lines: readonly Uint8Array[],
  rows: readonly number[],
): Promise<Culprit[]> => {
  const found: Culprit[] = [];
  for (let first = 0; first < rows.length;) {
    const asked = rows.slice(first, first + PROBE_ROWS);
    try {
      await clickhouse.insert(probeSql, joinLines(asked.map((row) => lines[row]!)), {
        settings: PLAIN_INSERT,
      });
      first += asked.length;
    } catch (error) {
      const failure = classify(error);
      const row = failure.kind === 'poison' && failure.row !== null ? asked[failure.row] : undefined;
      if (failure.kind !== 'poison' || row === undefined) return found;
      found.push({ row, code: failure.code, error: failure.message });
      first += failure.row! + 1;
    }
  }
  return found;
};

/**
 * The site of an unreadable row is what the manifest counts more of than the readable rows explain.
 * @returns site id, 0 when the manifest does not tell
 */
export const siteOfUnreadable = (
  part: SealedPart,
  lines: readonly Uint8Array[],
  taken: Map<number, number>,
): number => {
  const cut = new Set(part.cut);
  const seen = new Map<number, number>(taken);
  lines.forEach((line, row) => {
    const head = cut.has(row) ? null : rowHead(line);
    if (head && head.seq < OWN_ROWS_FROM) seen.set(head.site, (seen.get(head.site) ?? 0) + 1);
  });
  const missing = Object.entries(part.sites).find(([site, n]) => n > (seen.get(Number(site)) ?? 0));
  return missing ? Number(missing[0]) : 0;
};

/** Culprits as dead letters, and how many events of which site they are. */
export const refusedRows = (
  part: SealedPart,
  lines: readonly Uint8Array[],
  culprits: readonly Culprit[],
  reason: RefusedRow['reason'],
): { rows: RefusedRow[]; sites: Map<number, number> } => {
  const sites = new Map<number, number>();
  const unreadable = new Map<number, number>();
  const rows = culprits.map(({ row, code, error }): RefusedRow => {
    const raw = lines[row]!;
    const head = rowHead(raw);
    const side = part.lane.table === 'events' ? '' : `@${part.lane.table}`;
    let site = head?.site ?? 0;
    if (side === '' && head === null) {
      site = siteOfUnreadable(part, lines, unreadable);
      unreadable.set(site, (unreadable.get(site) ?? 0) + 1);
    }
    if (side === '' && (head?.seq ?? 0) < OWN_ROWS_FROM) sites.set(site, (sites.get(site) ?? 0) + 1);
    return {
      batch: part.batch,
      row,
      site,
      stream: head?.stream ?? '',
      seq: head?.seq ?? 0,
      visitor: side === '' ? (head?.visitor ?? '0') : '0',
      type: side === '' ? (head?.type ?? '') : side,
      code,
      reason,
      error,
      raw,
    };
  });
  return { rows, sites };
};
