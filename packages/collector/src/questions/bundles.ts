import { Type } from '@sinclair/typebox';
import { associationLift, probit } from '../statistics/index.js';
import { EstimateSchema, insufficient, type Estimate } from './estimate.js';

/** Fewest sessions that chose both. */
export const FEWEST_TOGETHER = 10;
const SHOWN = 25;
/** What is known of prices before any is seen: the same as for the whole house. */
const PRIOR = { mean: -1.5, sd: 1 };
/** Its quantiles at every 1/400 between 0 and 1: nearly always the gain falls with them, and its own are then exact. */
const SHARES = 400;
const ELASTICITIES = Float64Array.from({ length: SHARES - 1 }, (_, i) =>
  Math.min(0, PRIOR.mean + PRIOR.sd * probit((i + 1) / SHARES)),
);

/** Line of the view `option_pairs`. */
export interface PairRow {
  x: string;
  y: string;
  n: number;
  cx: number;
  cy: number;
  baskets: number;
}

export const BundleSchema = Type.Object({
  options: Type.Array(Type.String(), { minItems: 2, maxItems: 2 }),
  n: Type.Number({ description: 'sessions that chose both' }),
  lift: EstimateSchema,
  price: Type.Union([Type.Number(), Type.Null()], { description: 'of both, one by one, in major units' }),
  gain: {
    ...EstimateSchema,
    description:
      'what the bundle price would have earned more in the range; the answer to prices is assumed (elasticity −1.5 ± 1), not measured',
  } as typeof EstimateSchema,
});

/**
 * What a discount on both would have changed: those who took both anyway pay less, some of those who took one take the
 * other, too. The share of theirs grows as demand does with constant elasticity.
 */
const gainOf = ({ n, cx, cy }: PairRow, prices: { x: number; y: number }, discount: number): Estimate => {
  const method = 'constant elasticity, assumed −1.5 ± 1';
  const cut = discount * (prices.x + prices.y);
  const given = n * cut;
  /** Of those who took one alone, a share takes the other, too: as many as did already, and more the less it costs. */
  const added = (alone: number, all: number, price: number): ((elasticity: number) => number) => {
    // a discount of more than the second option's own price makes it free, not paid for
    const cheaper = Math.max(price - cut, 0.05 * price) / price;
    return (elasticity) =>
      Math.min(alone, all * Math.min(1, (n / all) * cheaper ** elasticity) - n) * (price - cut);
  };
  const [withX, withY] = [added(cx - n, cx, prices.y), added(cy - n, cy, prices.x)];
  const gains = ELASTICITIES.map((elasticity) => withX(elasticity) + withY(elasticity) - given).sort();
  const [lo, value, hi] = [0.025, 0.5, 0.975].map((level) => gains[Math.round(level * SHARES) - 1]!) as [
    number,
    number,
    number,
  ];
  return { value, lo, hi, n, method, quality: 'low_n' };
};

/** Pairs that are surely chosen together more often than by chance, by the lower bound of their lift. */
export const bundlesOf = (
  pairs: readonly PairRow[],
  surcharges: ReadonlyMap<string, number>,
  discount: number,
) =>
  pairs
    // two options of one group are a change of mind, not a bundle
    .filter(({ x, y, n }) => n >= FEWEST_TOGETHER && x.split('/')[0] !== y.split('/')[0])
    .map((pair) => ({
      pair,
      lift: associationLift({ n: pair.n, nX: pair.cx, nY: pair.cy, baskets: pair.baskets }),
    }))
    .filter(({ lift }) => lift.lo > 1)
    .sort((p, q) => q.lift.lo - p.lift.lo)
    .slice(0, SHOWN)
    .map(({ pair, lift: { value, lo, hi } }) => {
      const [x, y] = [surcharges.get(pair.x), surcharges.get(pair.y)];
      const known = x !== undefined && y !== undefined;
      return {
        options: [pair.x, pair.y],
        n: pair.n,
        lift: {
          value,
          lo,
          hi,
          n: pair.n,
          method: 'gamma-poisson',
          quality: pair.n < 30 ? ('low_n' as const) : ('ok' as const),
        },
        price: known ? x + y : null,
        gain: known
          ? gainOf(pair, { x, y }, discount)
          : insufficient(pair.n, 'no surcharge of these options was seen'),
      };
    });
