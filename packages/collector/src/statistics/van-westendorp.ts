import { ascending } from './numbers.js';
import { checkEnough, checkNumbers } from './errors.js';

interface Answer {
  tooCheap: number;
  cheap: number;
  expensive: number;
  tooExpensive: number;
}

type Curve = (price: number) => number;

/** Share of the answers at or below a price. */
const atMost = (values: readonly number[]): Curve => {
  const sorted = ascending(values);
  return (price) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! <= price) low = middle + 1;
      else high = middle;
    }
    return low / sorted.length;
  };
};

const not =
  (curve: Curve): Curve =>
  (price) =>
    1 - curve(price);

/** First price where the falling curve meets the rising one, straight between the prices that were named. */
const crossing = (prices: readonly number[], falling: Curve, rising: Curve): number => {
  const gap = (price: number): number => rising(price) - falling(price);
  const index = prices.findIndex((price) => gap(price) >= 0);
  if (index <= 0) return prices[Math.max(0, index)]!;
  const left = prices[index - 1]!;
  const right = prices[index]!;
  return left + ((right - left) * -gap(left)) / (gap(right) - gap(left));
};

/**
 * The four price points of a price sensitivity meter.
 * @param answers per person; answers that fall where they should rise are left out, as the method's users do
 * @returns `lower` too cheap × not cheap, `optimal` too cheap × too expensive, `indifference` cheap × expensive,
 *          `upper` not expensive × too expensive
 * @throws {StatisticsError} `TOO_FEW` without a consistent answer; `BAD_SHAPE`
 * Source: van Westendorp (1976); curves as in the R package pricesensitivitymeter (falling = 1 − ecdf)
 */
export const vanWestendorp = (
  answers: readonly Answer[],
): { lower: number; optimal: number; indifference: number; upper: number } => {
  for (const { tooCheap, cheap, expensive, tooExpensive } of answers)
    checkNumbers([tooCheap, cheap, expensive, tooExpensive], 'answer');
  const valid = answers.filter(
    (a) => a.tooCheap <= a.cheap && a.cheap <= a.expensive && a.expensive <= a.tooExpensive,
  );
  checkEnough(valid.length, 1, 'consistent answers');
  const tooCheap = valid.map((answer) => answer.tooCheap);
  const cheap = valid.map((answer) => answer.cheap);
  const expensive = valid.map((answer) => answer.expensive);
  const tooExpensive = valid.map((answer) => answer.tooExpensive);
  const prices = ascending([...new Set([...tooCheap, ...cheap, ...expensive, ...tooExpensive])]);
  const meet = (falling: Curve, rising: Curve): number => crossing(prices, falling, rising);
  return {
    lower: meet(not(atMost(tooCheap)), atMost(cheap)),
    optimal: meet(not(atMost(tooCheap)), atMost(tooExpensive)),
    indifference: meet(not(atMost(cheap)), atMost(expensive)),
    upper: meet(not(atMost(expensive)), atMost(tooExpensive)),
  };
};
