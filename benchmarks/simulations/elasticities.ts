import { randomFrom, shrunkElasticities, type Random } from '@lintel/collector/statistics';
import { demandSlope, type DemandCell } from '../../packages/collector/src/questions/demand-slope.js';

const OPTIONS = 12;
const WEEKS = 8;
/** Mean of those who see the price in a week. */
const PER_WEEK = 40;
/** Share that goes on at the usual price. */
const SHARE = 0.2;
const USUAL = 10_000;
/** What a price may be for a week. */
const LEVELS = [0.88, 0.94, 1, 1.06, 1.12];
const MEAN = -1.6;

/** Weeks of one option: how many saw its price, how many went on. */
const weeksOf = (random: Random, elasticity: number): DemandCell[] =>
  Array.from({ length: WEEKS }, (_, week): DemandCell => {
    const level = LEVELS[week % LEVELS.length]!;
    const odds = (SHARE / (1 - SHARE)) * level ** (elasticity / (1 - SHARE));
    const n = random.poisson(PER_WEEK);
    let k = 0;
    for (let i = 0; i < n; i++) if (random.uniform() < odds / (1 + odds)) k++;
    return {
      price: level * USUAL,
      priceFrom: level * USUAL,
      n,
      k,
      channel: 'search',
      device: 'desktop',
      returning: false,
    };
  });

export interface ElasticityScore {
  own: number;
  pooled: number;
  shrunk: number;
  /** Share of the true slopes in the 95 % intervals. */
  coverage: number;
}

/** RMSE of the slopes of twelve options. @param spread sd of the true slopes around −1.6 */
export const estimateElasticities = ({
  spread,
  repeats,
  seed,
}: {
  spread: number;
  repeats: number;
  seed: number;
}): ElasticityScore => {
  const random = randomFrom(seed);
  const square = { own: 0, pooled: 0, shrunk: 0 };
  let covered = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const truth = Array.from({ length: OPTIONS }, () => MEAN + spread * random.normal());
    const slopes = truth.map((elasticity, i) => ({
      key: String(i),
      ...demandSlope(weeksOf(random, elasticity))!,
    }));
    const weight = slopes.reduce((sum, { variance }) => sum + 1 / variance, 0);
    const pooled = slopes.reduce((sum, { slope, variance }) => sum + slope / variance, 0) / weight;
    const { groups } = shrunkElasticities(slopes);
    truth.forEach((slope, i) => {
      square.own += (slopes[i]!.slope - slope) ** 2;
      square.pooled += (pooled - slope) ** 2;
      square.shrunk += (groups[i]!.value - slope) ** 2;
      if (slope >= groups[i]!.lo && slope <= groups[i]!.hi) covered++;
    });
  }
  const n = repeats * OPTIONS;
  return {
    own: Math.sqrt(square.own / n),
    pooled: Math.sqrt(square.pooled / n),
    shrunk: Math.sqrt(square.shrunk / n),
    coverage: covered / n,
  };
};
