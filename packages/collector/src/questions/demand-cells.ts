import type { DemandCell } from './demand-slope.js';
import { rateEstimate, type Estimate } from './estimate.js';

/** Line of the view `price_demand`. */
export interface DemandRow {
  key: string;
  price_from: number;
  price: number;
  channel: string;
  device: string;
  returning: number | boolean;
  n: number;
  k: number;
}

export const cellOf = ({ price, price_from, channel, device, returning, n, k }: DemandRow): DemandCell => ({
  price,
  priceFrom: price_from,
  channel,
  device,
  returning: Boolean(returning),
  n,
  k,
});

/** Share that asked by band of the price of the house, lowest first, whoever they were. */
export const curveOf = (cells: readonly DemandCell[]) => {
  const bands = new Map<number, { n: number; k: number }>();
  for (const { priceFrom, n, k } of cells) {
    const band = bands.get(priceFrom) ?? { n: 0, k: 0 };
    bands.set(priceFrom, { n: band.n + n, k: band.k + k });
  }
  return [...bands]
    .sort(([p], [q]) => p - q)
    .map(([priceFrom, { n, k }]) => ({ band: `${priceFrom}+`, priceFrom, rate: rateEstimate(k, n) }));
};

/** Share that left after a jump of the price, up or down, the most frequent jump first. */
export const shockOf = (rows: readonly DemandRow[]) => {
  const jumps = new Map<string, { option: string; jumpFrom: number; n: number; k: number }>();
  for (const { key, price_from, n, k } of rows) {
    if (key === 'all') continue;
    const name = `${price_from} ${key}`;
    const jump = jumps.get(name) ?? { option: key, jumpFrom: price_from, n: 0, k: 0 };
    jumps.set(name, jump);
    jump.n += n;
    jump.k += n - k;
  }
  // most jumps are rare, and have the same few counts
  const known = new Map<string, Estimate>();
  const leavesOf = (k: number, n: number): Estimate => {
    const key = `${k}/${n}`;
    const leaves = known.get(key) ?? rateEstimate(k, n, undefined, 'jeffreys, price jumps');
    known.set(key, leaves);
    return { ...leaves };
  };
  return [...jumps.values()]
    .sort(
      (p, q) => q.n - p.n || (p.option < q.option ? -1 : p.option > q.option ? 1 : p.jumpFrom - q.jumpFrom),
    )
    .map(({ option, jumpFrom, n, k }) => ({ option, jumpFrom, leaves: leavesOf(k, n) }));
};
