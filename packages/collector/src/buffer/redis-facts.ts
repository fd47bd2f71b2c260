import type { Sealed } from './buffer.js';
import type { Entry } from './manifest.js';

/** Redis answers in Buffers and numbers. */
export const text = (value: unknown): string => String(value);

const parseId = (id: string): [number, number] => {
  const [ms, sequence] = id.split('-') as [string, string];
  return [Number(ms), Number(sequence)];
};

/** Ids grow by the millisecond, then by a sequence; this is the next one. */
export const successor = (id: string): string => {
  const [ms, sequence] = parseId(id);
  return `${ms}-${sequence + 1}`;
};

/** @param mark last id in doubt; `+` = all, `-` = none */
export const doubtUpTo = (mark: string): ((id: string) => boolean) => {
  if (mark === '+' || mark === '-') return () => mark === '+';
  const [ms, sequence] = parseId(mark);
  return (id) => {
    const [ownMs, ownSequence] = parseId(id);
    return ownMs < ms || (ownMs === ms && ownSequence <= sequence);
  };
};

/** An open range whose rows ClickHouse may hold by now: the flush asks first. */
export const doubted = (open: Sealed): Sealed => ({
  ...open,
  parts: open.parts.map((part) =>
    part.lane.table === 'events' ? { ...part, lane: { ...part.lane, doubt: true } } : part,
  ),
});

/** Flat facts of `peek`: id, lane, rows, days, sites, bytes. */
export const parseFacts = (facts: readonly unknown[]): { entries: Entry[]; rows: number; bytes: number } => {
  const entries: Entry[] = [];
  let rows = 0;
  let bytes = 0;
  for (let at = 0; at < facts.length; at += 6) {
    const [id, lane, count, days, sites, size] = facts.slice(at, at + 6);
    rows += Number(text(count));
    bytes += size as number;
    entries.push({
      id: text(id),
      lane: text(lane),
      rows: Number(text(count)),
      days: Number(text(days)),
      sites: JSON.parse(text(sites)) as Record<string, number>,
    });
  }
  return { entries, rows, bytes };
};
