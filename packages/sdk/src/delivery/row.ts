import type { Dropped, Level } from '../types.js';
import type { Page } from '@lintel/protocol/types';

/**
 * Key of a log row. IndexedDB orders arrays, so a plain read meets rank 0 first and then the oldest, and the limits
 * can be kept by reading keys alone. `salt` makes the key of each content unique: deleting by key never deletes what
 * another tab wrote or packed meanwhile.
 */
export type RowKey = readonly [
  rank: number,
  at: number,
  salt: number,
  count: number,
  bytes: number,
  stream: string,
];

/** Some events of one stream, one session and one rank. */
export interface Row {
  k: RowKey;
  /** Session the events were born in; '' while it is not known yet. */
  i: string;
  /** `{…},{…}` as text, or as one gzip member. */
  t: string | Uint8Array<ArrayBuffer>;
  /** Format of the row. */
  v: number;
}

/** A page instance at one level, as the log remembers it: whoever drains it can send for it. */
export interface StreamRecord {
  id: string;
  key: string;
  url: string;
  level: Level;
  visitor: string | null;
  session: string | null;
  page: Page;
  /** Given up before numbering; running totals, written by the stream's own page. */
  own: Dropped;
  /** Given up after numbering; running totals, written by whoever drains. */
  lost: Dropped;
  /** How many events it had; present when it is over. */
  count?: number;
  /** Has losses nobody told the collector yet. */
  news?: boolean;
}

/** With consent nothing is sent before the visitor is known: it would count as somebody else's. */
export const isIdentified = ({ level, visitor }: StreamRecord): boolean =>
  level === 'none' || visitor !== null;

export const keysIn = (rows: ReadonlyMap<string, Row>): RowKey[] => [...rows.values()].map(({ k }) => k);
export const rowName = ({ k }: Row): string => k.join();
/** Sum of one part of the keys: 3 counts events, 4 bytes. */
export const total = (keys: readonly RowKey[], part: 3 | 4): number =>
  keys.reduce((sum, key) => sum + key[part], 0);
