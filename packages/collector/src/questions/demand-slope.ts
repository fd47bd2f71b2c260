import { groupedLogit } from '../statistics/index.js';

/** How many saw a price, and how many went on; by what else tells them apart. */
export interface DemandCell {
  /** Mean price of the cell, major units. */
  price: number;
  /** Band of prices it belongs to. */
  priceFrom: number;
  n: number;
  k: number;
  channel: string;
  device: string;
  /** Had been here before. */
  returning: boolean;
}

/** A value of a control that fewer have is one of "the others". */
const FEWEST_OF_A_KIND = 30;
/** Weak: a factor of ten between prices may still move a logit by 20. */
const SLOPE_SD = 10;
/** No channel or device multiplies odds by more than a hundred or so. */
const CONTROL_SD = 2.5;

/** Values of a control that get a column of 0 and 1: every one but the most common. */
const valuesOf = (cells: readonly DemandCell[], of: (cell: DemandCell) => string): string[] => {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(of(cell), (counts.get(of(cell)) ?? 0) + cell.n);
  return [...counts]
    .filter(([, n]) => n >= FEWEST_OF_A_KIND)
    .sort(([, p], [, q]) => q - p)
    .map(([value]) => value)
    .slice(1);
};

/**
 * Elasticity of the share that goes on: slope of its logit on ln(price) × (1 − mean share), with channel, device and
 * returning held fixed, because dear houses are built by other people than cheap ones.
 * @returns slope and its variance, widened by what the line does not explain; null below three bands of prices
 */
export const demandSlope = (
  cells: readonly DemandCell[],
): { slope: number; variance: number; share: number; n: number } | null => {
  const used = cells.filter(({ price, n }) => price > 0 && n > 0);
  if (new Set(used.map(({ priceFrom }) => priceFrom)).size < 3) return null;
  const n = used.reduce((sum, cell) => sum + cell.n, 0);
  // half a visitor on either side: where all go on, or none, (1 − share) would promise a slope without any error
  const share = (used.reduce((sum, cell) => sum + cell.k, 0) + 0.5) / (n + 1);
  const mean = used.reduce((sum, cell) => sum + cell.n * Math.log(cell.price), 0) / n;
  const channels = valuesOf(used, ({ channel }) => channel);
  const devices = valuesOf(used, ({ device }) => device);
  const returns = valuesOf(used, ({ returning }) => String(returning));
  const width = 1 + channels.length + devices.length + returns.length;
  const rows = used.map(({ price, channel, device, returning }) => {
    const row = new Array<number>(width).fill(0);
    row[0] = Math.log(price) - mean;
    const mark = (place: number, before: number): void => {
      if (place >= 0) row[before + place] = 1;
    };
    mark(channels.indexOf(channel), 1);
    mark(devices.indexOf(device), 1 + channels.length);
    mark(returns.indexOf(String(returning)), 1 + channels.length + devices.length);
    return row;
  });
  const { coefficients, covariance, dispersion } = groupedLogit(rows, used, [
    SLOPE_SD,
    ...new Array<number>(width - 1).fill(CONTROL_SD),
  ]);
  return {
    slope: coefficients[1]! * (1 - share),
    variance: (1 - share) ** 2 * dispersion * covariance[1]![1]!,
    share,
    n,
  };
};
