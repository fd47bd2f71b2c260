import { gzipSync } from 'node:zlib';
import type { Unit } from '../../../src/buffer/buffer.js';

/** What a test says about a row; the rest is a harmless event. */
export interface RowWish {
  stream?: string;
  seq?: number;
  site?: number;
  /** Epoch ms. */
  ts?: number;
  type?: string;
  /** Columns as they are written, also wrong ones. */
  more?: Record<string, unknown>;
}

export const aStream = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

const stamp = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

export const rowJson = ({
  stream = aStream(1),
  seq = 0,
  site = 1,
  ts = Date.now(),
  type = 'click',
  more = {},
}: RowWish): string =>
  JSON.stringify({
    site_id: site,
    ts: stamp(ts),
    received: stamp(ts).slice(0, 19),
    stream,
    seq,
    type,
    visitor: '17',
    ...more,
  });

/** A unit of the wished rows, in one lane: the month of the first row. */
export const aUnit = (
  wishes: readonly RowWish[],
  options: { doubt?: boolean; raw?: readonly string[] } = {},
): Unit => {
  const first = stamp(wishes[0]?.ts ?? Date.now());
  const sites = new Map<number, number>();
  let days = 0;
  for (const { site = 1, seq = 0, ts = Date.now() } of wishes) {
    if (seq < 983_040) sites.set(site, (sites.get(site) ?? 0) + 1);
    days |= 1 << (Number(stamp(ts).slice(8, 10)) - 1);
  }
  const lines = options.raw ?? wishes.map(rowJson);
  return {
    lane: { table: 'events', month: first.slice(0, 4) + first.slice(5, 7), doubt: options.doubt ?? false },
    member: gzipSync(lines.map((line) => `${line}\n`).join(''), { level: 1 }),
    rows: wishes.length,
    identities: wishes.map(({ stream = aStream(1), seq = 0 }) => ({ stream, seq })),
    sites,
    days,
  };
};

/** `n` rows of one stream, seq 0…n−1 from `from`. */
export const aRun = (stream: number, n: number, from = 0, wish: RowWish = {}): RowWish[] =>
  Array.from({ length: n }, (_, i) => ({ ...wish, stream: aStream(stream), seq: from + i }));
