import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SealedPart } from '../buffer/buffer.js';
import type { ClickHouse } from '../schema/clickhouse.js';
import type { RefusedRow } from './dead-letters.js';
import { OWN_ROWS_FROM } from './events-table.js';
import { classify } from './failure.js';
import { PLAIN_INSERT } from './insert-statement.js';
import { joinLines, rowHead } from './members.js';

/** Rows of one probe, where none was found lately: what a bad one costs is reading at most these. */
const PROBE_ROWS = 2000;
/** Where bad rows lie side by side a probe carries few: 5,000 of them are 5,000 probes, each of which was 1 MB before. */
const FEWEST_ROWS = 8;
/** Probes write nothing, so they are no INSERTs to be limited; most of one is waiting. */
const AT_A_TIME = 4;

/** A bad row of a part. */
export interface Culprit {
  /** 0-based over the joined members. */
  row: number;
  code: number;
  error: string;
}

/** ClickHouse's own code for data it cannot read. */
const INCORRECT_DATA = 117;
/** Intake may share this process: reading 50,000 rows at a stretch would hold its answers back. */
const BREATH_ROWS = 500;

/**
 * Lines that are no JSON. A text that does not end, or an object that ends too soon, shifts the row that ClickHouse names,
 * and may take a neighbour with it: they are cut before its word counts.
 * @param rows 0-based rows over the joined members
 */
export const findUnreadable = async (
  lines: readonly Uint8Array[],
  rows: readonly number[],
): Promise<Culprit[]> => {
  const found: Culprit[] = [];
  for (const [n, row] of rows.entries()) {
    if (n % BREATH_ROWS === BREATH_ROWS - 1) await nextTurn();
    try {
      JSON.parse(Buffer.from(lines[row]!).toString());
    } catch (error) {
      found.push({ row, code: INCORRECT_DATA, error: `no JSON: ${(error as Error).message}` });
    }
  }
  return found;
};

type Ask = (rows: readonly number[]) => Promise<void>;

/**
 * A probe carries twice as many rows as the last bad one was away, and four times as many after one that was fine. Where
 * the message names no row, fewer and fewer are asked about until one is left.
 */
const findAmong = async (rows: readonly number[], ask: Ask): Promise<Culprit[]> => {
  const found: Culprit[] = [];
  let most = FEWEST_ROWS;
  for (let first = 0; first < rows.length;) {
    const asked = rows.slice(first, first + most);
    try {
      await ask(asked);
      first += asked.length;
      most = Math.min(PROBE_ROWS, most * 4);
    } catch (error) {
      const failure = classify(error);
      if (failure.kind !== 'poison') return found;
      const place = failure.row ?? (asked.length === 1 ? 0 : null);
      if (place === null) {
        most = asked.length >> 1;
        continue;
      }
      const row = asked[place];
      if (row === undefined) return found;
      found.push({ row, code: failure.code, error: failure.message });
      first += place + 1;
      most = Math.min(PROBE_ROWS, Math.max(FEWEST_ROWS, 2 * (place + 1)));
    }
  }
  return found;
};

/**
 * Finds bad rows without storing anything, so that a part full of them costs a small request each instead of one INSERT
 * of the whole part. What it misses the next INSERT names.
 * @param rows 0-based rows over the joined members, ascending, to be asked about
 */
export const findCulprits = async (
  clickhouse: ClickHouse,
  probeSql: string,
  lines: readonly Uint8Array[],
  rows: readonly number[],
): Promise<Culprit[]> => {
  const ask: Ask = (asked) =>
    clickhouse.insert(probeSql, joinLines(asked.map((row) => lines[row]!)), { settings: PLAIN_INSERT });
  const share = Math.ceil(rows.length / AT_A_TIME);
  const shares = Array.from({ length: AT_A_TIME }, (_, n) => rows.slice(n * share, (n + 1) * share));
  return (await Promise.all(shares.map((some) => findAmong(some, ask)))).flat();
};

/** Events of the rows that are left and can be read, by site. */
const countReadable = (part: SealedPart, lines: readonly Uint8Array[]): Map<number, number> => {
  const cut = new Set(part.cut);
  const sites = new Map<number, number>();
  lines.forEach((line, row) => {
    const head = cut.has(row) ? null : rowHead(line);
    if (head && head.seq < OWN_ROWS_FROM) sites.set(head.site, (sites.get(head.site) ?? 0) + 1);
  });
  return sites;
};

/**
 * Answers one unreadable row after the other with its site: what the manifest counts more of than the readable rows, and
 * the unreadable ones before, explain; 0 when the manifest does not tell. Every line is read once, however many ask.
 */
const sitesOfUnreadable = (part: SealedPart, lines: readonly Uint8Array[]): (() => number) => {
  let explained: Map<number, number> | null = null;
  return () => {
    explained ??= countReadable(part, lines);
    for (const [site, n] of Object.entries(part.sites)) {
      const known = explained.get(Number(site)) ?? 0;
      if (n <= known) continue;
      explained.set(Number(site), known + 1);
      return Number(site);
    }
    return 0;
  };
};

/** Culprits as dead letters, and how many events of which site they are. */
export const refusedRows = (
  part: SealedPart,
  lines: readonly Uint8Array[],
  culprits: readonly Culprit[],
  reason: RefusedRow['reason'],
): { rows: RefusedRow[]; sites: Map<number, number> } => {
  const sites = new Map<number, number>();
  const nextSite = sitesOfUnreadable(part, lines);
  const rows = culprits.map(({ row, code, error }): RefusedRow => {
    const raw = lines[row]!;
    const head = rowHead(raw);
    const side = part.lane.table === 'events' ? '' : `@${part.lane.table}`;
    let site = head?.site ?? 0;
    if (side === '' && head === null) site = nextSite();
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
