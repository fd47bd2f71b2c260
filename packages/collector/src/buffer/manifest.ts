import { parseLane, type Sealed, type SealedPart } from './buffer.js';
import { StaleFence } from '../errors.js';

/** What `seal` needs to know of a waiting member. */
export interface Entry {
  id: string;
  lane: string;
  rows: number;
  /** Events per site id. */
  sites: Record<string, number>;
  days: number;
}

/** A manifest of 10,000 ids is 200 kB of JSON; more would slow every revision. */
export const MEMBERS_MAX = 10_000;

const add = (into: Record<string, number>, more: Record<string, number>): void => {
  for (const [site, count] of Object.entries(more)) into[site] = (into[site] ?? 0) + count;
};

/**
 * Splits a range by lane: one part = one INSERT = one month.
 * @param batch the next batch number, called once a part   @param doubt true for ids whose rows ClickHouse may hold
 */
export const sealRange = (
  shard: number,
  entries: readonly Entry[],
  batch: () => string,
  doubt: (id: string) => boolean = () => false,
): Sealed => {
  const parts = new Map<string, SealedPart>();
  for (const entry of entries) {
    const doubted = doubt(entry.id) && entry.lane.startsWith('events:') && !entry.lane.endsWith(':doubt');
    const lane = doubted ? `${entry.lane}:doubt` : entry.lane;
    let part = parts.get(lane);
    if (!part) {
      part = {
        batch: batch(),
        lane: parseLane(lane),
        members: [],
        rows: 0,
        attempt: 0,
        cut: [],
        accepted: {},
        sites: {},
        known: {},
        days: 0,
      };
      parts.set(lane, part);
    }
    part.members.push(entry.id);
    part.rows += entry.rows;
    part.days |= entry.days;
    add(part.accepted, entry.sites);
    add(part.sites, entry.sites);
  }
  return { shard, first: entries[0]!.id, last: entries.at(-1)!.id, parts: [...parts.values()] };
};

/** Sum of one count over all parts. */
export const totals = (sealed: Sealed, of: 'accepted' | 'known'): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const part of sealed.parts) add(sum, part[of]);
  return sum;
};

/** Lanes may change (an open range can fall into doubt), and a part may be divided into two over the same members. */
const members = (sealed: Sealed): string =>
  [...new Set(sealed.parts.flatMap((part) => part.members))].sort().join(' ');

/** Text that names a range and its batches; a commit must name the manifest it closes. */
export const rangeName = ({ first, last, parts }: Sealed): string =>
  [first, last, ...parts.map(({ batch }) => batch)].join(' ');

/** @throws {StaleFence} when `sealed` is not the open range, whole */
export const expectSameRange = (open: Sealed | null, sealed: Sealed): void => {
  if (
    !open ||
    open.first !== sealed.first ||
    open.last !== sealed.last ||
    members(open) !== members(sealed)
  ) {
    throw new StaleFence(`range ${sealed.first}…${sealed.last} is not the open one`);
  }
};

/**
 * A batch number: seal second << 32 | source. Unique over all shards of one Redis (`shard`) and over all hosts' disks
 * (`host`, 20 random bits kept in the environment); the counter keeps those of one second apart.
 */
export const batchNumber = (
  second: number,
  source: { shard: number } | { host: number },
  counter: number,
): string => {
  const low =
    'shard' in source
      ? source.shard * 2 ** 23 + (counter % 2 ** 23)
      : 2 ** 31 + source.host * 2 ** 11 + (counter % 2 ** 11);
  return ((BigInt(second) << 32n) | BigInt(low)).toString();
};
