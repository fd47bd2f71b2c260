import { gzipSync } from 'node:zlib';
import type { Unit } from '../buffer/buffer.js';
import { OWN_ROWS_FROM } from './events-table.js';
import { joinLines, rowHead } from './members.js';

/** A dead letter on its way back. */
export interface ReplayedRow {
  id: string;
  site: number;
  type: string;
  /** Base64. */
  raw: string;
}

export interface Replay {
  units: Unit[];
  /** Letters that are in the units. */
  ids: string[];
}

interface Month {
  days: number;
  lines: Uint8Array[];
  sites: Map<number, number>;
}

/** `2026-11-25 04:00:00.000`, as the edge writes it. @returns month `YYYYMM` and day bit, or null */
const dateOf = (line: Uint8Array): { month: string; day: number } | null => {
  const match = /"ts":\s*"(\d{4})-(\d{2})-(\d{2}) /.exec(Buffer.from(line).toString('latin1'));
  const day = Number(match?.[3]);
  return match && day >= 1 && day <= 31 ? { month: `${match[1]}${match[2]}`, day: 1 << (day - 1) } : null;
};

/**
 * Builds units in doubt lanes, one a month, without identities: the rows were acknowledged before, so the duplicate
 * bits would refuse them, and a former replay may have stored them. Lines without stream and time stay dead letters.
 * Pure.
 */
export const replayUnits = (rows: readonly ReplayedRow[]): Replay => {
  const months = new Map<string, Month>();
  const ids: string[] = [];
  for (const { id, site, type, raw } of rows) {
    const line = Buffer.from(raw, 'base64');
    const head = type.startsWith('@') ? null : rowHead(line);
    const date = dateOf(line);
    if (!head || !date || head.stream === '') continue;
    const month: Month = months.get(date.month) ?? {
      days: 0,
      lines: [],
      sites: new Map(),
    };
    months.set(date.month, month);
    ids.push(id);
    month.days |= date.day;
    month.lines.push(line);
    if (head.seq < OWN_ROWS_FROM) month.sites.set(site, (month.sites.get(site) ?? 0) + 1);
  }
  const units = [...months].map(([month, { days, lines, sites }]) => ({
    lane: { table: 'events' as const, month, doubt: true },
    member: gzipSync(joinLines(lines), { level: 1 }),
    rows: lines.length,
    identities: [],
    sites,
    days,
  }));
  return { units, ids };
};
