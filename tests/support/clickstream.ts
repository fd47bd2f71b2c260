import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One line of the shop's log. */
export interface ShopEvent {
  /** Epoch ms, whole seconds. */
  at: number;
  kind: 'view' | 'cart' | 'purchase';
  /** Empty when the shop does not know it. */
  brand: string;
  priceCents: number;
  user: string;
  /** UUID. */
  session: string;
}

const FILE = new URL('../data/clickstream_rees46_2019-10-01.csv.gz', import.meta.url);

/** All lines, in the order of the file. */
export const readClickstream = (): ShopEvent[] =>
  gunzipSync(readFileSync(FILE))
    .toString()
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [time, kind, , , , brand, price, user, session] = line.split(',') as string[];
      return {
        at: Date.parse(time!.replace(' UTC', 'Z').replace(' ', 'T')),
        kind: kind as ShopEvent['kind'],
        brand: brand!,
        priceCents: Math.round(Number(price) * 100),
        user: user!,
        session: session!,
      };
    });
